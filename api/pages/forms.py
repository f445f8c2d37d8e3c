"""Forms that people send from our own pages, and from nowhere else."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from api.dependencies import HttpRequest
from core.errors import BadRequest, Forbidden, TooLarge, UnsupportedMedia
from core.settings import Settings
from core.wire import clean

_MOST_BYTES = 8 * 1024
_MOST_FIELDS = 20
_TYPE = "application/x-www-form-urlencoded"


class ForeignForm(Forbidden):
    """This form was not sent from our own page."""

    slug = "foreign-form"


async def read(request: HttpRequest, settings: Settings, *, lines: int = 0) -> Mapping[str, str]:
    """The fields of a form, each once; `lines` is how many more than usual there may be.

    Refuses ForeignForm, UnsupportedMedia, TooLarge, BadRequest.
    """
    check_sender(request.headers, settings)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise UnsupportedMedia(f"Send {_TYPE}.", expected=_TYPE)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise TooLarge(f"At most {_MOST_BYTES} bytes.", limit=_MOST_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS + lines
        )
        fields = {clean(name): clean(value) for name, value in pairs}
    except ValueError:
        raise BadRequest("This form cannot be read.") from None
    if len(fields) != len(pairs):
        raise BadRequest("A field comes twice.")
    return fields


def check_fields(fields: Mapping[str, str]) -> None:
    """Refuses BadRequest where there are more fields than the form of one product has."""
    if len(fields) > _MOST_FIELDS:
        raise BadRequest("This form cannot be read.")


def check_sender(headers: Mapping[str, str], settings: Settings) -> None:
    """Refuses ForeignForm where the browser says that another site sent this.

    Browsers that say nothing at all are let in: they are old, and the form's own nonce is needed anyway.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        # `same-site` is a neighbour below the same domain: not us.
        if site not in ("same-origin", "none"):
            raise ForeignForm
        return
    origin = headers.get("origin")
    if origin is None:
        return
    home = urlsplit(settings.public_url)
    # Whatever somebody may write there is compared and never parsed: an address can be broken.
    if origin != f"{home.scheme}://{home.netloc}" and origin.partition("://")[2] != headers.get("host"):
        raise ForeignForm

"""Forms with files, as programs send them: read before the handler, so that a broken one is refused like any body."""

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler

from core.errors import BadRequest, TooLarge

_TOO_MUCH = "Request Entity Too Large"


async def readable(connection: ASGIConnection[object, object, object, State], _: BaseRouteHandler) -> None:
    """A guard: the framework keeps the form that is read here for its handler.

    Refuses BadRequest for text that is not in the encoding it claims, which the framework lets pass, and for a repeated
    field; TooLarge for too many parts or a part's headers that are too long, which it calls a bad request.
    """
    assert isinstance(connection, Request)
    try:
        form = await connection.form()
    except (UnicodeDecodeError, LookupError):
        detail = "A field of the form is not text in the encoding that it claims. A file needs a `filename`."
        raise BadRequest(detail) from None
    except ClientException as error:
        if error.detail == _TOO_MUCH:
            most = connection.app.multipart_form_part_limit
            raise TooLarge(f"A form has at most {most} parts, with short headers.", limit=most) from None
        raise
    names = [name for name, _ in form.multi_items()]
    for name in names:
        if names.count(name) > 1:
            await form.close()  # The framework closes the files of fields that come once.
            raise BadRequest("A field of the form comes more than once.", field=name)

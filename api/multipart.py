"""Forms with files, as programs send them: read before the handler, so that a broken one is refused like any body."""

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler

from core.errors import BadRequest, TooLarge

_TOO_MUCH = "Request Entity Too Large"


async def readable(connection: ASGIConnection[object, object, object, State], _: BaseRouteHandler) -> None:
    """A guard: the framework keeps the form that is read here for its handler.

    Refuses BadRequest for text that is not in the encoding it claims, and TooLarge for too many parts or a part's
    headers that are too long: the framework lets the first pass as what they are, and calls the second a bad request.
    """
    assert isinstance(connection, Request)
    try:
        await connection.form()
    except (UnicodeDecodeError, LookupError):
        raise BadRequest("A field of the form is not text in the encoding that it claims.") from None
    except ClientException as error:
        if error.detail == _TOO_MUCH:
            most = connection.app.multipart_form_part_limit
            raise TooLarge(f"A form has at most {most} parts, with short headers.", limit=most) from None
        raise

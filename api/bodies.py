"""JSON bodies as the document describes them."""

import functools

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from core.wire import In


async def as_documented(connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler) -> None:
    """Refuses a body that only looks like what the document says: Litestar converts `"1"` to 1 and `1` to a time."""
    content = connection.scope["state"].get("json")
    field = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    if not content or field is None:
        return
    kind = field.annotation
    if not (isinstance(kind, type) and issubclass(kind, In)):
        return
    try:
        _decoder(kind).decode(content)
    except msgspec.DecodeError as error:
        raise ClientException(str(error)) from None


@functools.cache
def _decoder(kind: type[In]) -> msgspec.json.Decoder[In]:
    return msgspec.json.Decoder(kind)

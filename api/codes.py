"""QR codes over HTTP: bytes with their validator, and how the document describes them."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from litestar import Response
from litestar.openapi.spec import OpenAPIMediaType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter

from api import etags
from social.links import qr
from social.links.qr import Kind

_TYPES: dict[Kind, str] = {"svg": "image/svg+xml", "png": "image/png"}
_KEPT = "private, max-age=3600"

CodeKind: TypeAlias = Annotated[Kind, QueryParameter(name="format", description="The type of the file.")]
CodeSize: TypeAlias = Annotated[
    int, QueryParameter(ge=qr.SMALLEST, le=qr.LARGEST, description="Pixels a side; a PNG has whole pixels a module.")
]


@dataclass
class CodeOperation(Operation):
    """Documents the two types of file."""

    def __post_init__(self) -> None:
        """Replace what the framework makes of bytes."""
        picture = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        for status, response in (self.responses or {}).items():
            if status == "200" and hasattr(response, "content"):
                response.content = dict.fromkeys(sorted(_TYPES.values()), picture)
                response.description = "The code as a picture."


def answer(content: bytes, kind: Kind, if_none_match: bytes | None) -> Response[bytes]:
    """The picture, or 304 where the client has it."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": _KEPT}
    if etags.matches(if_none_match, etag.encode()):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=_TYPES[kind], headers=headers)

"""The pages' stylesheets, script, font and icon: read once from the package, named by their content, kept for ever."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from core.errors import NotFound

FOLDER = Path(__file__).parent / "assets"
# The font is Playfair Display's Latin part at weight 600, renamed as its licence asks.
_KINDS = {
    "display.woff2": "font/woff2",
    "gallery.css": "text/css",
    "icon.svg": "image/svg+xml",
    "page.js": "text/javascript",
    "reference.css": "text/css",
    "style.css": "text/css",
}
_FOR_EVER = "public, max-age=31536000, immutable"


def _style(text: bytes) -> bytes:
    """The same rules without comments and without space that means nothing; no string of ours holds such signs."""
    text = re.sub(rb"\s+", b" ", re.sub(rb"/\*.*?\*/", b"", text, flags=re.DOTALL))
    return re.sub(rb" ?([{};]) ?|([:,]) ", rb"\1\2", text).strip()


def _script(text: bytes) -> bytes:
    """The same lines without those that are comments and without their indent; no string of ours spans two lines."""
    lines = (line.strip() for line in text.splitlines())
    return b"\n".join(line for line in lines if line and not line.startswith(b"//"))


_SMALLER: Mapping[str, Callable[[bytes], bytes]] = {"text/css": _style, "text/javascript": _script}


class File(msgspec.Struct, frozen=True):
    """One file as it is served."""

    name: str
    media_type: str
    content: bytes

    @property
    def path(self) -> str:
        """Its address below the public one."""
        return f"/static/{self.name}"


@cache
def _files() -> dict[str, File]:
    """Every file by its plain name. The stylesheet comes last: it holds the addresses of the others."""
    found: dict[str, File] = {}
    for plain, media_type in _KINDS.items():
        content = (FOLDER / plain).read_bytes()
        content = _SMALLER.get(media_type, bytes)(content)
        for other, file in found.items():
            content = content.replace(f"/static/{other}".encode(), file.path.encode())
        stem, _, extension = plain.partition(".")
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[plain] = File(f"{stem}-{digest}.{extension}", media_type, content)
    return found


@cache
def _by_name() -> dict[str, File]:
    return {file.name: file for file in _files().values()}


def path(plain: str) -> str:
    """Where a file is served, such as `/static/style-0123456789ab.css` for `style.css`."""
    return _files()[plain].path


@get("/static/{name:str}", operation_id="getStaticFile", opt={"scope": PUBLIC}, include_in_schema=False)
async def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the fixed files; no other name leads anywhere."""
    file = _by_name().get(name)
    if file is None:
        raise NotFound("There is no such file.")
    headers = {"cache-control": _FOR_EVER, "access-control-allow-origin": "*"}
    return Response(file.content, media_type=file.media_type, headers=headers)

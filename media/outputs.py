"""File types that visuals come in. Networks get JPEG; the others are for pages of one's own."""

from typing import Final, Literal

Output = Literal["jpeg", "webp", "avif", "png"]

EXTENSIONS: Final[dict[Output, str]] = {"jpeg": "jpg", "webp": "webp", "avif": "avif", "png": "png"}

"""Fonts of shops on the wire."""

from datetime import datetime

import msgspec

from core.wire import Out
from media.models import ShopFont


class FontOut(Out, kw_only=True, frozen=True):
    """A font that the shop has brought. Its bytes are drawn with and given to nobody.

    `name` is what it calls itself. Weights are those that it can be drawn in, `scripts` those whose common letters it
    has; the house's fonts step in for others. `restricted`: its maker forbids embedding without leave.
    """

    id: str
    name: str
    lightest: int
    boldest: int
    scripts: list[str]
    restricted: bool
    bytes: int
    sha256: str
    archived_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: ShopFont) -> "FontOut":
        """The font without its file."""
        return msgspec.convert(row, cls, from_attributes=True)

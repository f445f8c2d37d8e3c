"""Pages in memory: what was rendered of the same facts is not rendered again.

A page is found again by everything that its template reads and by nothing less, so it cannot be out of date: prices,
stock and texts come from the database for each visitor, and what differs in a sign is another page. What is one
visitor's own, such as the nonce, is a mark in those facts and is put in afterwards, so that visitors share a page.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeAlias

import msgspec
from markupsafe import escape

MOST_BYTES = 4 * 2**20
"""All pages together. The facts by which they are found take about as much again."""
LARGEST = 2**17
"""A longer page is rendered each time."""
# Nobody outside of this process knows them: no text of anybody's holds one.
NONCE, CLICK, SOURCE = (f"{name}{secrets.token_hex(16)}" for name in ("nonce", "click", "source"))
# A parameter of an address, with its value: it stands for all those that tell where a visitor comes from.
SIGN, SAID = f"utm_{secrets.token_hex(16)}", "1"
TRAIL = f"{SIGN}={SAID}"
_ANY = re.compile(f"({'|'.join((NONCE, CLICK, SOURCE, TRAIL))})")
Parts: TypeAlias = tuple[bytes | str, ...]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a page for one visitor alone; `trail` is as it is written in addresses."""

    nonce: str = ""
    click: str = ""
    source: str = ""
    trail: str = ""

    def filled(self, parts: Parts) -> bytes:
        """The page with these texts, escaped, at their marks."""
        texts = {NONCE: self.nonce, CLICK: self.click, SOURCE: self.source, TRAIL: self.trail}
        return b"".join(part if isinstance(part, bytes) else escape(texts[part]).encode() for part in parts)


class Pages:
    """The pages that were asked for last, cut where a visitor's own texts go: at the odd places stand marks."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Parts] = OrderedDict()

    def page(self, facts: Hashable, render: Callable[[], str]) -> Parts:
        """The page of these facts, with marks where a visitor's own texts go; `render` where it is not known."""
        parts = self._kept.get(facts)
        if parts is None:
            parts = tuple(part if place % 2 else part.encode() for place, part in enumerate(_ANY.split(render())))
            self._keep(facts, parts)
        else:
            self._kept.move_to_end(facts)
        return parts

    def _keep(self, facts: Hashable, parts: Parts) -> None:
        size = sum(map(len, parts))
        if size > LARGEST:
            return
        self._kept[facts] = parts
        self._bytes += size
        while self._bytes > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= sum(map(len, oldest))

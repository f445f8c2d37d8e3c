"""Pictures from the web: only from public addresses, each hop looked at anew, and not for long (`core.outbound`)."""

import asyncio
from urllib.parse import urldefrag, urljoin

from core import clock
from core.outbound import Outbound, Reply, Unreachable
from media.errors import ImageNotFetched, ImageTooLarge, PicturesBusy

SECONDS = 10.0
MAX_HOPS = 3
AT_ONCE = 4
_WAITING = 12
_MOVED = frozenset((301, 302, 303, 307, 308))
_WHAT = "A picture has to be at a public https address, three redirects away at most, and to come in ten seconds."
_HEADERS = {"User-Agent": "Vitrine", "Accept": "image/avif,image/webp,image/*"}


class Fetcher:
    """Fetches `AT_ONCE` pictures at a time; a few more wait, and others are asked to come back."""

    def __init__(self, outbound: Outbound, most: int, *, seconds: float = SECONDS) -> None:
        """Of a picture at most `most` bytes come in; all hops together may last so many seconds."""
        self._outbound = outbound
        self._most = most
        self._seconds = seconds
        self._room = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def fetch(self, url: str) -> bytes:
        """What lies at a public https address: at most `MAX_HOPS` redirects away, each of them as public.

        Refuses ForbiddenAddress where the text of the address says enough, ImageTooLarge, PicturesBusy, and for all
        else that may be wrong with it ImageNotFetched.
        """
        self._outbound.check(url)
        if self._inside >= AT_ONCE + _WAITING:
            raise PicturesBusy("Many pictures are being fetched.", retry_after=5)
        self._inside += 1
        try:
            async with self._room:
                content = await self._follow(url)
        finally:
            self._inside -= 1
        if len(content) > self._most:
            raise ImageTooLarge(f"A picture has at most {self._most} bytes.", maximum=self._most)
        return content

    async def _follow(self, url: str) -> bytes:
        end = clock.monotonic() + self._seconds
        for _ in range(MAX_HOPS + 1):
            reply = await self._ask(url, end - clock.monotonic())
            if reply.status == 200 and reply.body:
                return reply.body
            if reply.status not in _MOVED or not reply.location:
                break
            url = urldefrag(_next(url, reply.location)).url
        raise ImageNotFetched(_WHAT)

    async def _ask(self, url: str, patience: float) -> Reply:
        try:
            return await self._outbound.get(url, _HEADERS, keep=self._most + 1, patience=patience)
        except Unreachable:
            raise ImageNotFetched(_WHAT) from None


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise ImageNotFetched(_WHAT) from None

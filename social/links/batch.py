"""Hits of one turn of the event loop in one system call; none of them is answered before it.

The more taps there are, the less each costs: a system call has its price, and what follows each other is warm.
"""

import asyncio

from social.links.spool import Hit, Spool


class Batch:
    """What is written to a spool when the running turn of the loop is over."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._hits: list[Hit] = []
        self._waiting: list[asyncio.Future[None]] = []

    def write(self, hit: Hit) -> asyncio.Future[None]:
        """Done once the hit is in the file or had to be dropped. Each has its own: who gives up stops nobody else."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._flush)
        written: asyncio.Future[None] = loop.create_future()
        self._hits.append(hit)
        self._waiting.append(written)
        return written

    def _flush(self) -> None:
        hits, waiting = self._hits, self._waiting
        self._hits, self._waiting = [], []
        try:
            self._spool.extend(hits)
        finally:  # Whatever happens, people get where they want to go.
            for each in waiting:
                if not each.done():
                    each.set_result(None)

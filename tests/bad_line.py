"""A TCP line to a server that can be made bad: what is between us and S3 on a bad day."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Mood = Literal["good", "slow", "reset", "silent", "torn"]
_SLOW_SECONDS = 0.4
_TORN_BYTES = 1500


class BadLine:
    """good: everything passes. slow: answers come later. reset: hung up at once. silent: nothing ever comes back.
    torn: hung up in the middle of an answer.
    """

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._host, self._port = parts.hostname, parts.port
        self.mood: Mood = "good"
        self.address = ""
        self._open: set[asyncio.StreamWriter] = set()

    async def carry(self, down: asyncio.StreamReader, up: asyncio.StreamWriter) -> None:
        """One connection from a client."""
        self._open.add(up)
        try:
            if self.mood == "reset":
                _hang_up(up)
                return
            reader, writer = await asyncio.open_connection(self._host, self._port)
            self._open.add(writer)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._forth(down, writer))
                    both.create_task(self._back(reader, up))
            finally:
                self._open.discard(writer)
                writer.close()
        except* (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(up)
            up.close()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while piece := await reader.read(65536):
            if self.mood == "silent":
                continue
            if self.mood == "torn" and passed + len(piece) > _TORN_BYTES:
                writer.write(piece[: _TORN_BYTES - passed])
                await writer.drain()
                _hang_up(writer)
                return
            passed += len(piece)
            if self.mood == "slow":
                asyncio.get_running_loop().call_later(_SLOW_SECONDS, writer.write, piece)
            else:
                writer.write(piece)
                await writer.drain()
        if self.mood == "good":
            writer.close()

    def hang_up(self) -> None:
        """End every connection there is."""
        for each in list(self._open):
            _hang_up(each)


def _hang_up(writer: asyncio.StreamWriter) -> None:
    """RST, not FIN."""
    found = writer.get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def bad_line(server: str) -> AsyncIterator[BadLine]:
    """A line to `http://host:port`, good at first; `address` is where it begins."""
    line = BadLine(server)
    listening = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        listening.close()
        line.hang_up()
        await listening.wait_closed()

"""A merchant's program on this machine: it remembers what came, and answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import msgspec

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Message(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, object]:
        """What the event says."""
        data: dict[str, object] = msgspec.json.decode(self.body)["data"]
        return data


Answer = Callable[[Message, asyncio.StreamWriter], "bytes | None"]


def status(code: int, headers: str = "", body: str = "") -> bytes:
    """An answer with this status."""
    return f"HTTP/1.1 {code} So\r\n{headers}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


class Receiver:
    """`answers` are given in turn, the last one for ever: bytes, None to hang until `released`, or b"drip"."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers) or [OK]
        self.got: list[Message] = []
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks?from=vitrine"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")[:-2]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.got.append(Message(first.split(" ")[1], headers, body))
            self.arrived.set()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == b"drip":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
                while not self.released.is_set() and not writer.is_closing():
                    writer.write(b".")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            elif answer is None:
                await self.released.wait()
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Receiver"]:
        """Inside this block it answers."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.scheme = "https" if tls else "http"
        try:
            yield self
        finally:
            self.released.set()
            server.close()
            await server.wait_closed()

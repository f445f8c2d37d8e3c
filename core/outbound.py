"""Requests to addresses that strangers chose: they reach the internet, and never the inside of our network.

The address is parsed by one parser and written in one way; its name is resolved at each request; every answer of the
resolver has to be public, however it is wrapped in IPv6; and the connection goes to exactly the address that was
looked at, so that a second answer of the resolver (DNS rebinding) changes nothing. The certificate is checked against
the name. Proxies of the environment are not used, redirects not followed.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import ClassVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from core.errors import Invalid

PATIENCE_SECONDS = 5.0
PORTS = frozenset((443, 8443))
_CLEAN = re.compile(r"[!-~]{1,2000}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# What a resolver may read as a number, if the last label looks like this (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that mean this machine or this network wherever they are asked for (RFC 6761, RFC 6762, RFC 9476, ICANN 2024).
_INSIDE = frozenset(("localhost", "local", "internal", "localdomain", "home", "lan", "corp", "arpa", "alt", "onion"))
# Python counts these as global: protocol assignments and the relays of 6to4 (RFC 6890, RFC 7526).
_NOT_FOR_US = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv4Network("0.0.0.0/8"))
_UNICAST = IPv6Network("2000::/3")
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637; Python 3.11 counts it as global.
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
_RESOLVERS = 32
_ENOUGH_ADDRESSES = 2

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class ForbiddenAddress(Invalid):
    """This address may not be called from here.

    Only https to a public host, on port 443 or 8443: without user or password, and no number in disguise.
    """

    slug = "forbidden-address"


class Unreachable(Exception):
    """Nobody answered at an address; `reason` is one word of `REASONS`."""

    REASONS: ClassVar[tuple[str, ...]] = ("forbidden", "unresolved", "refused", "tls", "timeout", "protocol")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Target(msgspec.Struct, frozen=True):
    """An address as we understand it; `host` is a name in lower case, or a literal without brackets."""

    scheme: str
    host: str
    port: int


class Reply(msgspec.Struct, frozen=True):
    """What came back: the status, the beginning of the body, how long to wait (seconds) and where else to look.

    The last two are what the answer says of them, or nothing; `location` is nobody's address yet that may be called.
    """

    status: int
    body: bytes
    retry_after: int | None
    location: str = ""


def target(url: str, *, loopback: bool = False) -> Target:
    """Whom an address names; refuses ForbiddenAddress. `loopback` lets plain http, any port and this machine pass."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ForbiddenAddress("This is no address.") from None
    if not _CLEAN.fullmatch(url) or "\\" in url or "@" in parts.netloc or parts.fragment:
        raise ForbiddenAddress("Leave user, fragment, backslashes and what is not ASCII out.")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise ForbiddenAddress("Use https.", scheme=parts.scheme[:20])
    port = port if port is not None else {"https": 443, "http": 80}[parts.scheme]
    if not 0 < port < 65536 or (port not in PORTS and not loopback):
        raise ForbiddenAddress("Use port 443 or 8443.", port=port)
    if literal := _literal(host, bracketed="[" in parts.netloc):
        if not is_public(literal, loopback=loopback):
            raise ForbiddenAddress("This host is not on the internet.", host=host[:100])
    elif not _is_name(host) and not (loopback and host == "localhost"):
        raise ForbiddenAddress("Write the host as a full name, or as an address in its usual form.", host=host[:100])
    return Target(parts.scheme, host, port)


def _literal(host: str, *, bracketed: bool) -> Address | None:
    """The address that a host spells out in the one usual way: `127.1`, `0x7f000001` and `2130706433` are none."""
    with suppress(ValueError):
        found = ip_address(host)
        if "%" not in host and bracketed == (found.version == 6):
            return found
    return None


def _is_name(host: str) -> bool:
    labels = host.split(".")
    return (
        len(host) <= 253
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not _NUMBER.fullmatch(labels[-1])
        and labels[-1] not in _INSIDE
    )


def _is_given_out(address: IPv6Address) -> bool:
    return address.is_global and address in _UNICAST and address not in _DOCUMENTATION


def is_public(address: Address, *, loopback: bool = False) -> bool:
    """Whether an address lies on the internet, and so does every IPv4 address inside of it.

    IPv6 carries IPv4 as mapped, NAT64, 6to4, Teredo (server and client) and ISATAP addresses. With `loopback` this
    machine is public too.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped, loopback=loopback)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(each) for each in _carried(address)):
            return False
        return (loopback and address.is_loopback) or (_is_given_out(address))
    if loopback and address.is_loopback:
        return True
    return address.is_global and not address.is_multicast and not any(address in each for each in _NOT_FOR_US)


def _carried(address: IPv6Address) -> list[IPv4Address]:
    found = [address.sixtofour] if address.sixtofour else []
    found += address.teredo or ()
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return found


@cache
def authorities() -> ssl.SSLContext:
    """The authorities that this system trusts, read once for the whole process (20 ms)."""
    return httpx2.create_ssl_context(trust_env=False)


class Outbound:
    """Calls addresses of strangers. One for each process; `close` gives its threads back."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        patience: float = PATIENCE_SECONDS,
        resolver: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Everything together may last `patience` seconds. `loopback` lets this machine be called, for development.

        `resolver` finds the addresses of a name and `trust` knows the authorities: the system's and the usual ones.
        """
        self._loopback = loopback
        self._patience = patience
        # Names of a stranger may be answered slowly: they get threads of their own, or they would starve the rest.
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolver")
        self._resolve = resolver or self._system
        self._trust = trust or authorities()

    async def close(self) -> None:
        """Wait for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def check(self, url: str) -> None:
        """Refuses ForbiddenAddress, as far as the text of an address tells; its name is not resolved."""
        target(url, loopback=self._loopback)

    async def post(self, url: str, content: bytes, headers: dict[str, str], *, keep: int) -> Reply:
        """POST to a stranger, and keep `keep` bytes of the answer: no more is read.

        Raises Unreachable.
        """
        return await self._ask("POST", url, content, headers, keep)

    async def get(self, url: str, headers: dict[str, str], *, keep: int, patience: float | None = None) -> Reply:
        """GET from a stranger, and keep `keep` bytes of the answer: no more is read.

        `patience` in seconds, where it is not the usual one. Raises Unreachable.
        """
        return await self._ask("GET", url, b"", headers, keep, patience)

    async def _ask(
        self, method: str, url: str, content: bytes, headers: dict[str, str], keep: int, patience: float | None = None
    ) -> Reply:
        seconds = self._patience if patience is None else patience
        try:
            async with asyncio.timeout(seconds), self._answer(method, url, content, headers) as answer:
                body, location = await _beginning(answer, keep), answer.headers.get("location", "")
                return Reply(answer.status_code, body, _retry_after(answer), location)
        except ForbiddenAddress:
            raise Unreachable("forbidden") from None
        except (TimeoutError, httpx2.TimeoutException):
            raise Unreachable("timeout") from None
        except httpx2.ConnectError as error:
            raise Unreachable("tls" if _is_tls(error) else "refused") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
            raise Unreachable("protocol") from None

    async def addresses(self, whom: Target) -> list[Address]:
        """Where a target is now. Raises Unreachable where one of its addresses is not public, or there is none."""
        if literal := _literal(whom.host, bracketed=":" in whom.host):
            found = [literal]
        else:
            try:
                found = [ip_address(each) for each in await self._resolve(whom.host, whom.port)]
            except (OSError, ValueError):
                found = []
        if not found:
            raise Unreachable("unresolved")
        if not all(is_public(each, loopback=self._loopback) for each in found):
            raise Unreachable("forbidden")
        return found[:_ENOUGH_ADDRESSES]

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, content: bytes, headers: dict[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        whom = target(url, loopback=self._loopback)
        found = await self.addresses(whom)
        # A connection belongs to one request: kept open, it could serve another name behind the same address.
        limits = httpx2.Limits(max_connections=1, max_keepalive_connections=0)
        async with httpx2.AsyncHTTPTransport(verify=self._trust, trust_env=False, limits=limits) as transport:
            for number, address in enumerate(found, 1):
                request = _request(method, url, whom, address, content, headers)
                try:
                    answer = await transport.handle_async_request(request)
                except httpx2.ConnectError as error:
                    if number == len(found) or _is_tls(error):
                        raise
                    continue
                try:
                    yield answer
                finally:
                    await answer.aclose()
                return

    async def _system(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(str(each[4][0]) for each in found))


def _look_up(host: str, port: int) -> Sequence[tuple[object, object, object, object, tuple[object, ...]]]:
    # The dot at the end keeps the search domains of this machine out.
    return socket.getaddrinfo(host if host == "localhost" else f"{host}.", port, type=socket.SOCK_STREAM)


def _request(
    method: str, url: str, whom: Target, address: Address, content: bytes, headers: dict[str, str]
) -> httpx2.Request:
    """The request to this very address, with the name where the receiver and its certificate want it."""
    literal = f"[{address}]" if address.version == 6 else str(address)
    name = f"[{whom.host}]" if ":" in whom.host else whom.host
    usual = whom.port == {"https": 443, "http": 80}[whom.scheme]
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpx2.Request(
        method,
        f"{whom.scheme}://{literal}:{whom.port}{path}",
        content=content,
        headers={**headers, "Host": name if usual else f"{name}:{whom.port}", "Accept-Encoding": "identity"},
        extensions={"sni_hostname": whom.host},
    )


async def _beginning(answer: httpx2.Response, keep: int) -> bytes:
    found = bytearray()
    async for part in answer.aiter_raw():
        found += part
        if len(found) >= keep:
            break
    return bytes(found[:keep])


def _retry_after(answer: httpx2.Response) -> int | None:
    text = answer.headers.get("retry-after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False

"""Who is really asking, where a reverse proxy stands in front.

X-Forwarded-For is anybody's to write: it counts only as far as proxies that we know have written it, from the right.
The Host and the scheme of a request are never taken from a header: addresses are made from `VITRINE_PUBLIC_URL`.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api import asgi

_HOPS = 20


def behind(app: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """The application, told the visitor's address by these proxies (networks in CIDR notation); itself without any."""
    return Behind(app, [ip_network(each) for each in proxies]) if proxies else app


class Behind:
    """Puts the visitor's address into the scope."""

    def __init__(self, app: ASGIApp, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._proxies = proxies
        self._knows = lru_cache(maxsize=4096)(self._is_proxy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["client"] is not None:
            scope["client"] = (self._visitor(scope, scope["client"][0]), scope["client"][1])
        await self._app(scope, receive, send)

    def _visitor(self, scope: HTTPScope, peer: str) -> str:
        """The last address on the way here that no proxy of ours has."""
        if not self._knows(peer):
            return peer
        way = (asgi.header(scope, b"x-forwarded-for") or b"").decode("latin-1").split(",")
        for address in reversed(way[-_HOPS:]):
            try:
                known = str(ip_address(address.strip()))
            except ValueError:  # Nobody of ours writes that, and nothing left of it can be believed.
                break
            peer = known
            if not self._knows(known):
                break
        return peer

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)

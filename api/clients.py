"""Who is really asking, where a reverse proxy may stand in front.

X-Forwarded-For is anybody's to write: it counts only as far as proxies that we know have written it, from the right.
The Host and the scheme of a request are never taken from a header: addresses are made from `VITRINE_PUBLIC_URL`.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from litestar.types import HTTPScope

from api import asgi

_HOPS = 20
_HOUSEHOLD = 64


def address(scope: HTTPScope) -> str:
    """The visitor's address, proxies of ours looked through (`Application` does that first of all); `""` if unknown."""
    client = scope["client"]
    return client[0] if client is not None else ""


def household(scope: HTTPScope) -> str:
    """What may be counted as one: an IPv4 address, or the /64 network of an IPv6 address, all of which one has."""
    return _household(address(scope))


@lru_cache(maxsize=8192)
def _household(text: str) -> str:
    try:
        found = ip_address(text)
    except ValueError:
        return text
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(ip_network((found.packed, _HOUSEHOLD), strict=False))
        found = found.ipv4_mapped
    return str(found)


class Proxies:
    """The proxies that we know: networks in CIDR notation."""

    def __init__(self, networks: Sequence[str], country_header: str = "") -> None:
        """`country_header` is by which they say where a visitor is."""
        self._networks = [ip_network(each) for each in networks]
        self._country = country_header.lower().encode()
        self._knows = lru_cache(maxsize=4096)(self._is_ours)

    def look_through(self, scope: HTTPScope) -> None:
        """Put the visitor's address into the scope in place of the last proxy's, and believe nobody else's country."""
        if not self._networks:
            return
        client = scope["client"]
        if client is not None and self._knows(client[0]):
            scope["client"] = (self._visitor(scope, client[0]), client[1])
        elif self._country:
            scope["headers"] = [each for each in scope["headers"] if each[0].lower() != self._country]

    def _visitor(self, scope: HTTPScope, peer: str) -> str:
        """The last address on the way here that no proxy of ours has, from a proxy of ours on."""
        way = (asgi.header(scope, b"x-forwarded-for") or b"").decode("latin-1").split(",")
        for each in reversed(way[-_HOPS:]):
            try:
                known = str(ip_address(each.strip()))
            except ValueError:  # Nobody of ours writes that, and nothing left of it can be believed.
                break
            peer = known
            if not self._knows(known):
                break
        return peer

    def _is_ours(self, text: str) -> bool:
        try:
            found = ip_address(text)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

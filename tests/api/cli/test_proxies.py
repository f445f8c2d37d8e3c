"""Behind a reverse proxy, the visitor is whom the proxy says, and never whom the visitor says."""

import pytest
from litestar.types import Receive, Scope, Send

from api.running.proxies import behind

PROXIES = ("127.0.0.1/32", "10.0.0.0/8")


async def visitor(peer: str, forwarded: bytes | None, proxies: tuple[str, ...] = PROXIES) -> str:
    """Who the application believes is asking."""
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        assert scope["client"] is not None
        seen.append(scope["client"][0])

    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded)]
    scope = {"type": "http", "client": (peer, 5), "headers": headers}
    await behind(app, proxies)(scope, None, None)  # type: ignore[arg-type]  # The little of a scope that counts here.
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("127.0.0.1", b"203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", b"203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", b"198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", b"2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", b"203.0.113.7, nonsense", "127.0.0.1"),
        ("127.0.0.1", b"", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("203.0.113.9", b"198.51.100.1", "203.0.113.9"),
    ],
    ids=["one proxy", "two proxies", "a forged start", "IPv6", "nonsense", "empty", "none", "a stranger's header"],
)
async def test_the_header_counts_as_far_as_our_proxies_wrote_it(peer: str, forwarded: bytes | None, found: str) -> None:
    assert await visitor(peer, forwarded) == found


async def test_without_known_proxies_the_header_is_not_read() -> None:
    assert await visitor("127.0.0.1", b"203.0.113.7", proxies=()) == "127.0.0.1"

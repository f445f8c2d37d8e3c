"""Behind a reverse proxy, the visitor is whom the proxy says, and never whom the visitor says."""

import pytest
from litestar.types import HTTPScope

from api import clients

PROXIES = ("127.0.0.1/32", "10.0.0.0/8")


def visitor(peer: str, forwarded: bytes | None, proxies: tuple[str, ...] = PROXIES) -> str:
    """Who the application believes is asking."""
    scope = asked(peer, forwarded)
    clients.Proxies(proxies).look_through(scope)
    return clients.address(scope)


def asked(peer: str, forwarded: bytes | None = None) -> HTTPScope:
    """The little of a request that counts here."""
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded)]
    return {"type": "http", "client": (peer, 5), "headers": headers}  # type: ignore[typeddict-item]  # The rest is absent.


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
def test_the_header_counts_as_far_as_our_proxies_wrote_it(peer: str, forwarded: bytes | None, found: str) -> None:
    assert visitor(peer, forwarded) == found


def test_without_known_proxies_the_header_is_not_read() -> None:
    assert visitor("127.0.0.1", b"203.0.113.7", proxies=()) == "127.0.0.1"


def test_who_has_a_network_of_its_own_counts_as_one() -> None:
    same = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")
    assert len({clients.household(asked(each)) for each in same}) == 1
    others = ("2001:db8:1:3::1", "203.0.113.7", "203.0.113.8", "::ffff:203.0.113.7", "")
    assert [clients.household(asked(each)) for each in others] == [
        "2001:db8:1:3::/64", "203.0.113.7", "203.0.113.8", "203.0.113.7", "",
    ]  # fmt: skip

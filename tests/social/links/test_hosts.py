"""Other sites that links lead to: only those that show the shop's proof, and only as long as they are on its list."""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, jobs, shops
from core.db import Database
from core.jobs import Resources
from core.outbound import ForbiddenAddress, Outbound
from core.settings import Settings
from core.shops import Shop
from social.links import hosts, links
from social.links.compiled import LinkCache
from social.links.errors import BadLinkAddress, HostNotVerified, LinkHostNotFound, LinkHostTaken, TooManyLinkHosts
from social.links.models import LinkHost
from social.links.schemas import LinkChange
from social.links.terms import LinkDestination, LinkRule, LinkVariant
from tests.core.webhooks.receiver import Receiver, status
from tests.social.links.conftest import MakeLink

Verified = Callable[..., Awaitable[LinkHost]]
TRICKS = """
http://shop.example/ https://user@shop.example/ https://shop.example@evil.example/ https://shop.example\\@evil.example/
https://shop.example#@evil.example/ //shop.example/ https:shop.example https:/shop.example https:///shop.example/
https://SHOP.example/ https://shop.example:/ https://shop.example:0443/ https://shop%2eexample/ https://shop.example%00/
https://[::1]/ https://shop.example/# https://shop.example/<b> https://shop.example/"x https://shop.example/%zz
https://shop.example?a=%0 javascript:alert(1) data:text/html,x https://localhost/ https://.example/ https://shop.example./
https://bücher.example/ https://shop.example\\.evil.example/
""".split()


@pytest.fixture
def verified(db: Database) -> Verified:
    """Puts a host on a shop's list as if it had shown its proof."""

    async def verify(shop: Shop, host: str = "shop.example") -> LinkHost:
        async with db.transaction() as session:
            found = await hosts.create(session, shop, host, Outbound())
            found.verified_at = clock.now()
            return found

    return verify


@pytest.fixture
def outbound() -> Outbound:
    """Calls this machine too."""
    return Outbound(loopback=True, patience=5)


@pytest.mark.parametrize(
    "trick",
    [
        *TRICKS,
        "https://shop.example/ x",
        "https://shop.example/\r\nSet-Cookie: x",
        "https://shop.example/\n",
        "https://shop.example/\u202e",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_none(trick: str) -> None:
    with pytest.raises(BadLinkAddress):
        hosts.host_of(trick)


@given(
    st.text(alphabet="abAB019-._~:/?#[]@!$&'()*+,;=%\\ \n\x00é", max_size=40).map(lambda text: f"https://{text}"),
)
def test_an_address_is_of_the_host_that_stands_first_in_it(url: str) -> None:
    try:
        host = hosts.host_of(url)
    except BadLinkAddress:
        return
    rest = url.removeprefix(f"https://{host}")
    assert not rest or rest[0] in "/?"
    assert not set(url) & set("\\#@[] \n\x00é") or "@" in rest


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (status(200, body="other\n  {proof}  \nmore"), None),
        (status(200, body="x{proof}"), "no_proof"),
        (status(404, body="{proof}"), "status_404"),
        (status(302, "Location: /elsewhere\r\n", "{proof}"), "status_302"),
    ],
    ids=["shown", "inside a line", "not found", "forwarded"],
)
async def test_a_host_counts_once_it_shows_the_proof_itself(
    db: Database, shop: Shop, settings: Settings, outbound: Outbound, answer: bytes, failure: str | None
) -> None:
    receiver = Receiver()
    async with receiver.listening():
        async with db.transaction() as session:
            host = await hosts.create(session, shop, f"127.0.0.1:{receiver.port}", outbound)
        content = answer.partition(b"\r\n\r\n")[2].replace(b"{proof}", host.proof.encode())
        head = answer.partition(b"Content-Length")[0]
        receiver.answers = [head + f"Content-Length: {len(content)}\r\n\r\n".encode() + content]
        resources = Resources(db, settings.model_copy(update={"outbound_loopback": True}), outbound)
        await jobs.run_due(resources, clock.now())
    assert [message.path for message in receiver.got] == ["/.well-known/vitrine.txt"]
    async with db.read() as session:
        found = await hosts.get(session, shop, host.id)
        assert (found.failure, found.verified_at is not None) == (failure, failure is None)
        assert await hosts.verified(session, shop.id) == (frozenset() if failure else {host.host})


async def test_a_host_that_nobody_answers_at_says_why_and_what_was_proved_stays_proved(
    db: Database, shop: Shop, settings: Settings, outbound: Outbound, verified: Verified
) -> None:
    host = await verified(shop, "shop.invalid")
    await jobs.run_due(Resources(db, settings, outbound), clock.now())
    async with db.read() as session:
        found = await hosts.get(session, shop, host.id)
    assert (found.failure, found.verified_at is not None) == ("unresolved", True)


async def test_what_cannot_be_a_site_of_the_shops_is_refused(db: Database, shop: Shop, verified: Verified) -> None:
    await verified(shop)
    async with db.transaction() as session:
        with pytest.raises(LinkHostTaken):
            await hosts.create(session, shop, "shop.example", Outbound())
        for inside in ("127.0.0.1", "169.254.169.254", "printer.local", "shop.example:22"):
            with pytest.raises(ForbiddenAddress):
                await hosts.create(session, shop, inside, Outbound())
        for number in range(hosts.MOST - 1):
            await hosts.create(session, shop, f"a{number}.example", Outbound())
        with pytest.raises(TooManyLinkHosts):
            await hosts.create(session, shop, "more.example", Outbound())


async def test_a_link_leads_to_a_verified_host_of_its_own_shop_and_to_no_other(
    db: Database, shop: Shop, make_link: MakeLink, verified: Verified
) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "EUR")
        await hosts.create(session, shop, "waiting.example", Outbound())
    await verified(other)
    link = await make_link()
    outside = LinkDestination(target="external", url="https://shop.example/a")
    waiting = LinkDestination(target="external", url="https://waiting.example/a")
    for data in (
        LinkChange(target="external", target_url="https://shop.example/a"),
        LinkChange(rules=[LinkRule(devices=["phone"], to=outside)]),
        LinkChange(variants=[LinkVariant(weight=1, to=LinkDestination()), LinkVariant(weight=0, to=waiting)]),
    ):
        async with db.transaction() as session:
            with pytest.raises(HostNotVerified):
                await links.change(session, shop, link.id, data, None)
            await session.rollback()
    await verified(shop)
    async with db.transaction() as session:
        changed = await links.change(
            session, shop, link.id, LinkChange(target="external", target_url="https://shop.example/a?b=1"), None
        )
    assert changed.leaves
    with pytest.raises(LinkHostNotFound):
        async with db.transaction() as session:
            await hosts.remove(session, other, (await hosts.list_page(session, shop, 1, None))[0][0].id)


async def test_a_host_that_is_taken_off_the_list_is_led_to_no_more(
    db: Database, shop: Shop, make_link: MakeLink, verified: Verified
) -> None:
    seconds = [1000.0]
    cache = LinkCache(db, "https://links.example", seconds=lambda: seconds[0])
    host, link, plain = await verified(shop), await make_link(), await make_link()
    async with db.transaction() as session:
        data = LinkChange(target="external", target_url="https://shop.example")
        await links.change(session, shop, link.id, data, None)
    ready = await cache.load(link.slug)
    assert ready is not None
    assert (ready.before, ready.choices) == (b"https://shop.example/?sl=", None)
    async with db.transaction() as session:
        await hosts.remove(session, shop, host.id)
    assert cache.fresh(link.slug) is not None
    await cache.refresh()
    assert cache.fresh(link.slug) is None
    ready = await cache.load(link.slug)
    assert ready is not None
    assert ready.before == f"https://links.example/go/{link.slug}?sl=".encode()
    async with db.read() as session:
        assert (await links.get(session, shop, plain.id)).version == 1

"""Links with rules, arms and times as people in front of the real application meet them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import select

from api.app import Application, create_app
from catalog import products
from catalog.schemas import ProductCreate
from core import clock
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from social.links import links, token
from social.links.models import Click, Link
from social.links.schemas import LinkChange, LinkCreate
from social.links.terms import LinkDestination, LinkRule, LinkVariant
from tests.api.test_redirect import PHONE

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
async def link(db: Database, shop: Shop) -> Link:
    """A plain link."""
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase Lune"))
        return await links.create(session, shop, LinkCreate(product_id=product.id, network="instagram"))


async def _clicks(db: Database, app: Application) -> list[Click]:
    await app.redirect.folder.fold_now()
    async with db.read() as session:
        return list((await session.exec(select(Click).order_by("id"))).all())


async def test_a_tap_by_a_rule_leads_there_and_all_others_where_chance_says(
    visitor: httpx2.AsyncClient, app: Application, db: Database, shop: Shop, link: Link
) -> None:
    async with db.transaction() as session:
        other = await products.create(session, shop, ProductCreate(title="Vase Nuit"))
        to = LinkDestination(product_id=other.id)
        data = LinkChange(
            rules=[LinkRule(devices=["computer"], to=to)],
            variants=[LinkVariant(weight=0, to=LinkDestination()), LinkVariant(weight=1, to=to)],
        )
        await links.change(session, shop, link.id, data, None)
    taps = [await visitor.get(f"/l/{link.slug}", headers={"User-Agent": agent}) for agent in (PHONE, COMPUTER)]
    queries = [parse_qs(urlsplit(each.headers["location"]).query) for each in taps]
    assert [each["product"] for each in queries] == [[other.id], [other.id]]
    assert [each["utm_content"] for each in queries] == [[f"{link.id}-v2"], [link.id]]
    found = [token.read(app.services.vault, each["sl"][0], clock.now()) for each in queries]
    assert [each and each.variant for each in found] == [2, 0]
    assert [(each.device, each.variant) for each in await _clicks(db, app)] == [("phone", 2), ("computer", 0)]


async def test_a_link_is_open_in_its_time_says_so_before_and_leads_to_another_afterwards(
    visitor: httpx2.AsyncClient, db: Database, shop: Shop, link: Link
) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    found = []
    async with db.transaction() as session:
        vase = await products.create(session, shop, ProductCreate(title="Vase Nuit"))
    arms = [LinkVariant(weight=1, to=LinkDestination(product_id=vase.id))]
    for starts, ends in ((hour, 2 * hour), (-hour, hour), (-2 * hour, -hour)):
        async with db.transaction() as session:
            data = LinkCreate(
                product_id=link.product_id, starts_at=now + starts, ends_at=now + ends, ended="link",
                fallback_link_id=link.id, variants=arms,
            )  # fmt: skip
            made = await links.create(session, shop, data)
        place = urlsplit((await visitor.get(f"/l/{made.slug}", headers={"User-Agent": PHONE})).headers["location"])
        found.append((place.path == f"/go/{made.slug}", "product" in parse_qs(place.query)))
        assert place.path in (f"/go/{made.slug}", f"/go/{link.slug}")
    assert found == [(True, False), (True, True), (False, False)]


@pytest.mark.parametrize(
    ("header", "value", "peer", "leads_away"),
    [
        ("CF-IPCountry", "US", "127.0.0.1", True),
        ("cf-ipcountry", "us", "127.0.0.1", True),
        ("CF-IPCountry", "FR", "127.0.0.1", False),
        ("CF-IPCountry", "USA", "127.0.0.1", False),
        ("CF-IPCountry", "", "127.0.0.1", False),
        ("X-Country", "US", "127.0.0.1", False),
        ("CF-IPCountry", "US", "203.0.113.9", False),
    ],
)
async def test_a_country_counts_from_our_own_proxy_alone(
    settings: Settings, db: Database, shop: Shop, link: Link, header: str, value: str, peer: str, leads_away: bool
) -> None:
    async with db.transaction() as session:
        other = await products.create(session, shop, ProductCreate(title="Vase Nuit"))
        data = LinkChange(rules=[LinkRule(countries=["US"], to=LinkDestination(product_id=other.id))])
        await links.change(session, shop, link.id, data, None)
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.1/32",), "country_header": "CF-IPCountry"})
    application = create_app(behind)
    transport = httpx2.ASGITransport(app=application, client=(peer, 5))  # type: ignore[arg-type]  # Litestar types ASGI messages more narrowly.
    async with (
        application.litestar.lifespan(),
        httpx2.AsyncClient(transport=transport, base_url=settings.public_url) as client,
    ):
        tap = await client.get(f"/l/{link.slug}", headers={"User-Agent": PHONE, header: value})
    assert ("product=" in tap.headers["location"]) == leads_away


async def test_who_taps_again_gets_the_same_arm_unless_they_object(
    visitor: httpx2.AsyncClient, app: Application, db: Database, shop: Shop, link: Link
) -> None:
    arms = [LinkVariant(weight=1, to=LinkDestination()), LinkVariant(weight=1, to=LinkDestination())]
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(variants=arms), None)

    async def drawn(agent: str, **headers: str) -> int:
        answer = await visitor.get(f"/l/{link.slug}", headers={"User-Agent": agent} | headers)
        text = parse_qs(urlsplit(answer.headers["location"]).query)["sl"][0]
        click = token.read(app.services.vault, text, clock.now())
        assert click is not None
        return click.variant

    people = [COMPUTER.replace("145", str(version)) for version in range(100, 140)]
    first = [await drawn(each) for each in people]
    assert [await drawn(each) for each in people] == first
    assert set(first) == {1, 2}, "forty people"
    assert {await drawn(COMPUTER, **{"Sec-GPC": "1"}) for _ in range(40)} == {1, 2}, "nobody is known again"

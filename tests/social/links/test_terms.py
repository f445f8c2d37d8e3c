"""What a link may be told to do, what it refuses, and how it goes into memory."""

from datetime import timedelta

import pytest

from catalog import products, variants
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import shops
from core.db import Database
from core.shops import Shop
from social.links import links
from social.links.compiled import LinkCache
from social.links.errors import BadLinkTerms, UnknownLinkItem, VariantsAreFixed
from social.links.models import Link
from social.links.schemas import LinkChange, LinkCreate
from social.links.terms import LinkDestination, LinkItem, LinkRule, LinkVariant
from tests.social.links.conftest import NOON, NOW, MakeLink

TO = LinkDestination()
NOWHERE = LinkDestination(product_id="prod_01k00000000000000000000000")
OUTSIDE = LinkDestination(target="external")
PAY = LinkDestination(target="pay")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (LinkChange(starts_at=NOW, ends_at=NOW), BadLinkTerms),
        (LinkChange(ended="link"), BadLinkTerms),
        (LinkChange(fallback_link_id="link_01k00000000000000000000000"), BadLinkTerms),
        (LinkChange(ended="link", fallback_link_id="link_01k00000000000000000000000"), UnknownLinkItem),
        (LinkChange(target="external"), BadLinkTerms),
        (LinkChange(target_url="https://shop.example/"), BadLinkTerms),
        (LinkChange(target="pay"), BadLinkTerms),
        (LinkChange(target="product", target_url="https://shop.example/"), BadLinkTerms),
        (
            LinkChange(target="product", items=[LinkItem(variant_id="var_01k00000000000000000000000")]),
            BadLinkTerms,
        ),
        (LinkChange(rules=[LinkRule(to=TO)]), BadLinkTerms),
        (LinkChange(rules=[LinkRule(devices=["phone"], to=NOWHERE)]), UnknownLinkItem),
        (LinkChange(rules=[LinkRule(countries=["FR"], to=OUTSIDE)]), BadLinkTerms),
        (LinkChange(variants=[LinkVariant(weight=0, to=TO)]), BadLinkTerms),
        (LinkChange(variants=[LinkVariant(weight=1, to=PAY)]), BadLinkTerms),
        (LinkChange(items=[LinkItem(variant_id="var_01k00000000000000000000000")]), UnknownLinkItem),
        (LinkChange(items=[LinkItem(variant_id="var_01k00000000000000000000000")] * 2), BadLinkTerms),
    ],
)
async def test_terms_that_cannot_be_kept_are_refused(
    db: Database, shop: Shop, link: Link, data: LinkChange, refusal: type[Exception]
) -> None:
    async with db.transaction() as session:
        with pytest.raises(refusal):
            await links.change(session, shop, link.id, data, None)
        await session.rollback()
    async with db.read() as session:
        assert (await links.get(session, shop, link.id)).version == 1


async def test_a_link_falls_back_on_another_link_of_its_shop_and_not_on_itself(
    db: Database, shop: Shop, make_link: MakeLink
) -> None:
    link = await make_link()
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "EUR")
    for wrong in (link.id, (await make_link(other)).id):
        async with db.transaction() as session:
            data = LinkChange(ended="link", fallback_link_id=wrong)
            with pytest.raises(UnknownLinkItem):
                await links.change(session, shop, link.id, data, None)
            await session.rollback()


async def test_arms_keep_their_places(db: Database, shop: Shop, link: Link, make_link: MakeLink) -> None:
    other = LinkDestination(product_id=(await make_link()).product_id)
    first, second = LinkVariant(weight=1, to=TO), LinkVariant(weight=3, to=other)
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(variants=[first, second]), None)
        stopped = [LinkVariant(weight=0, to=TO), second, LinkVariant(weight=5, to=other)]
        changed = await links.change(session, shop, link.id, LinkChange(variants=stopped), None)
        assert [each["weight"] for each in changed.variants] == [0, 3, 5]
    for fewer in ([], [second, first], stopped[:2]):
        async with db.transaction() as session:
            with pytest.raises(VariantsAreFixed):
                await links.change(session, shop, link.id, LinkChange(variants=fewer), None)
            await session.rollback()


async def test_a_link_remembers_what_its_product_was_called_and_cost(db: Database, shop: Shop) -> None:
    sizes = [
        VariantCreate(options={"Taille": size}, prices=[PriceIn(amount=amount, currency="EUR")])
        for size, amount in (("S", 4900), ("L", 3900))
    ]
    async with db.transaction() as session:
        vase = await products.create(session, shop, ProductCreate(title="Vase", variants=sizes, options=["Taille"]))
        link = await links.create(session, shop, LinkCreate(product_id=vase.id))
    assert (link.posted_title, link.posted_amount) == ("Vase", 3900)


async def test_rules_arms_and_times_are_compiled_once(db: Database, shop: Shop, make_link: MakeLink) -> None:
    cache = LinkCache(db, "https://links.example")
    link, other = await make_link(), await make_link()
    async with db.transaction() as session:
        variant = await variants.add(session, shop, link.product_id, VariantCreate())
        rule = LinkRule(devices=["tablet"], to=LinkDestination(target="pay", variant_id=variant.id))
        arms = [LinkVariant(weight=1, to=LinkDestination(product_id=other.product_id)), LinkVariant(weight=1, to=TO)]
        data = LinkChange(
            starts_at=NOW, ends_at=NOW + timedelta(hours=1), ended="link", fallback_link_id=other.id, rules=[rule],
            variants=arms,
        )  # fmt: skip
        await links.change(session, shop, link.id, data, None)
    ready = await cache.load(link.slug)
    assert ready is not None
    assert ready.choices is not None
    page, utm = f"https://links.example/go/{link.slug}", "utm_source=instagram&utm_medium=social&utm_content="
    theirs = f"https://links.example/go/{other.slug}?{utm}{other.id}"
    found = {
        when: ready.choices.of(NOON + minutes * 60_000, "", device, chance)
        for when, minutes, device, chance in (
            ("before", -1, "tablet", 0), ("rule", 0, "tablet", 0), ("first", 0, "phone", 0), ("second", 59, "phone", 1),
            ("after", 60, "tablet", 0),
        )
    }  # fmt: skip
    assert {when: (arm, to.bare.decode()) for when, (arm, to) in found.items()} == {
        "before": (0, f"{page}?{utm}{link.id}"),
        "rule": (0, f"{page}?variant={variant.id}&pay=1&{utm}{link.id}"),
        "first": (1, f"{page}?product={other.product_id}&{utm}{link.id}-v1"),
        "second": (2, f"{page}?{utm}{link.id}-v2"),
        "after": (0, theirs),
    }
    assert all((to.before + b"T" + to.after).replace(b"sl=T&", b"") == to.bare for _, to in found.values())


async def test_taps_may_lead_to_products_own_pages(db: Database, shop: Shop, make_link: MakeLink) -> None:
    cache = LinkCache(db, "https://links.example")
    link, other = await make_link(), await make_link()
    page = LinkDestination(target="product")
    async with db.transaction() as session:
        variant = await variants.add(session, shop, link.product_id, VariantCreate())
        slug = (await products.get(session, shop, link.product_id)).slug
        theirs = (await products.get(session, shop, other.product_id)).slug
        rules = [
            LinkRule(devices=["tablet"], to=LinkDestination(target="product", product_id=other.product_id)),
            LinkRule(devices=["computer"], to=LinkDestination(target="product", variant_id=variant.id)),
        ]
        data = LinkChange(target="product", rules=rules, variants=[LinkVariant(weight=1, to=page)])
        await links.change(session, shop, link.id, data, None)
        await links.change(session, shop, other.id, LinkChange(target="product"), None)
    ready, plain = await cache.load(link.slug), await cache.load(other.slug)
    assert ready is not None
    assert ready.choices is not None
    assert plain is not None
    utm = "utm_source=instagram&utm_medium=social&utm_content="
    found = [ready.choices.of(NOON, "", device, 0)[1].bare.decode() for device in ("tablet", "computer", "phone")]
    assert [*found, ready.bare.decode()] == [
        f"https://links.example/s/{shop.slug}/{theirs}?product={other.product_id}&{utm}{link.id}",
        f"https://links.example/s/{shop.slug}/{slug}?product={link.product_id}&variant={variant.id}&{utm}{link.id}",
        f"https://links.example/s/{shop.slug}/{slug}?product={link.product_id}&{utm}{link.id}-v1",
        f"https://links.example/s/{shop.slug}/{slug}?product={link.product_id}&{utm}{link.id}",
    ]
    assert plain.choices is None
    assert plain.before.endswith(f"/{theirs}?sl=".encode())


async def test_a_plain_link_has_nothing_to_choose_from(db: Database, link: Link) -> None:
    ready = await LinkCache(db, "https://links.example").load(link.slug)
    assert ready is not None
    assert ready.choices is None


async def test_a_change_of_the_link_that_another_falls_back_on_is_noticed(
    db: Database, shop: Shop, make_link: MakeLink
) -> None:
    cache = LinkCache(db, "https://links.example")
    link, other = await make_link(), await make_link()
    async with db.transaction() as session:
        data = LinkChange(ends_at=NOW, ended="link", fallback_link_id=other.id)
        await links.change(session, shop, link.id, data, None)
    for active, leads_to in ((True, other.slug), (False, link.slug), (True, other.slug)):
        async with db.transaction() as session:
            await links.change(session, shop, other.id, LinkChange(active=active), None)
        if cache.fresh(link.slug) is not None:
            await cache.refresh()
        assert cache.fresh(link.slug) is None
        ready = await cache.load(link.slug)
        assert ready is not None
        assert ready.choices is not None
        assert f"/go/{leads_to}?".encode() in ready.choices.of(NOON, "", "phone", 0)[1].bare
        assert cache.fresh(link.slug) is not None
        await cache.refresh()
        assert cache.fresh(link.slug) is not None

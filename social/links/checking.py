"""Whether what a link should do can be done, and what of its product is remembered from the day it was made."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlmodel import select

from catalog import offers, products, slugs, variants
from catalog.offers import ProductOffers
from core import shops
from core.db import AsyncSession
from core.errors import NotFound
from core.shops import Shop
from social.links import hosts
from social.links.errors import BadLinkTerms, HostNotVerified, UnknownLinkItem, VariantsAreFixed
from social.links.models import Link
from social.links.terms import LinkDestination, LinkItem, LinkRule, LinkVariant, Target


def items_of(link: Link) -> list[LinkItem]:
    """What is in the basket that the link leads to; most have none."""
    return msgspec.convert(link.items, list[LinkItem])


def rules_of(link: Link) -> list[LinkRule]:
    """The link's rules, in their order."""
    return msgspec.convert(link.rules, list[LinkRule])


def variants_of(link: Link) -> list[LinkVariant]:
    """The arms of the link's experiment; the first has the number 1."""
    return msgspec.convert(link.variants, list[LinkVariant])


def destination_of(link: Link) -> LinkDestination:
    """Where the link itself leads."""
    return LinkDestination(
        target=msgspec.convert(link.target, Target),
        product_id=link.product_id,
        variant_id=link.variant_id,
        url=link.target_url,
    )


async def pages(session: AsyncSession, *links: Link) -> dict[str, str]:
    """The paths of the products' own pages that these links of one shop lead to, by the products' ids; most to none."""
    wanted = {
        to.product_id or link.product_id
        for link in links
        for to in (destination_of(link), *(rule.to for rule in rules_of(link)), *(arm.to for arm in variants_of(link)))
        if to.target == "product"
    }
    if not wanted:
        return {}
    shop = await shops.get(session, links[0].shop_id)
    return {
        product_id: f"/s/{shop.slug}/{slug}" for product_id, slug in (await slugs.of(session, shop, wanted)).items()
    }


async def posted(session: AsyncSession, shop: Shop, product_id: str) -> tuple[str, int | None]:
    """What the product is called and costs at least, in the shop's currency, on the day that a link is made."""
    product = await offers.of_product(session, shop, product_id, shop.currency)
    return product.title, least(product)


def least(product: ProductOffers) -> int | None:
    """What a product costs at least, in the minor unit; None where it has no price."""
    return min((offer.price.amount for offer in product.offers if offer.price is not None), default=None)


async def check(session: AsyncSession, shop: Shop, link: Link) -> None:
    """Note whether the link leaves the site; refuses BadLinkTerms, UnknownLinkItem, BadLinkAddress, HostNotVerified."""
    if link.starts_at is not None and link.ends_at is not None and link.ends_at <= link.starts_at:
        raise BadLinkTerms("A link ends after it starts.", field="ends_at")
    await _check_fallback(session, shop, link)
    await _check_items(session, shop, link)
    rules, arms = rules_of(link), variants_of(link)
    for each in rules:
        if not each.countries and not each.devices:
            raise BadLinkTerms("A rule is for some countries or some devices.", field="rules")
    if arms and not any(each.weight for each in arms):
        raise BadLinkTerms("One arm at least has a weight.", field="variants")
    chosen = [("target", destination_of(link)), *(("rules", each.to) for each in rules)]
    chosen += [("variants", each.to) for each in arms]
    for field, to in chosen:
        await _check_destination(session, shop, link, field, to)
    wanted = {hosts.host_of(each) for each in _urls(to for _, to in chosen)}
    if unknown := sorted(wanted - await hosts.verified(session, shop.id)) if wanted else []:
        raise HostNotVerified(f"Prove that {unknown[0]} is the shop's.", host=unknown[0])
    link.leaves = bool(wanted)


def check_arms(before: Sequence[LinkVariant], after: Sequence[LinkVariant]) -> None:
    """Refuses VariantsAreFixed where an arm that clicks may name has gone or leads elsewhere."""
    if [each.to for each in before] != [each.to for each in after[: len(before)]]:
        raise VariantsAreFixed("Arms keep their places and their destinations.", arms=len(before))


def _urls(destinations: Iterator[LinkDestination]) -> Iterator[str]:
    return (to.url for to in destinations if to.url is not None)


async def _check_fallback(session: AsyncSession, shop: Shop, link: Link) -> None:
    if (link.ended == "link") != (link.fallback_link_id is not None):
        raise BadLinkTerms("Name fallback_link_id with `ended: link`, and only then.", field="fallback_link_id")
    if link.fallback_link_id is None:
        return
    known = select(Link.id).where(Link.shop_id == shop.id, Link.id == link.fallback_link_id, Link.id != link.id)
    if (await session.exec(known)).first() is None:
        raise UnknownLinkItem("There is no such other link.", fallback_link_id=link.fallback_link_id)


async def _check_items(session: AsyncSession, shop: Shop, link: Link) -> None:
    names = [each.variant_id for each in items_of(link)]
    if names and link.target in ("pay", "product"):
        raise BadLinkTerms("One product is shown there: name no items.", field="items")
    if len(set(names)) < len(names):
        raise BadLinkTerms("Name each variant once.", field="items")
    known = await offers.of_variants(session, shop, names, shop.currency) if names else {}
    if unknown := [each for each in names if each not in known]:
        raise UnknownLinkItem("There is no such variant.", variant_id=unknown[0])


async def _check_destination(session: AsyncSession, shop: Shop, link: Link, field: str, to: LinkDestination) -> None:
    if (to.target == "external") != (to.url is not None):
        raise BadLinkTerms("Name url with the target external, and only then.", field=field)
    product_id = to.product_id or link.product_id
    variant_id = to.variant_id or (link.variant_id if product_id == link.product_id else None)
    if to.target == "pay" and variant_id is None:
        raise BadLinkTerms("One variant is paid by one tap: name variant_id.", field=field)
    if field == "target":
        return
    try:
        await products.get(session, shop, product_id)
        if variant_id is not None and (await variants.get(session, shop, variant_id)).product_id != product_id:
            raise UnknownLinkItem("This variant is of another product.", variant_id=variant_id)
    except NotFound as unknown:
        raise UnknownLinkItem(unknown.detail, product_id=product_id, variant_id=variant_id) from None

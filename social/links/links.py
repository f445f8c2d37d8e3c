"""Links: make, find, list, switch off. One link per post and product says for ever where a buyer came from."""

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from slugify import slugify
from sqlmodel import col, select

from catalog import products, variants
from core import clock, db, events, ids, shops
from core.db import AsyncSession
from core.errors import NotFound, expect
from core.settings import Settings
from core.shops import Shop
from core.wire import UNSET
from social import cards
from social.links import checking, revisions
from social.links.errors import LinkNotFound, UnknownLinkItem, UnknownLinkPlacement
from social.links.events import LinkArchived, LinkCreated, LinkUpdated
from social.links.models import Link
from social.models import Creator, Post
from social.network import network

if TYPE_CHECKING:
    from social.links.schemas import LinkChange, LinkCreate

# No two of these look alike in any typeface, in either case, and without vowels they spell nothing.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
SLUG_LENGTH = 9
# Where a link can stand outside of a post: the profile's link, a message, print, mail, paid reach.
ELSEWHERE = ("bio", "dm", "qr", "email", "ad")
_UTM_LENGTH = 150
_BY_SLUG = sa.select(db.table_of(Link)).where(col(Link.slug) == sa.bindparam("slug"))
_NUMBERED = (col(Link.shop_id) == sa.bindparam("shop"), col(Link.number) == sa.bindparam("number"))
_BY_NUMBER = sa.select(db.table_of(Link)).where(*_NUMBERED)
_OWNED = sa.select(col(Link.number)).where(*_NUMBERED)


class Filters(msgspec.Struct, frozen=True):
    """Which links to list."""

    post_id: str | None = None
    product_id: str | None = None
    network: str | None = None
    creator_id: str | None = None


async def create(session: AsyncSession, shop: Shop, data: "LinkCreate") -> Link:
    """Make a link with a random slug and number, and have its preview's picture drawn.

    Refuses UnknownNetwork, UnknownLinkPlacement, UnknownLinkItem and what `checking.check` refuses.
    """
    _check_placement(data.network, data.placement)
    await _check_item(session, shop, data)
    title, amount = await checking.posted(session, shop, data.product_id)
    link = Link(
        id=ids.new("link"), shop_id=shop.id, slug=await _free_slug(session), number=secrets.randbelow(2**63 - 1) + 1,
        post_id=data.post_id, product_id=data.product_id, variant_id=data.variant_id, network=data.network,
        placement=data.placement, campaign=data.campaign, creator_id=data.creator_id, target=data.target,
        target_url=data.target_url, discount_code=data.discount_code, starts_at=_utc(data.starts_at),
        ends_at=_utc(data.ends_at),
        ended=data.ended, fallback_link_id=data.fallback_link_id, items=msgspec.to_builtins(data.items),
        rules=msgspec.to_builtins(data.rules), variants=msgspec.to_builtins(data.variants), posted_title=title,
        posted_amount=amount, created_at=clock.now(),
    )  # fmt: skip
    await checking.check(session, shop, link)
    session.add(link)
    await session.flush()
    await events.record(session, shop.id, LinkCreated(link_id=link.id))
    await cards.want(session, shop, link.product_id, link.post_id)
    return link


async def get(session: AsyncSession, shop: Shop, link_id: str) -> Link:
    """The link with this id; refuses LinkNotFound, in the same words for another shop's."""
    return _known((await session.exec(select(Link).where(Link.shop_id == shop.id, Link.id == link_id))).first())


async def by_slug(session: AsyncSession, slug: str) -> Link:
    """The link that a public address names, in any case; refuses LinkNotFound, also for one that is switched off."""
    found = await session.fresh(Link, _BY_SLUG, {"slug": slug.lower()}) if is_slug(slug) else []
    return _known(found[0] if found and found[0].active else None)


async def by_number(session: AsyncSession, shop: Shop, number: int) -> Link | None:
    """The shop's link that a click token names; None for another shop's, and for one that is switched off."""
    found = await session.fresh(Link, _BY_NUMBER, {"shop": shop.id, "number": number})
    return found[0] if found and found[0].active else None


async def owns(session: AsyncSession, shop: Shop, number: int) -> bool:
    """Whether the link with this number is, or was, one of the shop's."""
    return bool(await session.rows(_OWNED, {"shop": shop.id, "number": number}))


async def shop_of(session: AsyncSession, number: int) -> Shop | None:
    """The shop of the link with this number; None where there is no such link."""
    shop_id = (await session.exec(select(Link.shop_id).where(Link.number == number))).first()
    return None if shop_id is None else await shops.get(session, shop_id)


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Link], str | None]:
    """One page of the shop's links, newest first, and the next page's cursor."""
    chosen = select(Link).where(Link.shop_id == shop.id)
    for name, value in msgspec.structs.asdict(filters).items():
        if value is not None:
            chosen = chosen.where(getattr(Link, name) == value)
    return await db.page(session, chosen, Link.id, limit, cursor)


async def change(session: AsyncSession, shop: Shop, link_id: str, data: "LinkChange", version: int | None) -> Link:
    """Change where a link leads, when and for whom; a version of None is any. Taps know within two seconds.

    Refuses LinkNotFound, PreconditionFailed, VariantsAreFixed and what `checking.check` refuses.
    """
    chosen = select(Link).where(Link.shop_id == shop.id, Link.id == link_id).with_for_update()
    link = _known((await session.exec(chosen.execution_options(populate_existing=True))).first())
    expect(link.version, version)
    named = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    if isinstance(data.variants, list):
        checking.check_arms(checking.variants_of(link), data.variants)
    changed = []
    for name, value in named.items():
        new = _utc(value) if isinstance(value, datetime) else _plain(value)
        if new != getattr(link, name):
            changed.append(name)
        setattr(link, name, new)
    await checking.check(session, shop, link)
    link.version += bool(named)
    await session.flush()
    await _tell(session, link, changed)
    await revisions.rise(session, shop.id)
    return link


async def _tell(session: AsyncSession, link: Link, changed: list[str]) -> None:
    """The news of a link that has changed; to be switched off is news of its own."""
    off = "active" in changed and not link.active
    other = sorted({*changed} - {"active"} if off else changed)
    if other:
        await events.record(session, link.shop_id, LinkUpdated(link_id=link.id, fields=other))
    if off:
        await events.record(session, link.shop_id, LinkArchived(link_id=link.id))


def url(settings: Settings, link: Link) -> str:
    """What goes into the post."""
    return f"{settings.public_url}/l/{link.slug}"


def landing_url(settings: Settings, link: Link) -> str:
    """The landing page itself, for networks that refuse short links; a tap there is not counted as a click."""
    pays = {"pay": "1"} if link.target == "pay" else {}
    return f"{settings.public_url}/go/{link.slug}?{urlencode(pays | utm(link))}"


def example_url(settings: Settings) -> str:
    """As long as the address of any link, for texts that have to leave room for one."""
    return f"{settings.public_url}/l/{'x' * SLUG_LENGTH}"


def utm(link: Link, arm: int = 0) -> dict[str, str]:
    """The parameters that other analytics read, derived, never typed; every value is `[A-Za-z0-9_-]{1,150}`.

    `arm` is one of an experiment's, from 1 on.
    """
    found = {
        "utm_source": link.network or "vitrine",
        "utm_medium": "social",
        "utm_campaign": slugify(link.campaign or "", max_length=_UTM_LENGTH),
        "utm_content": "-".join(
            each for each in (link.post_id or link.id, link.variant_id, f"v{arm}" if arm else None) if each
        ),
    }
    return {name: value for name, value in found.items() if value}


def is_slug(text: str) -> bool:
    """Whether this can be a link's slug; says nothing about existence."""
    return len(text) == SLUG_LENGTH and text.isascii() and not text.lower().strip(ALPHABET)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None


def _plain(value: object) -> object:
    return msgspec.to_builtins(value) if isinstance(value, list) else value


def _known(link: Link | None) -> Link:
    if link is None:
        raise LinkNotFound
    return link


def _check_placement(slug: str | None, placement: str | None) -> None:
    known = network(slug).placements if slug is not None else ()
    if placement is not None and placement not in ELSEWHERE and placement not in (each.slug for each in known):
        names = [*(each.slug for each in known), *ELSEWHERE]
        raise UnknownLinkPlacement(f"A link can stand in {', '.join(names)}.", placement=placement, known=names)


async def _check_item(session: AsyncSession, shop: Shop, data: "LinkCreate") -> None:
    if data.post_id is not None:
        found = await session.exec(select(Post.id).where(Post.shop_id == shop.id, Post.id == data.post_id))
        if found.first() is None:
            raise UnknownLinkItem("There is no such post.", post_id=data.post_id)
    if data.creator_id is not None:
        known = select(Creator.id).where(Creator.shop_id == shop.id, Creator.id == data.creator_id)
        if (await session.exec(known.where(col(Creator.archived_at).is_(None)))).first() is None:
            raise UnknownLinkItem("There is no such creator.", creator_id=data.creator_id)
    try:
        await products.get(session, shop, data.product_id)
        if data.variant_id is not None:
            variant = await variants.get(session, shop, data.variant_id)
            if variant.product_id != data.product_id:
                raise UnknownLinkItem("This variant is of another product.", variant_id=data.variant_id)
    except NotFound as unknown:
        raise UnknownLinkItem(unknown.detail, product_id=data.product_id, variant_id=data.variant_id) from None


async def _free_slug(session: AsyncSession) -> str:
    while True:
        slug = "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))
        if (await session.exec(select(Link.id).where(Link.slug == slug))).first() is None:
            return slug

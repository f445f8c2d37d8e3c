"""Touches: the taps that led to an order, as far as genuine tokens tell of them.

A token that is forged, too old, or of another shop's link is no touch. What the same tap left twice is one touch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlmodel import col, select

from core.db import AsyncSession
from core.secrets import Vault
from core.shops import Shop
from social.links import token
from social.links.models import Link
from social.links.token import Click

# So many tokens a browser or a front end may keep, the newest first.
KEPT = 5
Via = Literal["token", "cookie"]


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """One tap before an order. `via` says where its token stood: in the address, or kept from before.

    `click_id` is 32 hexadecimal digits, None once it was erased; `network` is None where the link names none. The
    fields after `via` are known while a token is read, and not kept with the touch.
    """

    click_id: str | None
    at: datetime
    link_id: str
    post_id: str | None
    network: str | None
    placement: str | None
    campaign: str | None
    via: Via
    creator_id: str | None = None
    variant: int = 0
    slug: str = ""
    token: str | None = None


async def read(
    session: AsyncSession, shop: Shop, vault: Vault, given: str | None, kept: Sequence[str], now: datetime
) -> tuple[Touch, ...]:
    """The touches that these tokens tell of, oldest first: the one of the address, and the `KEPT` newest of the rest.

    The tap of the address is `via` token even where it was kept too. Without tokens nobody is asked.
    """
    taps: dict[str, tuple[Click, Via]] = {}
    for text in kept[:KEPT]:
        if click := token.read(vault, text, now):
            taps[text] = (click, "cookie")
    if given and (click := token.read(vault, given, now)):
        taps[given] = (click, "token")
    links = await _links(session, shop, {click.link_number for click, _ in taps.values()})
    known = [
        _touch(text, click, via, links[click.link_number])
        for text, (click, via) in taps.items()
        if click.link_number in links
    ]
    return tuple(sorted(known, key=lambda each: (each.at, each.click_id or "")))


async def _links(session: AsyncSession, shop: Shop, numbers: set[int]) -> Mapping[int, Link]:
    if not numbers:
        return {}
    chosen = select(Link).where(Link.shop_id == shop.id, col(Link.number).in_(numbers))
    return {each.number: each for each in await session.exec(chosen)}


def _touch(text: str, click: Click, via: Via, link: Link) -> Touch:
    return Touch(
        click_id=click.click_id.hex(),
        at=click.at,
        link_id=link.id,
        post_id=link.post_id,
        network=link.network,
        placement=link.placement,
        campaign=link.campaign,
        via=via,
        creator_id=link.creator_id,
        variant=click.variant,
        slug=link.slug,
        token=text,
    )


def remember(vault: Vault, fresh: str, kept: Sequence[str], now: datetime) -> tuple[str, ...]:
    """The tokens to keep from now on, the newest tap first: `fresh` among those that were kept, each tap once.

    What is not genuine, or too old to count, is dropped.
    """
    genuine = {text: click.at for text in (fresh, *kept[:KEPT]) if (click := token.read(vault, text, now))}
    return tuple(sorted(genuine, key=genuine.__getitem__, reverse=True))[:KEPT]


def lasting(newest: datetime, now: datetime) -> timedelta:
    """How long a kept token can still count for anything."""
    return max(newest + token.WINDOW - now, timedelta(0))

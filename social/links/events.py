"""What happens to links, for other rooms and for merchants' programs."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import col

from core.db import AsyncSession
from core.events import Event
from core.webhooks import published
from core.wire import Out
from social.links.models import Link


class LinkCreated(Event, frozen=True, kw_only=True):
    """A link was made, by a post or by hand."""

    kind: ClassVar[str] = "link.created"
    link_id: str


class LinkUpdated(Event, frozen=True, kw_only=True):
    """A link does something else from now on, or is switched on again."""

    kind: ClassVar[str] = "link.updated"
    link_id: str
    fields: list[str]


class LinkArchived(Event, frozen=True, kw_only=True):
    """A link was switched off: its address leads nowhere."""

    kind: ClassVar[str] = "link.archived"
    link_id: str


class LinkFactsData(Out, kw_only=True, frozen=True):
    """A link as it was then; its address ends in `/l/` and the `slug`. Rules, arms and items stand in the API."""

    id: str
    slug: str
    post_id: str | None
    product_id: str
    variant_id: str | None
    network: str | None
    placement: str | None
    campaign: str | None
    creator_id: str | None
    target: str
    target_url: str | None
    discount_code: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    ended: str
    fallback_link_id: str | None
    active: bool
    version: int
    created_at: datetime


class LinkData(Out, kw_only=True, frozen=True):
    """What happened to this link."""

    link: LinkFactsData


class LinkUpdatedData(Out, kw_only=True, frozen=True):
    """The link as it is now, and the names of what has changed."""

    link: LinkFactsData
    changed: list[str]


async def _link(session: AsyncSession, shop_id: str, link_id: str) -> LinkFactsData:
    columns = [getattr(Link, each) for each in LinkFactsData.__struct_fields__]
    chosen = sa.select(*columns).where(col(Link.id) == link_id, col(Link.shop_id) == shop_id)
    return LinkFactsData(**(await session.execute(chosen)).one()._mapping)


@published.publish(LinkCreated, subject=lambda event: event.link_id)
async def link_created(session: AsyncSession, shop_id: str, event: LinkCreated) -> LinkData:
    """For those who keep a list of links of their own."""
    return LinkData(link=await _link(session, shop_id, event.link_id))


@published.publish(LinkUpdated, subject=lambda event: event.link_id)
async def link_updated(session: AsyncSession, shop_id: str, event: LinkUpdated) -> LinkUpdatedData:
    """What was posted stays; where it leads is another matter."""
    return LinkUpdatedData(link=await _link(session, shop_id, event.link_id), changed=event.fields)


@published.publish(LinkArchived, subject=lambda event: event.link_id)
async def link_archived(session: AsyncSession, shop_id: str, event: LinkArchived) -> LinkData:
    """Posts that carry it lead nowhere now."""
    return LinkData(link=await _link(session, shop_id, event.link_id))

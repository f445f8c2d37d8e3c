"""The ways into the shop that reports are about, and how they are found in the tables."""

from collections.abc import Collection, Mapping
from typing import Literal, TypeVar

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from insights.errors import AppsByNetworkOnly
from insights.figures import Days
from social.links.clicks import UNKNOWN
from social.links.models import ClickApp, Link

By = Literal["network", "post", "link", "in_app"]
_T = TypeVar("_T")
Keys = Mapping[str, sa.SQLColumnExpression[str | None]]
# In the order of the fields of `Wanted`.
OF_ORDER: Keys = {"network": col(Order.network), "post": col(Order.post_id), "link": col(Order.link_id)}
OF_LINK: Keys = {
    "network": sa.func.coalesce(col(Link.network), UNKNOWN), "post": col(Link.post_id), "link": col(Link.id),
}  # fmt: skip
OF_APP: Keys = {"network": col(ClickApp.network), "in_app": sa.func.nullif(col(ClickApp.in_app), "")}


class Wanted(msgspec.Struct, frozen=True):
    """Which ways into the shop; None leaves out nothing."""

    network: str | None = None
    post_id: str | None = None
    link_id: str | None = None

    @property
    def whole(self) -> bool:
        """Whether whole networks are wanted, and no single post or link."""
        return self.post_id is None and self.link_id is None


def check(by: By, wanted: Wanted) -> None:
    """Refuses AppsByNetworkOnly where apps are asked about a post or link: they are counted by network and day."""
    if by == "in_app" and not wanted.whole:
        raise AppsByNetworkOnly(post_id=wanted.post_id, link_id=wanted.link_id)


def of_links(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """The links that are wanted."""
    return _conditions(OF_LINK, wanted)


def links(shop_id: str, wanted: Wanted) -> sa.Select[tuple[str]] | None:
    """Their ids, where they are few: of a post, or one alone."""
    return None if wanted.whole else sa.select(col(Link.id)).where(col(Link.shop_id) == shop_id, *of_links(wanted))


def of_orders(shop_id: str, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """The orders of the shop that are wanted."""
    return [col(Order.shop_id) == shop_id, *_conditions(OF_ORDER, wanted)]


def begun(days: Days) -> sa.ColumnElement[bool]:
    """Orders that were begun on these days."""
    return sa.and_(sa.true(), *between(col(Order.created_at), days.moments))


def paid(days: Days) -> sa.ColumnElement[bool]:
    """Orders that were paid on these days."""
    return sa.and_(col(Order.paid_at).is_not(None), *between(col(Order.paid_at), days.moments))


def among(key: sa.SQLColumnExpression[str | None], keys: Collection[str | None]) -> sa.ColumnElement[bool]:
    """Whether it is one of these, of which None is one like the others."""
    named = key.in_([each for each in keys if each is not None])
    return sa.or_(named, key.is_(None)) if None in keys else named


def _conditions(keys: Keys, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    values = zip(keys.values(), msgspec.structs.astuple(wanted), strict=True)
    return [column == value for column, value in values if value is not None]


def between(
    column: sa.SQLColumnExpression[_T | None], ends: tuple[_T | None, _T | None]
) -> list[sa.ColumnElement[bool]]:
    """From the first end on, and before the second."""
    first, end = ends
    conditions = []
    if first is not None:
        conditions.append(column >= first)
    if end is not None:
        conditions.append(column < end)
    return conditions

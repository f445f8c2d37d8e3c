"""The ways into the shop that reports are about, and how they are found in the tables.

Statements are made once for each way to ask (`Asked.by`, `given`): making one, and looking it up among the compiled
ones, takes as long as its answer does. What differs between two requests is among their parameters, `Asked.values`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from checkout.models import Order
from core.db import AsyncSession, UtcDateTime, table_of
from core.shops import Shop
from insights.errors import AppsByNetworkOnly
from insights.figures import Days
from social.links import spans
from social.links.clicks import UNKNOWN
from social.links.models import ClickApp, Link

By = Literal["network", "post", "link", "in_app"]
Names = tuple[str, ...]
Keys = Mapping[str, sa.SQLColumnExpression[str | None]]
OF_ORDER: Keys = {
    "network": col(Order.network), "post": col(Order.post_id), "link": col(Order.link_id), "in_app": col(Order.in_app),
}  # fmt: skip
OF_LINK: Keys = {
    "network": sa.func.coalesce(col(Link.network), UNKNOWN), "post": col(Link.post_id), "link": col(Link.id),
}  # fmt: skip
OF_APP: Keys = {"network": col(ClickApp.network), "in_app": sa.func.nullif(col(ClickApp.in_app), "")}
MOST = 100
"""So many ways are told."""

SHOP = sa.bindparam("shop", type_=sa.String())
FIRST_DAY, END_DAY = (sa.bindparam(each, type_=sa.Integer()) for each in ("first_day", "end_day"))
_TOLD = [f"told{place}" for place in range(MOST)]
_ANY_DAY = 0, 2**31 - 1


class Wanted(msgspec.Struct, frozen=True):
    """Which ways into the shop; None leaves out nothing."""

    network: str | None = None
    post_id: str | None = None
    link_id: str | None = None

    @property
    def whole(self) -> bool:
        """Whether whole networks are wanted, and no single post or link."""
        return self.post_id is None and self.link_id is None


class Asked(NamedTuple):
    """By what is asked, which of `network`, `post`, `link`, `since` and `until` are `given`, and all parameters."""

    by: By
    given: Names
    values: Mapping[str, object]


async def ask(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Asked:
    """The same as reports ask the database."""
    named = {"network": wanted.network, "post": wanted.post_id, "link": wanted.link_id}
    ends = dict(zip(("since", "until"), days.moments, strict=True))
    given = {name: value for name, value in (named | ends).items() if value is not None}
    first, end = (ever if end is None else end for end, ever in zip(days.numbers, _ANY_DAY, strict=True))
    stretches = await spans.stretches(session, shop.id, *days.numbers)
    return Asked(by, tuple(given), {"shop": shop.id, **given, "first_day": first, "end_day": end, **stretches})


def check(by: By, wanted: Wanted) -> None:
    """Refuses AppsByNetworkOnly where apps are asked about a post or link: they are counted by network and day."""
    if by == "in_app" and not wanted.whole:
        raise AppsByNetworkOnly(post_id=wanted.post_id, link_id=wanted.link_id)


def conditions(keys: Keys, given: Names) -> list[sa.ColumnElement[bool]]:
    """That they are of the network, the post and the link which are asked for."""
    named = [name for name in given if name in ("network", "post", "link")]
    return [keys[name] == sa.bindparam(name, type_=sa.String()) for name in named]


def of_posts(rows: sa.Subquery, given: Names) -> list[sa.ColumnElement[bool]]:
    """The network of sums by post; one post or link is found by its links (see `spans.by_post`)."""
    return conditions({"network": rows.c.network}, given)


def of_links(rows: sa.Subquery, given: Names) -> list[sa.ColumnElement[bool]]:
    """The same of sums by link: before they are added up, not after; see `spans.by_link`."""
    named = conditions(OF_LINK, given)
    numbers = sa.select(col(Link.number)).where(_inside(table_of(Link).c.shop_id, few=False), *named)
    return [rows.c.link_number.in_(numbers)] if named else []


def links(by: By, given: Names) -> sa.Select[tuple[str | None, int, str]]:
    """`key`, `number` and `shop_id` of the links asked for, of which there are few."""
    link = table_of(Link).c
    rows = sa.select(OF_LINK[by].label("key"), link.number, link.shop_id)
    return rows.where(_inside(link.shop_id, few=True), *conditions(OF_LINK, given))


def of_orders(given: Names, *, few: bool = False) -> list[sa.ColumnElement[bool]]:
    """The orders that are asked for: of those days, begun or paid; `few` where there is more that they are found by."""
    mine = _inside(table_of(Order).c.shop_id, few=few or "post" in given or "link" in given)
    return [mine, *conditions(OF_ORDER, given), sa.or_(begun(given), paid(given))]


def _inside(shop_id: sa.Column[str], *, few: bool) -> sa.ColumnElement[bool]:
    """The shop's; of `few`, not found by that: SQLite takes a shop for small, and would read all of it."""
    return (shop_id.concat("") if few else shop_id) == SHOP


def begun(given: Names) -> sa.ColumnElement[bool]:
    """Orders that were begun on these days."""
    return sa.and_(sa.true(), *_within(col(Order.created_at), given))


def paid(given: Names) -> sa.ColumnElement[bool]:
    """Orders that were paid on these days."""
    return sa.and_(col(Order.paid_at).is_not(None), *_within(col(Order.paid_at), given))


def _within(column: sa.SQLColumnExpression[datetime | None], given: Names) -> list[sa.ColumnElement[bool]]:
    """From the first moment on, and before the second."""
    since, until = (sa.bindparam(each, type_=UtcDateTime()) for each in ("since", "until"))
    return [*([column >= since] if "since" in given else []), *([column < until] if "until" in given else [])]


def among(key: sa.SQLColumnExpression[str | None]) -> sa.ColumnElement[bool]:
    """Whether it is one of those to be `told`."""
    return key.in_([sa.bindparam(each, type_=sa.String()) for each in _TOLD])


def told(keys: Collection[str | None]) -> dict[str, str]:
    """The parameters of `among` for these keys, a hundred at most, without None; no key is empty."""
    return dict(zip_longest(_TOLD, (each for each in keys if each is not None), fillvalue=""))

"""From tap to money, for each network, post or link."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

import msgspec

from core.db import AsyncSession
from core.shops import Shop
from core.wire import Out
from insights import engaged, ranks, sold, taps, ways
from insights.figures import DEFINITIONS, Days, Figures, FiguresOut
from insights.sold import Orders
from insights.taps import Tapped
from insights.ways import By, Wanted


class FunnelItemOut(FiguresOut, kw_only=True, frozen=True):
    """One way into the shop. `key` is the network's slug, or the id of the post or link; null where there is none.

    By `in_app` it is the network whose app's browser it was, null for every other browser.
    """

    key: str | None


class FunnelOut(Out, kw_only=True, frozen=True):
    """The report: all together, and each by itself, the most revenue first, then the most clicks.

    At most a hundred are told; `left_out` says how many more there are, whose figures are in the total.
    """

    first_day: date | None
    last_day: date | None
    by: By
    total: FiguresOut
    items: list[FunnelItemOut]
    left_out: int
    definitions: dict[str, str]


async def report(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> FunnelOut:
    """The shop's funnel by network, post, link or in-app browser; refuses AppsByNetworkOnly."""
    ways.check(by, wanted)
    found = await read(session, shop, by, wanted, days)
    told = found.keys[: ways.MOST]
    return FunnelOut(
        first_day=days.first,
        last_day=days.last,
        by=by,
        total=found.total.told(),
        items=[FunnelItemOut(key=key, **msgspec.structs.asdict(found.of(key).told())) for key in told],
        left_out=found.count - len(told),
        definitions=dict(DEFINITIONS),
    )


class Found(msgspec.Struct, frozen=True):
    """What was counted of each network, post or link that has anything, before it is put together.

    `keys` are those to be told, in their order; `count` says how many there are with the others, whose figures are in
    `total` alone.
    """

    keys: Sequence[str | None]
    count: int
    taps: Mapping[str | None, Tapped]
    orders: Mapping[str | None, Sequence[Orders]]
    total: Figures

    def of(self, key: str | None) -> Figures:
        """All figures of one."""
        return _figures(self.taps.get(key, Tapped()), self.orders.get(key, ()))


def _figures(tapped: Tapped, orders: Iterable[Orders]) -> Figures:
    figures = Figures(clicks=tapped.clicks, landings=tapped.landings, stays=list(tapped.stays))
    for each in orders:
        figures.checkouts += each.begun
        if each.paid:
            figures.pay(each.currency, each.paid, each.credited, each.gross, each.refunded, each.lost)
    return figures


async def read(session: AsyncSession, shop: Shop, by: By, wanted: Wanted, days: Days) -> Found:
    """What was counted of each network or app, or of the first hundred posts or links."""
    asked = await ways.ask(session, shop, by, wanted, days)
    if not wanted.whole or by in ways.OF_APP:
        tapped = await (taps.of_networks if wanted.whole else taps.of_links)(session, asked)
        orders = await sold.read(session, asked)
        keys = sorted(tapped.keys() | orders.keys(), key=lambda key: _rank(key, tapped, orders))
        total = _figures(taps.together(tapped.values()), chain.from_iterable(orders.values()))
        return Found(keys, len(keys), tapped, orders, total)
    lines = await ranks.read(session, asked)
    keys = [each.key for each in lines]
    stays = await engaged.read(session, asked, keys)
    tapped = {each.key: Tapped(each.clicks, each.landings, stays.get(each.key, ())) for each in lines}
    orders, every = await sold.of_some(session, asked, keys)
    whole = taps.together(tapped.values())
    if lines and lines[0].ways > len(keys):
        whole = Tapped(lines[0].all_clicks, lines[0].all_landings, await taps.stays(session, asked))
    return Found(keys, lines[0].ways if lines else 0, tapped, orders, _figures(whole, every))


def _rank(
    key: str | None, tapped: Mapping[str | None, Tapped], orders: Mapping[str | None, Sequence[Orders]]
) -> tuple[int, int, str]:
    """As `ranks` has it."""
    return -sum(each.revenue for each in orders.get(key, ())), -tapped.get(key, Tapped()).clicks, key or ""

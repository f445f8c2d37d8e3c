"""From tap to money by the network that brought the buyer."""

from datetime import date

import msgspec

from core.db import AsyncSession
from core.shops import Shop
from core.wire import Out
from insights import funnel
from insights.figures import DEFINITIONS, Days, FiguresOut
from insights.ways import Wanted
from social.links.clicks import UNKNOWN


class NetworkInsightOut(FiguresOut, kw_only=True, frozen=True):
    """One network's line."""

    network: str


class NetworkInsightsOut(Out, kw_only=True, frozen=True):
    """The report, most revenue first, then most clicks; `definitions` says how each figure is counted."""

    first_day: date | None
    last_day: date | None
    items: list[NetworkInsightOut]
    definitions: dict[str, str]


async def report(session: AsyncSession, shop: Shop, days: Days) -> NetworkInsightsOut:
    """The shop's networks on these days."""
    found = await funnel.read(session, shop, "network", Wanted(), days)
    return NetworkInsightsOut(
        first_day=days.first,
        last_day=days.last,
        items=[
            NetworkInsightOut(network=network or UNKNOWN, **msgspec.structs.asdict(found.of(network).told()))
            for network in found.keys
        ],
        definitions=dict(DEFINITIONS),
    )

"""`/v1/insights`: what the shop's posts bring."""

from datetime import date

from litestar import Controller, get
from litestar.params import FromQuery

from api.dependencies import CurrentShop, DbSession
from api.paging import IdFilter, SlugFilter
from insights import funnel, networks
from insights.figures import Days
from insights.funnel import FunnelOut
from insights.networks import NetworkInsightsOut
from insights.ways import By, Wanted


class InsightController(Controller):
    """Figures that say how they were counted."""

    path = "/v1/insights"
    tags = ("Insights",)

    @get("/networks", operation_id="getNetworkInsights", opt={"scope": "insights:read"})
    async def networks(
        self,
        session: DbSession,
        shop: CurrentShop,
        first_day: FromQuery[date | None] = None,
        last_day: FromQuery[date | None] = None,
    ) -> NetworkInsightsOut:
        """From tap to money per network, over all time or from one UTC day to another, both included.

        `clicks` are taps by people, `landings` those of them that saw the page, `click_loss` the share that did not;
        `checkouts` were begun, `paid` were paid; `revenue` is what was paid less refunds and lost disputes;
        `conversion` is paid orders that a link brought ÷ clicks, with its 95 % Wilson interval.
        """
        return await networks.report(session, shop, Days(first_day, last_day))

    @get("/funnel", operation_id="getFunnel", opt={"scope": "insights:read"})
    async def funnel(
        self,
        session: DbSession,
        shop: CurrentShop,
        by: FromQuery[By] = "network",
        network: SlugFilter = None,
        post: IdFilter = None,
        link: IdFilter = None,
        first_day: FromQuery[date | None] = None,
        last_day: FromQuery[date | None] = None,
    ) -> FunnelOut:
        """The same per network, post, link or in-app browser, and of all that pass the filters together.

        `engaged` tells for how many seconds pages were in sight. Apps (`in_app`) are counted by network: by them, there
        is no filter for a post or link.

        Clicks and landings count on the day of the tap, checkouts when they were begun, money on the day of payment.
        """
        wanted = Wanted(network, post, link)
        return await funnel.report(session, shop, by, wanted, Days(first_day, last_day))

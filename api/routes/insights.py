"""`/v1/insights`: what the shop's posts bring."""

from datetime import date

from litestar import Controller, get
from litestar.params import FromQuery

from api.dependencies import CurrentShop, DbSession
from insights import networks
from insights.networks import NetworkInsightsOut


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
        """Clicks, paid orders and revenue per network, over all time or from one UTC day to another, both included."""
        return await networks.report(session, shop, first_day, last_day)

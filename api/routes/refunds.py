"""`/v1/orders/{id}/refunds` and `/disputes`: money that goes back, by the shop's will or a bank's."""

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import AppServices, CurrentShop, CurrentUnit, DbSession
from api.unit import KeyRequired
from checkout import disputes, orders, refunds
from checkout.schemas import DisputeOut, RefundCreate, RefundOut
from core import clock
from core.wire import Page


class RefundController(Controller):
    """Refunds and disputes of one order."""

    path = "/v1/orders/{order_id:str}"
    tags = ("Orders",)

    @post("/refunds", operation_id="createRefund", opt={"scope": "orders:write", "idempotency_key_required": True})
    async def create(
        self,
        order_id: FromPath[str],
        data: JSONBody[RefundCreate],
        services: AppServices,
        shop: CurrentShop,
        unit: CurrentUnit,
    ) -> RefundOut:
        """Give money back, at most what is left, or take pieces back.

        Needs an `Idempotency-Key`: after an error, repeat the request with the same one. Stripe's fee stays paid.
        """
        if unit.idempotency_key is None:
            raise KeyRequired("Send an Idempotency-Key, new for each refund.", header="Idempotency-Key")
        refund = await refunds.create(
            services.gateway, services.db, shop, order_id, data, unit.idempotency_key, clock.now()
        )
        return RefundOut.of(refund, shop.currency)

    @get("/refunds", operation_id="listRefunds", opt={"scope": "orders:read"})
    async def list(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Page[RefundOut]:
        """The order's refunds, newest first: those made in Stripe's dashboard too."""
        order = await orders.get(session, shop, order_id)
        found = [RefundOut.of(each, order.currency) for each in reversed(await refunds.of_order(session, order))]
        return Page(items=found, next_cursor=None)

    @get("/refunds/{refund_id:str}", operation_id="getRefund", opt={"scope": "orders:read"})
    async def read(
        self, order_id: FromPath[str], refund_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> RefundOut:
        """One refund."""
        order = await orders.get(session, shop, order_id)
        return RefundOut.of(await refunds.get(session, shop, order.id, refund_id), order.currency)

    @get("/disputes", operation_id="listDisputes", opt={"scope": "orders:read"})
    async def disputes(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Page[DisputeOut]:
        """The order's disputes, newest first; they are answered at Stripe."""
        order = await orders.get(session, shop, order_id)
        found = [DisputeOut.of(each) for each in reversed(await disputes.of_order(session, order))]
        return Page(items=found, next_cursor=None)

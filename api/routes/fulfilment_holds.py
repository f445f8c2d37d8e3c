"""`/v1/orders/{id}/fulfilment-holds`: what holds an order back from being shipped."""

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import CurrentShop, DbSession
from checkout import fulfilment_holds, orders
from checkout.shipping.schemas import FulfilmentHoldCreate, FulfilmentHoldOut
from core import clock
from core.wire import Page


class FulfilmentHoldController(Controller):
    """Why nothing of an order may be packed or shipped now."""

    path = "/v1/orders/{order_id:str}/fulfilment-holds"
    tags = ("Shipping",)

    @post(operation_id="createFulfilmentHold", opt={"scope": "orders:write"})
    async def create(
        self, order_id: FromPath[str], data: JSONBody[FulfilmentHoldCreate], session: DbSession, shop: CurrentShop
    ) -> FulfilmentHoldOut:
        """Let nothing of an order be packed or shipped until this is released; for the same reason twice is once."""
        return FulfilmentHoldOut.of(await fulfilment_holds.create(session, shop, order_id, data, clock.now()))

    @get(operation_id="listFulfilmentHolds", opt={"scope": "orders:read"})
    async def list(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Page[FulfilmentHoldOut]:
        """What holds an order back and has held it back, newest first."""
        order = await orders.get(session, shop, order_id)
        found = [FulfilmentHoldOut.of(each) for each in reversed(await fulfilment_holds.of_order(session, order))]
        return Page(items=found, next_cursor=None)

    @delete(
        "/{fulfilment_hold_id:str}",
        operation_id="releaseFulfilmentHold",
        opt={"scope": "orders:write", "problems": ("409",)},
    )
    async def release(
        self, order_id: FromPath[str], fulfilment_hold_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> None:
        """Let an order go again. What a dispute holds back is let go when the bank has decided, what a
        review holds back when somebody has resolved it."""
        await fulfilment_holds.release(session, shop, order_id, fulfilment_hold_id, clock.now())

"""`/v1/orders/{id}/reviews`: why a person should look at an order, and that one has."""

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import CurrentShop, DbSession
from checkout import orders, reviews
from checkout.schemas import OrderReviewOut, OrderReviewResolve
from core import clock
from core.wire import Page


class OrderReviewController(Controller):
    """What is for a person to look at."""

    path = "/v1/orders/{order_id:str}/reviews"
    tags = ("Orders",)

    @get(operation_id="listOrderReviews", opt={"scope": "orders:read"})
    async def list(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Page[OrderReviewOut]:
        """The order's reviews, newest first, resolved ones too."""
        order = await orders.get(session, shop, order_id)
        found = [OrderReviewOut.of(each) for each in reversed(await reviews.of_order(session, order))]
        return Page(items=found, next_cursor=None)

    @post("/{review_id:str}/resolve", operation_id="resolveOrderReview", status_code=200, opt={"scope": "orders:write"})
    async def resolve(
        self,
        order_id: FromPath[str],
        review_id: FromPath[str],
        data: JSONBody[OrderReviewResolve],
        session: DbSession,
        shop: CurrentShop,
    ) -> OrderReviewOut:
        """Say that a person has looked; the first time counts.

        The order's `reviews` name the reason no more, unless another matter of the same kind is open. What happened to
        money and stock stays as it is.
        """
        return OrderReviewOut.of(
            await reviews.resolve(session, shop, order_id, review_id, data.note or None, clock.now())
        )

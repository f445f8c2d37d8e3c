"""`/v1/orders/{id}/fulfilments`: the parcels of an order."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from checkout import fulfilments
from checkout.shipping.models import Fulfilment
from checkout.shipping.schemas import FulfilmentChange, FulfilmentCreate, FulfilmentOut, FulfilmentsOut
from core import clock
from core.db import AsyncSession


class FulfilmentController(Controller):
    """What was packed of an order, shipped, delivered and returned."""

    path = "/v1/orders/{order_id:str}/fulfilments"
    tags = ("Shipping",)

    @post(operation_id="createFulfilment", opt={"scope": "orders:write"})
    async def create(
        self, order_id: FromPath[str], data: JSONBody[FulfilmentCreate], session: DbSession, shop: CurrentShop
    ) -> Response[FulfilmentOut]:
        """Pack a parcel of a paid order: all that is left, or these lines."""
        return await _answer(session, await fulfilments.create(session, shop, order_id, data, clock.now()))

    @get(operation_id="getFulfilments", opt={"scope": "orders:read"})
    async def list(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> FulfilmentsOut:
        """All parcels of an order, how far it has come, and what holds it back."""
        return await fulfilments.of_order(session, shop, order_id)

    @get("/{fulfilment_id:str}", operation_id="getFulfilment", opt={"scope": "orders:read"})
    async def read(
        self, order_id: FromPath[str], fulfilment_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> Response[FulfilmentOut]:
        """One parcel, with its ETag."""
        return await _answer(session, await fulfilments.get(session, shop, order_id, fulfilment_id))

    @patch("/{fulfilment_id:str}", operation_id="changeFulfilment", opt={"scope": "orders:write"})
    async def change(
        self,
        order_id: FromPath[str],
        fulfilment_id: FromPath[str],
        data: JSONBody[FulfilmentChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[FulfilmentOut]:
        """Take a parcel one step further (packed, shipped, delivered, returned), or say how it travels."""
        version = etags.wanted(if_match)
        parcel = await fulfilments.change(session, shop, order_id, fulfilment_id, data, version, clock.now())
        return await _answer(session, parcel)

    @delete(
        "/{fulfilment_id:str}", operation_id="deleteFulfilment", opt={"scope": "orders:write", "problems": ("409",)}
    )
    async def unpack(
        self, order_id: FromPath[str], fulfilment_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> None:
        """Take a parcel apart that has not left."""
        await fulfilments.unpack(session, shop, order_id, fulfilment_id)


async def _answer(session: AsyncSession, parcel: Fulfilment) -> Response[FulfilmentOut]:
    return etags.tagged(await fulfilments.out(session, parcel), parcel.version)

"""`/v1/reconciliation` and the ledger of an order: our books beside Stripe's."""

from litestar import get
from litestar.params import FromPath

from api.dependencies import CurrentShop, DbSession
from checkout import orders
from checkout.books import ledger, reporting
from checkout.books.schemas import LedgerEntryOut, ReconciliationOut
from core import clock
from core.wire import Page


@get("/v1/reconciliation", operation_id="getReconciliation", opt={"scope": "orders:read"}, tags=["Orders"])
async def reconciliation(session: DbSession, shop: CurrentShop) -> ReconciliationOut:
    """How far the shop's books are read, and whether they agree with Stripe's."""
    return await reporting.report(session, shop, clock.now())


@get(
    "/v1/orders/{order_id:str}/ledger", operation_id="listLedgerEntries", opt={"scope": "orders:read"}, tags=["Orders"]
)
async def entries(order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Page[LedgerEntryOut]:
    """Every movement of money of one order, fees included, as Stripe booked it; the oldest first."""
    order = await orders.get(session, shop, order_id)
    found = [LedgerEntryOut.of(each) for each in await ledger.of_order(session, order)]
    return Page(items=found, next_cursor=None)

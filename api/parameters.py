"""Query parameters: one that nobody reads must not pass as if it had been read."""

from collections.abc import Mapping

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from core.errors import BadRequest


def by_operation(app: Litestar) -> Mapping[object, frozenset[str]]:
    """Which query parameters each operation takes; guards get a copy of the handler, so its name must do."""
    found: dict[object, frozenset[str]] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, model in route.route_handler_map.values():
                found[handler.operation_id] = frozenset(each.field_alias for each in model.expected_query_params)
    return found


async def known(connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler) -> None:
    """Under /v1 a query parameter that nobody reads, or that comes twice, is refused: a typing error must not pass."""
    if not connection.scope["path"].startswith("/v1/"):
        return
    taken = connection.app.state.query_parameters.get(getattr(handler, "operation_id", None), frozenset())
    seen = connection.query_params
    for name in seen:
        if name not in taken:
            raise BadRequest(
                f"There is no query parameter {name[:60]!r} here.", parameter=name[:60], known=sorted(taken)
            )
        if len(seen.getall(name)) > 1:
            raise BadRequest(f"The query parameter {name!r} comes twice.", parameter=name)

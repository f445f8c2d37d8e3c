"""The application: the hot paths, the border, and the framework behind them."""

from collections.abc import Mapping

import httpx2
from litestar import Litestar, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from api import auth, dependencies, pictures
from api.auth import Authentication
from api.border import Border
from api.pages import PAGES, failures
from api.pictures import Pictures
from api.routes import ROUTES
from api.services import Services
from api.unit import UnitOfWork
from core import failpoints, logs, settings
from core.errors import BadRequest
from core.settings import Settings


class Application:
    """One ASGI application. `litestar` is the framework's part, `services` what it all runs on."""

    def __init__(self, config: Settings, stripe_transport: httpx2.AsyncBaseTransport | None = None) -> None:
        logs.configure(config.log_level)
        failpoints.arm(config.failpoint)
        self.settings = config
        self.services = Services(config, stripe_transport=stripe_transport)
        self.litestar = _framework(self.services)
        inner: ASGIApp = UnitOfWork(self.litestar, self.services.db, self.services.vault, config)
        self._pictures = Pictures(self.services.storage)
        self._behind_border: ASGIApp = Border(Authentication(inner, self.services.db, config), config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith(pictures.PREFIX):
            await self._pictures(scope, receive, send)
        elif scope["type"] == ScopeType.HTTP:
            await self._behind_border(scope, receive, send)
        else:
            await self.litestar(scope, receive, send)


def create_app(
    config: Settings | None = None, *, stripe_transport: httpx2.AsyncBaseTransport | None = None
) -> Application:
    """The real application with these settings, or those of the environment."""
    return Application(config or settings.load(), stripe_transport)


def _framework(services: Services) -> Litestar:
    async def opening(_: Litestar) -> None:
        await services.open()

    async def closing(_: Litestar) -> None:
        await services.close()

    app = Litestar(
        route_handlers=[*ROUTES, *PAGES, live, ready],
        dependencies=dependencies.PROVIDERS,
        exception_handlers=failures.HANDLERS,
        guards=[auth.guard, known_parameters],
        openapi_config=OpenAPIConfig(title="Vitrine", version="1"),
        on_startup=[opening],
        on_shutdown=[closing],
        state=State({"services": services}),
        request_max_body_size=None,
        multipart_form_part_limit=10,
        logging_config=None,
        debug=False,
    )
    app.state.query_parameters = _query_parameters(app)
    return app


def _query_parameters(app: Litestar) -> Mapping[object, frozenset[str]]:
    """Which query parameters each operation takes; guards get a copy of the handler, so its name must do."""
    known: dict[object, frozenset[str]] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, model in route.route_handler_map.values():
                known[handler.operation_id] = frozenset(each.field_alias for each in model.expected_query_params)
    return known


async def known_parameters(
    connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler
) -> None:
    """Under /v1 a query parameter that nobody reads, or that comes twice, is refused: a typing error must not pass."""
    if not connection.scope["path"].startswith("/v1/"):
        return
    known = connection.app.state.query_parameters.get(getattr(handler, "operation_id", None), frozenset())
    seen = connection.query_params
    for name in seen:
        if name not in known:
            raise BadRequest(
                f"There is no query parameter {name[:60]!r} here.", parameter=name[:60], known=sorted(known)
            )
        if len(seen.getall(name)) > 1:
            raise BadRequest(f"The query parameter {name!r} comes twice.", parameter=name)


@get("/livez", operation_id="live", opt={"scope": auth.PUBLIC}, tags=["Health"])
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@get("/readyz", operation_id="ready", opt={"scope": auth.PUBLIC}, tags=["Health"])
async def ready(services: dependencies.AppServices) -> dict[str, str]:
    """The process can work: its database answers. 503 otherwise."""
    await services.db.ping()
    return {"status": "ok", "database": "ok"}

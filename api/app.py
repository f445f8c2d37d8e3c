"""The application: the hot paths, the border, and the framework behind them."""

from collections.abc import Awaitable
from functools import partial

import httpx2
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from api import (
    auth,
    bodies,
    clients,
    conditional,
    cors,
    dependencies,
    incoming,
    limits,
    methods,
    parameters,
    pictures,
    redirect,
)
from api.auth import Authentication
from api.border import Border
from api.crowd import Door
from api.incoming import Incoming
from api.pages import PAGES, cards, failures
from api.pictures import Pictures
from api.reception import Reception
from api.redirect import Redirect
from api.routes import ROUTES
from api.services import Services
from api.unit import UnitOfWork
from core import failpoints, logs, settings
from core.db import HURRIED
from core.settings import Settings
from openapi import document


class Application:
    """One ASGI application. `litestar` is the framework's part, `services` what it all runs on."""

    def __init__(
        self,
        config: Settings,
        stripe_transport: httpx2.AsyncBaseTransport | None = None,
        framework: Litestar | None = None,
    ) -> None:
        logs.configure(config.log_level)
        failpoints.arm(config.failpoint)
        self.settings = config
        self.services = Services(config, stripe_transport=stripe_transport, patience=HURRIED)
        rates = self.services.rates
        self.redirect = Redirect(
            config,
            self.services.db,
            self.services.vault,
            rates.lost_links,
            card=partial(cards.card, self.services),
            missing=cards.missing,
            salts=self.services.salts,
        )
        self.services.landings.use(self.redirect.spool)
        self.litestar = framework or build_framework()
        self.litestar.state.services, self.litestar.state.redirect = self.services, self.redirect
        inner: ASGIApp = UnitOfWork(self.litestar, self.services.db, self.services.vault, config)
        self._pictures = Pictures(self.services.storage)
        self._incoming = Incoming(self.services.storage, config)
        received: ASGIApp = Reception(conditional.Conditional(inner), config)
        known: ASGIApp = Authentication(received, self.services.db, rates, config)
        asked: ASGIApp = cors.Preflight(known, self.services.db, config)
        rationed: ASGIApp = limits.Rationing(asked, rates, config)
        let_in: ASGIApp = Door(rationed, self.services.db, config)
        self._behind_border: ASGIApp = cors.Sharing(Border(let_in, config), self.services.db)
        self._proxies = clients.Proxies(config.trusted_proxies, config.country_header)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine of its own: every tap would pay for it.
        if scope["type"] != ScopeType.HTTP:
            return self.litestar(scope, receive, send)
        self._proxies.look_through(scope)
        path = scope["path"]
        if path.startswith(redirect.PREFIX):
            return self.redirect(scope, receive, send)
        if path.startswith(pictures.PREFIX):
            return self._pictures(scope, receive, send)
        if path.startswith(incoming.PREFIX):
            return self._incoming(scope, receive, send)
        return self._behind_border(scope, receive, send)


def create_app(
    config: Settings | None = None,
    *,
    stripe_transport: httpx2.AsyncBaseTransport | None = None,
    framework: Litestar | None = None,
) -> Application:
    """The real application with these settings, or those of the environment.

    `framework` is what `build_framework` made and no other application runs on; it takes 0.15 s of CPU to make one.
    """
    return Application(config or settings.load(), stripe_transport, framework)


async def _guard(connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler) -> None:
    """What every request has to pass; one guard, because Litestar copies the handler for each."""
    await auth.guard(connection, handler)
    await parameters.known(connection, handler)
    await bodies.as_documented(connection, handler)


async def _opening(app: Litestar) -> None:
    await app.state.services.open()
    await app.state.redirect.open()


async def _closing(app: Litestar) -> None:
    await app.state.redirect.close()
    await app.state.services.close()


def build_framework() -> Litestar:
    """The framework's part, which knows routes and no settings; its application puts what it runs on into `state`."""
    app = Litestar(
        route_handlers=[*ROUTES, *PAGES],
        dependencies=dependencies.PROVIDERS,
        exception_handlers=failures.HANDLERS,
        guards=[_guard],
        openapi_config=document.configuration(),
        before_send=[methods.complete],
        on_startup=[_opening],
        on_shutdown=[_closing],
        request_max_body_size=None,
        multipart_form_part_limit=10,
        logging_config=None,
        debug=False,
    )
    app.state.methods = methods.by_address(app)
    app.state.query_parameters = parameters.by_operation(app)
    return app

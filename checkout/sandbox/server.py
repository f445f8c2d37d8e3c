"""The server: Litestar inside, a thin ASGI shell outside, and the task that lets time pass."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import cast

import httpx2
from litestar import Litestar, Request, Response
from litestar.datastructures import State as AppState
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send
from litestar.types.asgi_types import LifeSpanShutdownCompleteEvent, LifeSpanStartupCompleteEvent

from checkout.sandbox import control, endpoints, errors, identifiers, money_control, page, v1, world
from checkout.sandbox.clock import Clock
from checkout.sandbox.desk import Desk
from checkout.sandbox.errors import StripeError
from checkout.sandbox.exchange import DROP_HEADER
from checkout.sandbox.settings import API_VERSION, SandboxSettings
from checkout.sandbox.state import State
from checkout.sandbox.webhooks import Courier, Deliver, HttpDelivery
from core import clock as core_clock

MAX_BODY = 1024 * 1024
TICK = 0.5

logger = logging.getLogger(__name__)


class ConnectionDropped(httpx2.RemoteProtocolError):
    """A scripted fault cuts the connection; in-process callers see it as their HTTP client would."""


class Sandbox:
    """The local Stripe as an ASGI application.

    `async with sandbox:` (or the server's lifespan) lets time pass and webhooks go out by themselves. Without it
    nothing happens in the background: a test says `await sandbox.deliver_due()`.
    """

    def __init__(self, settings: SandboxSettings, deliver: Deliver | None, wall: Callable[[], float]) -> None:
        self._state = State(settings.state)
        self._own = HttpDelivery(settings.delivery_timeout)
        clock = Clock(self._state, wall)
        self.courier = Courier(self._state, settings, clock, deliver or self._own)
        self.desk = Desk(settings, self._state, clock, self.courier)
        self._app = _application()
        self._background: asyncio.Task[None] | None = None
        with self.desk.call("") as call:
            endpoints.configure(call)

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Serve a request, or the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(cast(LifeSpanReceive, receive), cast(LifeSpanSend, send))
            return
        await self._answer(scope, cast(Receive, receive), cast(Send, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        dropped = False

        async def guarded(message: Message) -> None:
            nonlocal dropped
            if message["type"] == "http.response.start":
                dropped = any(name.lower() == DROP_HEADER.encode() for name, _ in message["headers"])
            if not dropped:
                await send(message)

        scope.setdefault("state", {})["desk"] = self.desk
        await self._app(scope, receive, guarded)
        if dropped:
            await _cut(send)

    async def __aenter__(self) -> "Sandbox":
        self.courier.running = True
        self._background = asyncio.create_task(self._let_time_pass())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._background is not None:
            self._background.cancel()
            with suppress(asyncio.CancelledError):
                await self._background
        await self.close()

    async def deliver_due(self) -> int:
        """Let due time pass and carry every due delivery once; gives how many attempts were made."""
        self.desk.pass_time()
        return await self.courier.deliver_due()

    async def close(self) -> None:
        """Let go of everything; the state file keeps the rest."""
        await self.courier.stop()
        await self._own.close()
        self._state.close()

    async def _let_time_pass(self) -> None:
        while True:
            self.courier.woken.clear()
            try:
                self.desk.pass_time()
                self.courier.start_due()
                pause = min(TICK, max(self.courier.rest(), 0.01))
            except Exception:  # One bad moment must not stop time for good.
                logger.exception("time stood still for a moment")
                pause = TICK
            with suppress(TimeoutError):
                await asyncio.wait_for(self.courier.woken.wait(), pause)

    async def _live(self, receive: LifeSpanReceive, send: LifeSpanSend) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.__aenter__()
                await send(LifeSpanStartupCompleteEvent(type="lifespan.startup.complete"))
            elif message["type"] == "lifespan.shutdown":
                await self.__aexit__(None, None, None)
                await send(LifeSpanShutdownCompleteEvent(type="lifespan.shutdown.complete"))
                return


def _wall() -> float:
    return core_clock.now().timestamp()


def create_sandbox(
    settings: SandboxSettings, *, deliver: Deliver | None = None, wall: Callable[[], float] = _wall
) -> Sandbox:
    """Build the local Stripe on its state file; `deliver` replaces HTTP for webhooks, `wall` the clock."""
    return Sandbox(settings, deliver, wall)


@cache
def _application() -> Litestar:
    """The framework's part: routes that every local Stripe of this process shares, each request brings its desk."""
    guarded: list[HTTPRouteHandler] = [*control.handlers(), *money_control.handlers(), *world.handlers()]
    return Litestar(
        route_handlers=[
            *v1.handlers(),
            *page.handlers(),
            Router("/", route_handlers=guarded, guards=[control.local_only]),
        ],
        dependencies={"desk": Provide(_desk, sync_to_thread=False)},
        exception_handlers={StripeError: _refuse, HTTPException: _refuse_http, Exception: _fail},
        openapi_config=None,
        request_max_body_size=MAX_BODY,
        logging_config=None,
    )


PlainRequest = Request[None, None, AppState]


def _desk(request: PlainRequest) -> Desk:
    desk: Desk = request.scope["state"]["desk"]
    return desk


def _refuse(_: PlainRequest, problem: StripeError) -> Response[bytes]:
    headers = {"Request-Id": identifiers.new("req"), "Stripe-Version": API_VERSION}
    body = problem.body(headers["Request-Id"])
    return Response(body, status_code=problem.status, headers=headers, media_type="application/json")


def _refuse_http(request: PlainRequest, problem: HTTPException) -> Response[bytes]:
    if problem.status_code in (404, 405):
        return _refuse(request, errors.unrecognized(request.method, request.scope["path"]))
    return _refuse(request, StripeError(problem.detail, status=problem.status_code))


def _fail(request: PlainRequest, problem: Exception) -> Response[bytes]:
    logger.error("%s %s failed", request.method, request.scope["path"], exc_info=problem)
    return _refuse(request, StripeError("An unknown error occurred.", status=500, kind="api_error"))


async def _cut(send: Send) -> None:
    """Promise more than is sent, and hang up."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionDropped("cut by a scripted fault")

"""The one door to Stripe: the official SDK over our own HTTP client, one client per shop's key.

The default client of the SDK (16.1) does not retry 429, waits 80 s and sends telemetry.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from functools import partial, wraps
from typing import Concatenate, Never, ParamSpec, TypeVar

import httpx2
import msgspec
import stripe
from stripe import StripeClient, StripeError, StripeObject

from checkout.errors import PaymentProviderRefused, PaymentProviderUnavailable, PaymentsNotConnected
from checkout.stripe import ration
from core import clock, shops
from core.db import Database
from core.logs import logger
from core.outbound import authorities
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop

# Telemetry would name this machine to Stripe and write into the user's home directory.
stripe.enable_telemetry = False

API_VERSION = "2026-10-28.endive"
RETRY_AFTER = 10
"""How many seconds to let go by before Stripe is asked again that did not answer, or not so that it can be read."""
_CALL_SECONDS = 10.0
_RETRIES = 2
_KEPT_CLIENTS = 256
_log = logger("stripe")

T = TypeVar("T")
P = ParamSpec("P")


class _Waiting:
    """How many seconds somebody will still wait for Stripe."""

    __slots__ = ("left",)

    def __init__(self, left: float) -> None:
        self.left = left


_WAITING: ContextVar[_Waiting | None] = ContextVar("waiting_for_stripe", default=None)


class ShopHTTPClient(stripe.HTTPClient):
    """Async requests with our own time limits; a rate limit is retried like a conflict."""

    name = "httpx2"

    def __init__(self, http: httpx2.AsyncClient, count: Callable[[], Awaitable[None]]) -> None:
        """`count` is awaited before every read is sent, further attempts included."""
        super().__init__()
        self._http, self._count = http, count

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One attempt. Raises stripe.APIConnectionError, marked as worth a retry, when no answer came."""
        content = post_data.encode() if post_data is not None else None
        if method.upper() == "GET":
            await self._count()
        try:
            answer = await self._http.request(method, url, headers=dict(headers), content=content)
        except httpx2.HTTPError as error:
            raise _no_answer(error) from error
        return answer.content, answer.status_code, answer.headers

    def _should_retry(
        self,
        response: tuple[object, int, Mapping[str, str] | None] | None,
        api_connection_error: stripe.APIConnectionError | None,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        # The SDK's own rule never retries 429 (removed in 15.3); a short wait is what Stripe asks for.
        if response is not None and response[1] == 429:
            return num_retries < (max_network_retries or 0)
        # The same request is under way, sent by another tap: its answer is ours, as long as `call` waits.
        if response is not None and response[1] == 409:
            return True
        # What Stripe has stored it says for a day: asking again wastes the buyer's time.
        if response is not None and _is_replayed(response[2]):
            return False
        return bool(super()._should_retry(response, api_connection_error, num_retries, max_network_retries))

    async def sleep_async(self, secs: float) -> None:
        """Wait between two attempts."""
        await asyncio.sleep(secs)


def _no_answer(error: Exception) -> StripeError:
    no_answer: StripeError = stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # The SDK leaves it untyped.
        f"No answer: {type(error).__name__}", should_retry=True
    )
    return no_answer


class Gateway:
    """Stripe for every shop: hands out clients of their accounts, whose keys `vault` has sealed.

    What they read is counted in `db`.
    """

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        db: Database,
        transport: httpx2.AsyncBaseTransport | None = None,
        seconds: float = _CALL_SECONDS,
    ) -> None:
        """`seconds` is how long one request of ours waits for Stripe, however many calls it makes."""
        self._base, self.seconds = settings.stripe_api_base, seconds
        self.vault, self._db = vault, db
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(_CALL_SECONDS, connect=2.0),
            limits=httpx2.Limits(max_connections=50),
            transport=transport,
            verify=authorities(),
            trust_env=False,
        )
        self._clients: dict[str, StripeClient] = {}

    def client(self, shop: Shop) -> StripeClient:
        """The client of this shop's account; refuses PaymentsNotConnected."""
        key = shops.stripe_key(shop, self.vault)
        if not key:
            raise PaymentsNotConnected("Connect Stripe first: vitrine shop connect-stripe.")
        name = hashlib.sha256(f"{shop.id} {key} {shop.stripe_account}".encode()).hexdigest()
        if name not in self._clients:
            if len(self._clients) >= _KEPT_CLIENTS:
                self._clients.clear()
            self._clients[name] = StripeClient(
                key,
                stripe_account=shop.stripe_account,
                stripe_version=API_VERSION,
                base_addresses={"api": self._base},
                max_network_retries=_RETRIES,
                http_client=ShopHTTPClient(self._http, partial(ration.count, self._db, shop.id)),
            )
        return self._clients[name]

    async def close(self) -> None:
        """Close the connections to Stripe."""
        await self._http.aclose()


def waits_once(
    verb: Callable[Concatenate[Gateway, P], Awaitable[T]],
) -> Callable[Concatenate[Gateway, P], Coroutine[object, object, T]]:
    """A verb that somebody waits for: its calls to Stripe, one after the other, have `Gateway.seconds` in all.

    What the database takes is not counted, and has limits of its own.
    """

    @wraps(verb)
    async def within(gateway: Gateway, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if _WAITING.get() is not None:
            return await verb(gateway, *args, **kwargs)
        token = _WAITING.set(_Waiting(gateway.seconds))
        try:
            return await verb(gateway, *args, **kwargs)
        finally:
            _WAITING.reset(token)

    return within


async def call(request: Awaitable[T]) -> T:
    """Await one call to Stripe within ten seconds, retries included, or within what `waits_once` has left of them.

    Refuses PaymentProviderUnavailable where the outcome is unknown or may change (no answer, one that is not Stripe's,
    409, 429, 5xx), PaymentProviderRefused where Stripe said no for good. A failure that `is_stored` is Stripe's answer
    to this idempotency key for a day (docs.stripe.com/api/idempotent_requests): whoever looks first whether the work
    was done may ask under another one.
    """
    waiting = _WAITING.get() or _Waiting(_CALL_SECONDS)
    begun = clock.monotonic()
    try:
        async with asyncio.timeout(waiting.left):
            return await request
    except TimeoutError:
        raise PaymentProviderUnavailable("Stripe took too long.", retry_after=RETRY_AFTER) from None
    except StripeError as error:
        _refuse(error)
    finally:
        waiting.left -= clock.monotonic() - begun


def read(answer: StripeObject, kind: type[T]) -> T:
    """What an answer says. The library makes an object of whatever JSON comes.

    Refuses PaymentProviderUnavailable where it has not this shape, because Stripe may have acted.
    """
    try:
        return msgspec.convert(answer.to_dict(for_json=True), kind)
    except (AttributeError, msgspec.ValidationError):
        raise PaymentProviderUnavailable(
            "Stripe's answer cannot be read.", retry_after=RETRY_AFTER, is_answer=True
        ) from None


def _refuse(error: StripeError) -> Never:
    status = error.http_status
    code = error.error.code if error.error else None
    _log.warning("stripe refused", status=status, code=code, kind=type(error).__name__, stripe_request=error.request_id)
    if status is None or not 400 <= status < 500 or status in (409, 429):
        is_stored = status is not None and status >= 500 and _is_replayed(error.headers)
        raise PaymentProviderUnavailable(
            "Stripe does not answer at the moment.", retry_after=RETRY_AFTER, is_stored=is_stored
        ) from None
    if status in (401, 403):
        raise PaymentsNotConnected("Stripe does not accept this shop's key.", status=status) from None
    raise PaymentProviderRefused(
        "Stripe refuses this request.", stripe_code=code, parameter=getattr(error, "param", None)
    ) from None


def _is_replayed(headers: Mapping[str, str] | None) -> bool:
    return httpx2.Headers(headers).get("idempotent-replayed") == "true"

"""How tests talk to the local Stripe: parameters, pages, webhooks."""

from collections.abc import Mapping
from typing import TypeAlias

import httpx2
import msgspec

KEY = "sk_test_of_the_shop"
SECRET = "whsec_of_the_shop"
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
SESSIONS = "/v1/checkout/sessions"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

SHIRT: dict[str, str] = {
    "mode": "payment",
    "success_url": "http://shop.test/thanks?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://shop.test/cart",
    "client_reference_id": "ord_1",
    "metadata[post]": "post_1",
    "payment_intent_data[metadata][order]": "ord_1",
    "line_items[0][quantity]": "2",
    "line_items[0][metadata][variant]": "var_1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "4900",
    "line_items[0][price_data][product_data][name]": "Linen shirt",
    "line_items[0][price_data][product_data][images][0]": "http://shop.test/shirt.jpg",
}
CARD = {"email": "ada@example.com", "name": "Ada", "expiry": "12 / 34", "cvc": "123", "card": "4242 4242 4242 4242"}
START = 1_795_000_000.0


class Wall:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


class Delivery(msgspec.Struct):
    """One webhook as it came in."""

    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> "Event":
        """The event inside."""
        return msgspec.json.decode(self.body, type=Event)


class EventObject(msgspec.Struct):
    """What the object inside an event says about itself."""

    id: str
    status: str | None = None
    payment_status: str | None = None
    payment_intent: str | None = None
    metadata: dict[str, str] = {}


class EventData(msgspec.Struct):
    """What an event carries."""

    object: EventObject


class Event(msgspec.Struct):
    """The parts of an event that the tests look at."""

    id: str
    type: str
    api_version: str
    created: int
    livemode: bool
    pending_webhooks: int
    data: EventData


class Receiver:
    """A shop that answers `status` to every webhook, or nothing at all."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []
        self.status = 200
        self.away = False

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.away:
            raise ConnectionRefusedError
        self.heard.append(Delivery(url, body, dict(headers)))
        return self.status

    @property
    def types(self) -> list[str]:
        """What kinds of events came, in order."""
        return [delivery.event.type for delivery in self.heard]

    def last(self, kind: str) -> EventObject:
        """The object of the last event of a kind."""
        return next(d.event.data.object for d in reversed(self.heard) if d.event.type == kind)


class Price(msgspec.Struct):
    """A price inside a line."""

    unit_amount: int | None
    unit_amount_decimal: str
    product: str


class Line(msgspec.Struct):
    """A line item."""

    id: str
    amount_total: int
    quantity: int
    description: str
    metadata: dict[str, str]
    price: Price


class Lines(msgspec.Struct):
    """A list of lines."""

    data: list[Line]
    has_more: bool
    url: str


class Customer(msgspec.Struct):
    """Who paid."""

    email: str
    name: str | None = None


class Session(msgspec.Struct):
    """The parts of a session that the tests look at."""

    id: str
    status: str
    payment_status: str
    payment_intent: str | None
    url: str | None
    amount_subtotal: int
    amount_total: int
    currency: str
    created: int
    expires_at: int
    livemode: bool
    success_url: str
    metadata: dict[str, str]
    payment_method_types: list[str]
    customer_details: Customer | None
    total_details: dict[str, int]
    client_reference_id: str | None = None
    line_items: Lines | None = None


class Error(msgspec.Struct):
    """Stripe's error."""

    type: str
    message: str
    code: str | None = None
    param: str | None = None
    decline_code: str | None = None


class Refusal(msgspec.Struct):
    """The envelope of Stripe's error."""

    error: Error


def session_of(answer: httpx2.Response) -> Session:
    """The session in a good answer."""
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Session)


def error_of(answer: httpx2.Response) -> Error:
    """The error in a bad answer."""
    assert answer.status_code >= 400, answer.text
    return msgspec.json.decode(answer.content, type=Refusal).error


async def post(
    client: httpx2.AsyncClient, path: str, params: Mapping[str, str] | None = None, key: str | None = None
) -> httpx2.Response:
    """A form-encoded POST, with an idempotency key if one is given."""
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await client.post(path, data=dict(params or {}), headers=FORM | headers)


async def open_session(client: httpx2.AsyncClient, **more: str) -> Session:
    """A fresh session for two shirts."""
    return session_of(await post(client, SESSIONS, SHIRT | more))


async def control(client: httpx2.AsyncClient, path: str, body: Mapping[str, Json] | None = None) -> httpx2.Response:
    """A call of the local control."""
    return await client.post(f"/_local/{path}", json=dict(body or {}))


async def pay(client: httpx2.AsyncClient, session: Session, card: str = "4242424242424242") -> httpx2.Response:
    """Pay as a person would."""
    return await control(client, f"sessions/{session.id}/pay", {"card": card})


async def retrieve(client: httpx2.AsyncClient, session: Session) -> Session:
    """The session as it is now."""
    return session_of(await client.get(f"{SESSIONS}/{session.id}"))

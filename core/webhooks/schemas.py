"""What merchants say about their endpoints, and what they get to see."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.wire import UNSET, In, Line, Out, UnsetType

MAX_ENDPOINTS = 20
EVERYTHING = "*"

EventType = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^(?:\*|[a-z_]+\.[a-z_]+)$")]
EventTypes = Annotated[
    list[EventType],
    Meta(min_length=1, max_length=50, description="Such as order.paid; `*` is every type, also those to come."),
]
Address = Annotated[
    str,
    Meta(
        min_length=12,
        max_length=2000,
        pattern=r"^https?://[!-~]+$",
        description="A public https address, on port 443 or 8443.",
    ),
]
Status = Literal["pending", "delivered", "dead", "skipped"]


class WebhookEndpointCreate(In, kw_only=True):
    """A new endpoint."""

    url: Address
    event_types: EventTypes
    description: Line = ""


class WebhookEndpointChange(In, kw_only=True):
    """New values; what is absent stays. While `enabled` is false deliveries wait, for 30 days at most."""

    url: Address | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    description: Line | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class SecretRotation(In, kw_only=True):
    """For how many hours each message is signed with the old secret too, so that receivers can change over."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class WebhookEndpointOut(Out, kw_only=True, frozen=True):
    """An endpoint without its secret, and how it is.

    `failures` is how many tries in a row have failed since `failing_since`. `disabled_reason` is `merchant` (you did),
    `failing` (nothing got through for a day) or `gone` (it answered 410).
    """

    id: str
    url: str
    description: str
    event_types: list[str]
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: Literal["merchant", "failing", "gone"] | None
    failures: int
    failing_since: datetime | None
    last_delivered_at: datetime | None
    previous_secret_until: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "WebhookEndpointOut":
        """The endpoint for its merchant."""
        return msgspec.convert(_facts(endpoint), cls)


class WebhookEndpointMade(WebhookEndpointOut, kw_only=True, frozen=True):
    """An endpoint with its new secret (`whsec_…`), which is shown this once."""

    secret: str

    @classmethod
    def shown(cls, endpoint: WebhookEndpoint, secret: str) -> "WebhookEndpointMade":
        """The endpoint for whoever asked for a secret."""
        return msgspec.convert({**_facts(endpoint), "secret": secret}, cls)


def _facts(endpoint: WebhookEndpoint) -> dict[str, object]:
    names = [name for name in WebhookEndpointOut.__struct_fields__ if name != "enabled"]
    return {name: getattr(endpoint, name) for name in names} | {"enabled": endpoint.disabled_at is None}


class WebhookDeliveryOut(Out, kw_only=True, frozen=True):
    """One event on its way to one endpoint.

    `pending` is tried again at `next_attempt_at`, once what came before it about the same `subject` is through; `dead`
    was given up after its last try and holds back what comes after it; `skipped` was given up by the merchant.
    """

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    subject: str
    status: Status
    attempts_left: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> "WebhookDeliveryOut":
        """The delivery for its merchant."""
        return msgspec.convert(_delivery_facts(delivery), cls)


def _delivery_facts(delivery: WebhookDelivery) -> dict[str, object]:
    pending = delivery.status == "pending"
    names = [name for name in WebhookDeliveryOut.__struct_fields__ if name != "next_attempt_at"]
    facts: dict[str, object] = {name: getattr(delivery, name) for name in names}
    return facts | {
        "next_attempt_at": delivery.due_at if pending else None,
        "attempts_left": delivery.attempts_left if pending else 0,
    }


class WebhookAttemptOut(Out, kw_only=True, frozen=True):
    """One try. `outcome` is delivered, status (no 2xx), or why there was no answer.

    Without an answer: forbidden (the name leads to an address that is not public), unresolved, refused, tls, timeout
    (5 seconds) or protocol. `answer` is how the answer began.
    """

    outcome: Literal["delivered", "status", "forbidden", "unresolved", "refused", "tls", "timeout", "protocol"]
    status: int | None
    answer: str
    milliseconds: int
    created_at: datetime

    @classmethod
    def of(cls, attempt: WebhookAttempt) -> "WebhookAttemptOut":
        """The try as it goes out."""
        return msgspec.convert(attempt, cls, from_attributes=True)


class WebhookDeliveryRead(WebhookDeliveryOut, kw_only=True, frozen=True):
    """A delivery with the body that is sent and every try, the oldest first."""

    body: str
    attempts: list[WebhookAttemptOut]

    @classmethod
    def whole(cls, delivery: WebhookDelivery, attempts: list[WebhookAttempt]) -> "WebhookDeliveryRead":
        """The delivery with all that belongs to it."""
        tries = [WebhookAttemptOut.of(each) for each in attempts]
        return msgspec.convert({**_delivery_facts(delivery), "body": delivery.body, "attempts": tries}, cls)

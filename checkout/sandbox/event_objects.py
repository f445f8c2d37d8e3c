"""Stripe's events and webhook endpoints as they travel."""

from collections.abc import Mapping

from msgspec import UNSET, Raw, UnsetType, field

from checkout.sandbox.objects import Metadata, Wire

# Not the recursive alias of JSON: msgspec would expand it for ever.
Changes = Mapping[str, object]


class EventRequest(Wire, kw_only=True):
    """The API request that an event came from, if any."""

    id: str | None = None
    idempotency_key: str | None = None


class EventData(Wire, kw_only=True):
    """The object as it was at that moment."""

    object: Raw
    previous_attributes: Changes | UnsetType = UNSET


class Event(Wire, kw_only=True):
    """Something that happened."""

    id: str
    object: str = "event"
    account: str | UnsetType = UNSET
    api_version: str
    created: int
    data: EventData
    livemode: bool = False
    pending_webhooks: int
    request: EventRequest
    type: str


class WebhookEndpoint(Wire, kw_only=True):
    """`secret` travels in the answer to its creation only."""

    id: str
    object: str = "webhook_endpoint"
    api_version: str | None = None
    application: str | None = None
    created: int
    description: str | None = None
    enabled_events: list[str]
    livemode: bool = False
    metadata: Metadata = field(default_factory=dict)
    secret: str | UnsetType = UNSET
    status: str = "enabled"
    url: str

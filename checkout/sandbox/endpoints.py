"""Webhook endpoints: some given at start, others made through the API by an account for itself."""

from dataclasses import replace

import msgspec
from msgspec import UNSET, Struct, structs

from checkout.sandbox import events, expansion, identifiers, listing, metadata, parameters, records
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import Deleted
from checkout.sandbox.errors import parameter
from checkout.sandbox.event_objects import WebhookEndpoint
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import MetadataChange, MetadataParam, Url
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Retrieval

KIND = "webhook_endpoint"
CONFIGURED = "we_configured_"


class EndpointCreate(Struct, kw_only=True):
    """What an endpoint is created with."""

    enabled_events: list[str]
    url: Url
    api_version: str | None = None
    connect: bool | None = None
    description: str | None = None
    expand: list[str] | None = None
    metadata: MetadataParam | None = None


class EndpointUpdate(Struct, kw_only=True):
    """What can be changed about an endpoint."""

    description: str | None = None
    disabled: bool | None = None
    enabled_events: list[str] | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    url: Url | None = None


class Rolled(Struct, kw_only=True):
    """A secret that was replaced, and until when it still signs."""

    secret: str
    until: int


class Nothing(Struct):
    """No parameters."""


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/webhook_endpoints`: the only answer that shows the secret."""
    params = parameters.read(tree, EndpointCreate)
    if not params.enabled_events:
        raise parameter("You must pass at least one event to enable.", "enabled_events")
    endpoint = WebhookEndpoint(
        id=identifiers.new("we"),
        api_version=params.api_version,
        created=call.now,
        description=params.description,
        enabled_events=params.enabled_events,
        metadata=params.metadata or {},
        secret=identifiers.new("whsec"),
        url=params.url,
    )
    records.add(call, KIND, endpoint.id, endpoint, Place(reference="connect" if params.connect else None))
    return expansion.render(call, endpoint, params.expand)


def retrieve(call: Call, tree: Tree, webhook_endpoint: str) -> bytes:
    """`GET /v1/webhook_endpoints/{webhook_endpoint}`."""
    params = parameters.read(tree, Retrieval)
    endpoint = records.get(call, KIND, webhook_endpoint, WebhookEndpoint, "webhook_endpoint")
    return expansion.render(call, _discreet(endpoint), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/webhook_endpoints`."""
    params = parameters.read(tree, Listing)
    found, more = listing.page(call, records.Query(KIND), params, WebhookEndpoint)
    discreet = [_discreet(endpoint) for endpoint in found]
    return listing.render(call, discreet, more, "/v1/webhook_endpoints", params.expand)


def update(call: Call, tree: Tree, webhook_endpoint: str) -> bytes:
    """`POST /v1/webhook_endpoints/{webhook_endpoint}`: anything but its version."""
    params = parameters.read(tree, EndpointUpdate)
    endpoint = records.get(call, KIND, webhook_endpoint, WebhookEndpoint, "webhook_endpoint")
    endpoint.description = params.description or endpoint.description
    endpoint.enabled_events = params.enabled_events or endpoint.enabled_events
    endpoint.url = params.url or endpoint.url
    if params.disabled is not None:
        endpoint.status = "disabled" if params.disabled else "enabled"
    endpoint.metadata = metadata.changed(endpoint.metadata, params.metadata)
    body = msgspec.json.encode(endpoint)
    call.db.execute("UPDATE object SET body = ? WHERE id = ? AND account = ?", (body, endpoint.id, call.account))
    return expansion.render(call, _discreet(endpoint), params.expand)


def roll(call: Call, endpoint: WebhookEndpoint, expires_in: int) -> WebhookEndpoint:
    """Give an endpoint a new secret, shown once; the old one signs along until it expires."""
    records.remove(call, f"rolled_{endpoint.id}")
    old = Rolled(secret=str(endpoint.secret), until=call.now + expires_in)
    records.add(call, "rolled_secret", f"rolled_{endpoint.id}", old)
    endpoint.secret = identifiers.new("whsec")
    body = msgspec.json.encode(endpoint)
    call.db.execute("UPDATE object SET body = ? WHERE id = ? AND account = ?", (body, endpoint.id, call.account))
    return endpoint


def decode_rolled(body: bytes) -> Rolled:
    """A secret that was replaced."""
    return msgspec.json.decode(body, type=Rolled)


def delete(call: Call, tree: Tree, webhook_endpoint: str) -> bytes:
    """`DELETE /v1/webhook_endpoints/{webhook_endpoint}`: what it has not heard yet it never will."""
    parameters.read(tree, Nothing)
    endpoint = records.get(call, KIND, webhook_endpoint, WebhookEndpoint, "webhook_endpoint")
    _forget(call, endpoint.id)
    return expansion.render(call, Deleted(id=endpoint.id, object=KIND), None)


def configure(call: Call) -> None:
    """Make the endpoints given at start the configured ones, in place: a retry goes to the address of today."""
    everyone = replace(call, account=events.EVERYONE)
    for place, target in enumerate(call.settings.webhooks):
        identifier = f"{CONFIGURED}{place}"
        endpoint = WebhookEndpoint(
            id=identifier, created=call.now, enabled_events=["*"], secret=target.secret, url=target.url
        )
        if records.find(everyone, KIND, identifier, WebhookEndpoint) is None:
            records.add(everyone, KIND, identifier, endpoint)
        else:
            records.change(everyone, identifier, endpoint)
    for row in call.db.execute("SELECT id FROM object WHERE kind = ? AND account = ?", (KIND, events.EVERYONE)):
        if int(row["id"].removeprefix(CONFIGURED)) >= len(call.settings.webhooks):
            _forget(everyone, row["id"])


def decode(body: bytes) -> WebhookEndpoint:
    """An endpoint as it was kept, with its secret."""
    return msgspec.json.decode(body, type=WebhookEndpoint)


def _forget(call: Call, identifier: str) -> None:
    records.remove(call, identifier)
    call.db.execute("DELETE FROM delivery WHERE endpoint = ? AND state = 'pending'", (identifier,))


def _discreet(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return structs.replace(endpoint, secret=UNSET)

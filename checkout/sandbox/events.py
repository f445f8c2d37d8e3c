"""Events: what happened, as a snapshot that never changes, and one delivery per endpoint that wants to hear it."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, cast

import msgspec
from msgspec import UNSET, Meta

from checkout.sandbox import accounts, expansion, identifiers, listing, parameters, plans, records
from checkout.sandbox.call import Call
from checkout.sandbox.errors import missing
from checkout.sandbox.event_objects import Event, EventData, EventRequest, WebhookEndpoint
from checkout.sandbox.forms import Json, Tree
from checkout.sandbox.objects import Wire
from checkout.sandbox.records import Place
from checkout.sandbox.session_parameters import Listing, Retrieval
from checkout.sandbox.settings import API_VERSION

KIND = "event"
# docs.stripe.com/api/events: for thirty days.
KEPT_FOR = 30 * 24 * 60 * 60
EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an object; `before` holds the old values of an `*.updated` event."""

    type: str
    object: Wire
    before: dict[str, Json] | None = None


class EventListing(Listing):
    """What the list of events takes."""

    delivery_success: bool | None = None
    type: str | None = None
    types: Annotated[list[str], Meta(max_length=20)] | None = None


def emit(call: Call, happenings: Sequence[Happening]) -> list[str]:
    """Keep the events and plan their deliveries in shuffled order, as Stripe promises none; ids in the given order."""
    named = [(identifiers.new("evt"), happening) for happening in happenings]
    shuffled = list(named)
    call.dice.shuffle(shuffled)
    for identifier, happening in shuffled:
        _keep(call, identifier, happening)
        if plans.rule(call, happening.type).twins:  # Stripe sometimes makes two events of one thing.
            _keep(call, identifiers.new("evt"), happening)
    return [identifier for identifier, _ in named]


def told_of_change(kind: str, before: Wire, after: Wire) -> list[Happening]:
    """The event of a change with the old values; nothing if nothing changed."""
    old, new = (cast(dict[str, Json], msgspec.to_builtins(wire)) for wire in (before, after))
    difference = {name: _old(old.get(name), new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)}
    return [Happening(kind, copy.deepcopy(after), difference)] if difference else []


def _old(before: Json, after: Json) -> Json:
    """Of an object inside an object only what changed."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {name: before.get(name) for name in {**before, **after} if before.get(name) != after.get(name)}
    return before


def retrieve(call: Call, tree: Tree, event: str) -> bytes:
    """`GET /v1/events/{event}`."""
    params = parameters.read(tree, Retrieval)
    found = records.find(call, KIND, event, Event)
    if found is None or found.created <= call.now - KEPT_FOR:
        raise missing(KIND, event, "id")
    return expansion.render(call, _live(call, found), params.expand)


def list_page(call: Call, tree: Tree) -> bytes:
    """`GET /v1/events`, newest first."""
    params = parameters.read(tree, EventListing)
    query = records.Query(KIND)
    query.where("created > ?", call.now - KEPT_FOR)
    query.where("status = ?", params.type)
    query.among("status", params.types)
    if params.delivery_success is not None:
        undelivered = "EXISTS (SELECT 1 FROM delivery WHERE event = object.id AND state != 'delivered')"
        query.terms.append(f"NOT {undelivered}" if params.delivery_success else undelivered)
    found, more = listing.page(call, query, params, Event)
    return listing.render(call, [_live(call, event) for event in found], more, "/v1/events", params.expand)


def body(event: Event, endpoint: WebhookEndpoint) -> bytes:
    """The bytes that are signed and sent, the same for every attempt.

    They name the version that the endpoint was made with; the shape is always that of ours.
    """
    named = msgspec.structs.replace(event, api_version=endpoint.api_version or event.api_version)
    return msgspec.json.format(msgspec.json.encode(named), indent=2)


def deliver(call: Call, event: Event) -> int:
    """Plan the deliveries of an event, to everybody who listens now; gives how many that are."""
    return plans.schedule(call, event.id, event.type, _listeners(call, event.type))


def _keep(call: Call, identifier: str, happening: Happening) -> None:
    event = Event(
        id=identifier,
        account=call.account if accounts.platform_of(call.db, call.account) else UNSET,
        api_version=API_VERSION,
        created=call.now,
        data=EventData(
            object=msgspec.Raw(msgspec.json.encode(happening.object)),
            previous_attributes=UNSET if happening.before is None else happening.before,
        ),
        pending_webhooks=len(_listeners(call, happening.type)),
        request=EventRequest(id=call.request_id, idempotency_key=call.idempotency_key),
        type=happening.type,
    )
    records.add(call, KIND, identifier, event, Place(status=happening.type))
    deliver(call, event)


def _listeners(call: Call, happened: str) -> list[str]:
    """Endpoints of the account and of everyone; for a connected account also its platform's Connect endpoints."""
    rows = call.db.execute(
        "SELECT id, body FROM object WHERE kind = 'webhook_endpoint' AND (account = ? "
        "OR (account = ? AND reference IS NULL) OR (account = ? AND reference = 'connect')) ORDER BY seq",
        (EVERYONE, call.account, accounts.platform_of(call.db, call.account)),
    ).fetchall()
    heard = []
    for row in rows:
        endpoint = msgspec.json.decode(row["body"], type=WebhookEndpoint)
        if endpoint.status == "enabled" and ("*" in endpoint.enabled_events or happened in endpoint.enabled_events):
            heard.append(str(row["id"]))
    return heard


def _live(call: Call, event: Event) -> Event:
    """With the number of endpoints that have not yet said yes."""
    row = call.db.execute(
        "SELECT count(DISTINCT endpoint) FROM delivery WHERE event = ? AND state != 'delivered'", (event.id,)
    ).fetchone()
    event.pending_webhooks = int(row[0])
    return event

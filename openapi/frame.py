"""What stands around the operations: licence, address, tags, headers of problems, who needs no key, Stripe's events."""

from typing import TypeAlias

Node: TypeAlias = dict[str, "Value"]
Value: TypeAlias = str | int | float | bool | list["Value"] | Node | None

TAGS = {
    "Catalog": "What is sold: products, variants, prices, stock, collections, and files of them.",
    "Checkout": "Baskets on their way to payment.",
    "Discounts": "Reductions: for everybody or by code, with limits that are never passed.",
    "Health": "For machines that watch this one; without a key.",
    "Insights": "Clicks, orders and revenue, and how each is counted.",
    "Links": "Ways from a post to a product, and their QR codes.",
    "Media": "Pictures that come in, what is drawn of them, and the products on them.",
    "Orders": "What was bought, and where the buyer came from.",
    "Posts": "Networks, and posts ready to be published there.",
    "Shipping": "What shipping costs, and the parcels of an order.",
    "Shop": "The shop itself and its keys.",
    "Webhooks": "What Stripe sends; signed, without a key.",
}
_BUSY = ("429", "503")
_REQUEST_ID: Node = {"schema": {"type": "string"}, "description": "Names this answer in logs; also in `request_id`."}
_RETRY_AFTER: Node = {"schema": {"type": "string", "pattern": "^[0-9]+$"}, "description": "Seconds until trying again."}
_RATE: Node = {
    "schema": {"type": "string"},
    "description": 'For each limit how many requests are left and in how many seconds all are back: `"key";r=0;t=60`.',
}
# Beside its name and type anything: `checkout/stripe/events.py` keeps what it cannot read.
_EVENT: Node = {
    "title": "StripeEvent",
    "type": "object",
    "description": (
        "A snapshot event as Stripe sends it (docs.stripe.com/api/events/object). The signature covers the bytes: an "
        "event that is signed and cannot be read is kept, and answered with the outcome `unreadable`; signed bytes "
        "that are no event are refused as `bad-event`."
    ),
    "required": ["id", "type"],
    "properties": {
        "id": {"type": "string", "maxLength": 255, "pattern": "^evt_[!-~]+$"},
        "type": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
}
_EXAMPLE: Node = {
    "id": "evt_1SVdK2Lk9f3a7bQe",
    "type": "product.created",
    "created": 1795296000,
    "data": {"object": {"id": "prod_TSb1x2"}},
}
_SIGNATURE: Node = {
    "name": "Stripe-Signature",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[!-~]+$"},
    "description": "`t=…,v1=…`: when Stripe signed the body, and the signature with the endpoint's secret.",
}


def problem(status: str) -> Node:
    """Where the problem of this status is described."""
    return {"$ref": f"#/components/responses/{'Busy' if status in _BUSY else 'Problem'}"}


def responses() -> Node:
    """The problems that operations refer to."""
    told = "A problem (RFC 9457). `type` ends in the slug; facts stand beside the standard members."
    later = "Too many requests, or a part that this needs is away: a problem that says when to try again."
    content: Node = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    wait: Node = {"Request-Id": _REQUEST_ID, "Retry-After": _RETRY_AFTER, "RateLimit": _RATE}
    return {
        "Problem": {"description": told, "headers": {"Request-Id": _REQUEST_ID}, "content": content},
        "Busy": {"description": later, "headers": wait, "content": content},
    }


def put_around(document: Node) -> None:
    """Whose this is, where it answers and under which headings."""
    document["servers"] = [{"url": "/", "description": "The installation that this document comes from."}]
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    info = document["info"]
    if isinstance(info, dict):
        info["license"] = {"name": "MIT", "identifier": "MIT"}


def open_to_all(operation: Node) -> None:
    """No key: said, and not merely left out."""
    operation["security"] = []


def take_events(operation: Node) -> None:
    """The body of `/webhooks/stripe`, which the route reads as bytes because the signature covers these."""
    operation["parameters"] = [_SIGNATURE]
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": _EVENT, "example": _EXAMPLE}},
    }

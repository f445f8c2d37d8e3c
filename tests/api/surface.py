"""Every operation of the real application, ready to be called, and what each error must look like."""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import httpx2
from litestar.routes import HTTPRoute

from api.app import Application

# What the ids in addresses are ids of.
PREFIXES = {
    "asset_id": "asset", "checkout_id": "chk", "collection_id": "coll", "discount_id": "disc", "import_id": "imp",
    "key_id": "key", "link_id": "link", "order_id": "ord", "post_id": "post", "product_id": "prod", "upload_id": "upl",
    "variant_id": "var", "visual_id": "vis", "rate_id": "rate", "fulfilment_id": "parcel", "refund_id": "refd",
    "endpoint_id": "hook", "delivery_id": "dlv", "review_id": "rev", "fulfilment_hold_id": "fhold",
}  # fmt: skip
# The smallest bodies that the writing operations take; {} for all others.
BODIES: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("POST", "/v1/products/{product_id:str}/variants"): {"options": {}},
    ("PUT", "/v1/variants/{variant_id:str}/prices"): {"prices": []},
    ("PUT", "/v1/variants/{variant_id:str}/stock"): {"available": 1},
    ("POST", "/v1/variants/{variant_id:str}/stock-movements"): {"delta": 1},
    ("PUT", "/v1/assets/{asset_id:str}/tags"): {"tags": []},
    ("POST", "/v1/orders/{order_id:str}/fulfilment-holds"): {"reason": "other"},
}
UPLOADS = ("/v1/assets", "/v1/fonts", "/v1/imports")
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


class Operation(NamedTuple):
    """One method of one address."""

    method: str
    template: str
    scope: str
    storefront: bool
    name: str

    @property
    def parameters(self) -> list[str]:
        """The names in its address."""
        return re.findall(r"\{(\w+):str\}", self.template)

    @property
    def is_upload(self) -> bool:
        """Whether it takes a file."""
        return self.method == "POST" and self.template in UPLOADS

    def path(self, ids: Mapping[str, str] | None = None) -> str:
        """Its address with these ids, by the name of the parameter, or with ids that nobody has."""
        given = ids or {}
        path = self.template
        for name in self.parameters:
            path = path.replace(f"{{{name}:str}}", given.get(name) or unknown(PREFIXES.get(name, "none")))
        return path

    async def call(
        self, client: httpx2.AsyncClient, ids: Mapping[str, str] | None = None, query: str = ""
    ) -> httpx2.Response:
        """Call it with a body that it understands."""
        headers = {"If-Match": '"1"'} if self.method in ("PATCH", "PUT") else {}
        if self.name == "createRefund":
            headers["Idempotency-Key"] = secrets.token_hex(8)
        address = self.path(ids) + query
        if self.is_upload:
            return await client.request(self.method, address, files={"file": ("a", b"a")}, headers=headers)
        if self.method in ("GET", "DELETE"):
            return await client.request(self.method, address, headers=headers)
        return await client.request(
            self.method, address, json=BODIES.get((self.method, self.template), {}), headers=headers
        )


def unknown(prefix: str) -> str:
    """An id of the right shape that nobody has."""
    return f"{prefix}_{'0' * 26}"


def operations(app: Application, *, method: str = "") -> Iterator[Operation]:
    """Each operation under /v1."""
    for route in app.litestar.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/v1"):
            continue
        for handler in route.route_handlers:
            for each in sorted(set(handler.http_methods) - {"OPTIONS"}):
                if not method or each == method:
                    opt = handler.opt
                    yield Operation(
                        each, route.path, opt["scope"], bool(opt.get("storefront")), str(handler.operation_id)
                    )


def methods(app: Application) -> Mapping[str, set[str]]:
    """The methods of each address under /v1, OPTIONS included."""
    routes = [route for route in app.litestar.routes if isinstance(route, HTTPRoute) and route.path.startswith("/v1")]
    return {route.path: set(map(str, route.methods)) for route in routes}


def expect_problem(answer: httpx2.Response, status: int, slug: str) -> dict[str, object]:
    """A problem document of this status and type, complete and consistent; its members."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    document: dict[str, object] = answer.json()
    assert document.keys() >= MEMBERS
    assert document["type"] == f"http://127.0.0.1:8000/problems/{slug}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == answer.request.url.path
    assert document["request_id"] == answer.headers["request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    return document

"""What the shop under contract has: real things, so that ids lead somewhere."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from string import ascii_letters

import httpx2

from openapi.examples import BODIES
from tests.api.cli.instances import PATIENCE, client
from tests.api.cli.processes import Up
from tests.media.lettering import lettering
from tests.media.pictures import photo, saved

CSV = b"Handle,Title,Variant Price\nvase,Vase,12.00\nbad,,x\n"
_PRICES = [{"amount": 4900, "currency": "EUR"}, {"amount": 5900, "currency": "USD"}]
# A code that every order of the shop under contract has used, and each buyer may use once: somebody has to look.
_ONCE = {"title": "Welcome", "code": "ONCE", "terms": {"kind": "fixed", "amount": 100}, "limit_per_customer": 1}
# A checkout expires only once.
_MORE_CHECKOUTS = 4


def stock(running: Up, folder: Path) -> Path:
    """Make them at a running application; the file that names them, and the files to upload, in `folder`.

    Of each kind there is one that is `kept` as it is, to be read and named in bodies; one that is `worn` by changes;
    and what is `spent`, because archiving and expiring end it.
    """
    with client(running) as http:
        _spend_once(http, running.ready.sandbox_url)
        lots = {
            name: _Lot(http, running.ready.sandbox_url, number)
            for number, name in enumerate(("kept", "worn", "spent"), 1)
        }
        known = {name: lot.ids for name, lot in lots.items()}
        variant = lots["kept"].ids["variant"]
        more = [_checkout(http, variant, f"more-{each}")[0] for each in range(_MORE_CHECKOUTS)]
    path = folder / "goods.json"
    secret = running.ready.webhook_secret
    path.write_text(json.dumps({**known, "checkouts": more, "webhook_secret": secret}))
    (folder / "picture.jpg").write_bytes(saved(photo(320, 400)))
    (folder / "letters.ttf").write_bytes(lettering(ascii_letters))
    (folder / "products.csv").write_bytes(CSV)
    return path


class _Lot:
    """One of everything, by its kind."""

    def __init__(self, http: httpx2.Client, stripe: str, number: int) -> None:
        self._http = http
        product = self._made("/v1/products", {"title": f"Vase {number}", "status": "active", "variants": [
            {"available": 1_000_000, "prices": _PRICES}
        ]})  # fmt: skip
        variant = http.get(f"/v1/products/{product}/variants").json()["items"][0]["id"]
        asset = self._sent("/v1/assets", ("vase.jpg", saved(photo(1200, 1500 + number)), "image/jpeg"))
        point = {"product_id": product, "x": 0.5, "y": 0.5}
        checkout, order = _checkout(http, variant, f"lot-{number}")
        _pay(http, stripe, order)
        endpoint = self._made("/v1/webhook-endpoints", BODIES["createWebhookEndpoint"])
        self.ids: Mapping[str, str] = {
            "product": product,
            "variant": variant,
            "asset": asset,
            "collection": self._made("/v1/collections", {"title": f"Vases {number}", "product_ids": [product]}),
            "post": self._made("/v1/posts", {"network": "instagram", "asset_id": asset, "tags": [point]}),
            "font": self._sent("/v1/fonts", ("a.ttf", lettering(ascii_letters, f"Lot {number}"), "font/ttf")),
            "format": self._made("/v1/formats", {**BODIES["createFormat"], "slug": f"format-{number}"}),
            "template": self._made("/v1/templates", {**BODIES["createTemplate"], "slug": f"template-{number}"}),
            "visual": self._made("/v1/visuals", {"asset_id": asset, "formats": ["square"]}, "items", 0, "id"),
            "visual_batch": self._cancelled(product),
            "link": self._made("/v1/links", {"product_id": product}),
            "host": self._made("/v1/link-hosts", {"host": f"lot-{number}.example"}),
            "creator": self._made("/v1/creators", {"name": f"Creator {number}"}),
            "import": self._sent("/v1/imports", ("a.csv", CSV, "text/csv")),
            "key": self._made("/v1/keys", {"label": f"Lot {number}"}),
            "upload": self._uploaded(saved(photo(300, 200 + number))),
            "rate": self._made("/v1/shipping-rates", BODIES["createShippingRate"]),
            "discount": self._made("/v1/discounts", {**BODIES["createDiscount"], "code": f"LOT{number}"}),
            "endpoint": endpoint,
            "delivery": self._made(f"/v1/webhook-endpoints/{endpoint}/test", {}),
            "checkout": checkout,
            "order": order,
            "fulfilment": self._packed(order),
            "refund": self._refunded(order),
            "fulfilment_hold": self._held(order),
            "review": self._doubted(order),
        }

    def _made(self, path: str, body: object, *way: str | int) -> str:
        return _at(self._http.post(path, json=body), *way)

    def _sent(self, path: str, file: tuple[str, bytes, str]) -> str:
        return _at(self._http.post(path, files={"file": file}))

    def _refunded(self, order: str) -> str:
        headers = {"Idempotency-Key": f"refund-{order}"}
        return _at(self._http.post(f"/v1/orders/{order}/refunds", json={"amount": 100}, headers=headers))

    def _held(self, order: str) -> str:
        """A hold that was released: the order may go, and releasing it again is fine."""
        path = f"/v1/orders/{order}/fulfilment-holds"
        made = self._made(path, BODIES["createFulfilmentHold"])
        assert self._http.delete(f"{path}/{made}").status_code == 204
        return made

    def _cancelled(self, product: str) -> str:
        """A batch that would have taken long, ended before the worker could: ending it again is fine."""
        formats = [each["slug"] for each in self._http.get("/v1/formats").json()["items"]]
        batch = self._made("/v1/visual-batches", {"product_ids": [product], "formats": formats})
        assert self._http.post(f"/v1/visual-batches/{batch}/cancel").status_code == 200
        return batch

    def _doubted(self, order: str) -> str:
        """Why somebody should look at it: its buyer has used the code before."""
        return str(self._http.get(f"/v1/orders/{order}/reviews").json()["items"][0]["id"])

    def _packed(self, order: str) -> str:
        """A parcel with one piece: there are more left to pack."""
        line = self._http.get(f"/v1/orders/{order}").json()["lines"][0]["id"]
        parcel = {**BODIES["createFulfilment"], "lines": [{"line_id": line, "quantity": 1}]}
        return self._made(f"/v1/orders/{order}/fulfilments", parcel)

    def _uploaded(self, content: bytes) -> str:
        """An upload whose bytes have come, and which can be completed."""
        slip = self._http.post("/v1/uploads", json={"media_type": "image/jpeg", "bytes": len(content)}).json()
        sent = self._http.put(slip["url"], headers=slip["headers"], content=content)
        assert sent.is_success, sent.text
        return str(slip["id"])


def _spend_once(http: httpx2.Client, stripe: str) -> None:
    """Let the local Stripe's buyer pay an order with the code that each buyer may use once."""
    _at(http.post("/v1/discounts", json=_ONCE))
    variants = [{"available": 100, "prices": _PRICES}]
    product = _at(http.post("/v1/products", json={"title": "Bowl", "status": "active", "variants": variants}))
    variant = http.get(f"/v1/products/{product}/variants").json()["items"][0]["id"]
    _pay(http, stripe, _checkout(http, variant, "once")[1])


def _checkout(http: httpx2.Client, variant: str, key: str) -> tuple[str, str]:
    basket = {"items": [{"variant_id": variant, "quantity": 20}], "discount_code": _ONCE["code"]}
    answer = http.post("/v1/checkouts", json=basket, headers={"Idempotency-Key": key})
    return _at(answer), _at(answer, "order_id")


def _pay(http: httpx2.Client, stripe: str, order: str) -> None:
    """Pay at the local Stripe, and see the order paid."""
    sessions = httpx2.get(f"{stripe}/_local/sessions", trust_env=False).json()["data"]
    (session,) = [each["id"] for each in sessions if each["client_reference_id"] == order]
    paid = httpx2.post(f"{stripe}/_local/sessions/{session}/pay", json={}, trust_env=False)
    assert paid.status_code == 200, paid.text
    deadline = time.monotonic() + PATIENCE
    while http.get(f"/v1/orders/{order}").json()["status"] != "paid":
        assert time.monotonic() < deadline, "nobody heard of the payment"


def _at(answer: httpx2.Response, *way: str | int) -> str:
    """What stands at this place of an answer to a POST; its id where no place is given."""
    assert answer.status_code == 201, answer.text
    found = answer.json()
    for step in way or ("id",):
        found = found[step]
    return str(found)

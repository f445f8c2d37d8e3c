"""What a merchant's own program does: talk to the API over HTTP, with a secret key."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import httpx2
import msgspec

from api.running.failure import Failure
from catalog.schemas import ImportOut, ImportRowOut, ProductOut
from checkout.schemas import OrderOut
from core.shops import ShopOut
from core.wire import Page
from insights.networks import NetworkInsightsOut
from media.schemas import AssetOut, VisualsOut
from social.schemas import KitOut, PostOut

T = TypeVar("T")
Body = Mapping[str, object]


class Refused(Failure):
    """The API answered with a problem."""


class Merchant:
    """One shop's client. Raises Refused for every answer that is not the one hoped for."""

    def __init__(self, base_url: str, secret_key: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {secret_key}"},
            timeout=httpx2.Timeout(60, connect=5),
            trust_env=False,
        )

    async def __aenter__(self) -> "Merchant":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def shop(self) -> ShopOut:
        """The shop."""
        return _read(await self._client.get("/v1/shop"), ShopOut)

    async def introduce(self, legal: Body) -> ShopOut:
        """Say who sells, and on which terms, as `legal` of `PATCH /v1/shop` takes it."""
        etag = (await self._client.get("/v1/shop")).headers["etag"]
        answer = await self._client.patch("/v1/shop", json={"legal": legal}, headers={"If-Match": etag})
        return _read(answer, ShopOut)

    async def upload(self, name: str, content: bytes, alt_text: str) -> AssetOut:
        """Hand in a picture."""
        files = {"file": (name, content, "application/octet-stream")}
        answer = await self._client.post("/v1/assets", files=files, data={"alt_text": alt_text})
        return _read(answer, AssetOut)

    async def add_product(self, product: Body) -> ProductOut:
        """Add a product, as `POST /v1/products` takes it."""
        return _read(await self._client.post("/v1/products", json=product), ProductOut)

    async def attach(self, product: ProductOut, pictures: Sequence[Mapping[str, str]]) -> ProductOut:
        """Give a product its pictures, each as `{"asset_id": …, "alt_text": …}`."""
        path = f"/v1/products/{product.id}"
        etag = (await self._client.get(path)).headers["etag"]
        answer = await self._client.patch(path, json={"pictures": list(pictures)}, headers={"If-Match": etag})
        return _read(answer, ProductOut)

    async def import_products(self, name: str, content: bytes) -> ImportOut:
        """Hand in a product CSV of Shopify's."""
        files = {"file": (name, content, "text/csv")}
        return _read(await self._client.post("/v1/imports", files=files, data={"format": "shopify"}), ImportOut)

    async def import_problems(self, run: ImportOut) -> list[ImportRowOut]:
        """What was wrong with rows of an import, the first hundred."""
        path = f"/v1/imports/{run.id}/rows"
        return _read(await self._client.get(path, params={"limit": 100}), Page[ImportRowOut]).items

    async def products(self) -> list[ProductOut]:
        """Every product on sale, in the order in which they came."""
        found: list[ProductOut] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": "100", "status": "active"} | ({"cursor": cursor} if cursor else {})
            page = _read(await self._client.get("/v1/products", params=query), Page[ProductOut])
            found += page.items
            cursor = page.next_cursor
        return found[::-1]

    async def render(self, visual: Body) -> VisualsOut:
        """Have visuals drawn, as `POST /v1/visuals` takes it."""
        return _read(await self._client.post("/v1/visuals", json=visual), VisualsOut)

    async def add_post(self, post: Body) -> PostOut:
        """Make a post, as `POST /v1/posts` takes it."""
        return _read(await self._client.post("/v1/posts", json=post), PostOut)

    async def kit(self, post: PostOut) -> KitOut:
        """All that publishing the post takes."""
        return _read(await self._client.get(f"/v1/posts/{post.id}/kit"), KitOut)

    async def orders(self, **filters: str) -> list[OrderOut]:
        """The newest hundred orders that pass the filters."""
        query = {"limit": "100", **filters}
        return _read(await self._client.get("/v1/orders", params=query), Page[OrderOut]).items

    async def networks(self) -> NetworkInsightsOut:
        """Clicks, orders and revenue per network."""
        return _read(await self._client.get("/v1/insights/networks"), NetworkInsightsOut)

    async def fetch(self, url: str) -> bytes:
        """The bytes of a public address. Raises Refused where nobody answers there."""
        try:
            answer = await self._client.get(url)
        except httpx2.TransportError:
            raise Refused(f"Nobody answers {url}: VITRINE_PUBLIC_URL or VITRINE_MEDIA_URL leads elsewhere.") from None
        if answer.status_code != 200:
            raise Refused(f"{url} answers {answer.status_code}.")
        return answer.content


def _read(answer: httpx2.Response, kind: type[T]) -> T:
    if answer.status_code not in (200, 201):
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:400]}")
    return msgspec.json.decode(answer.content, type=kind, dec_hook=_anything)


def _anything(kind: type[object], value: object) -> object:
    if kind is object:
        return value
    raise NotImplementedError(kind)

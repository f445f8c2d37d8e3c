"""A boutique that runs for real, with its worker and a local Stripe, and what its merchant knows of it."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec

from catalog.schemas import ProductOut
from checkout.schemas import OrderOut
from core.shops import ShopOut
from core.wire import Page
from insights.figures import EngagedOut
from insights.funnel import FunnelOut
from social.links.schemas import LinkOut
from social.schemas import PostOut
from tests.api.cli.processes import Up, up


class Boutique:
    """The demo's goods, posts and links, over HTTP."""

    def __init__(self, running: Up) -> None:
        self.base_url = running.ready.base_url
        self._client = httpx2.Client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {running.ready.secret_key}"},
            timeout=30,
            trust_env=False,
        )

    def close(self) -> None:
        """Close what talks to it."""
        self._client.close()

    def shop(self) -> ShopOut:
        """The shop itself."""
        return msgspec.json.decode(self._got("/v1/shop"), type=ShopOut)

    def product(self, title: str) -> ProductOut:
        """The product of that title."""
        found = msgspec.json.decode(self._got("/v1/products", limit="100"), type=Page[ProductOut]).items
        return next(each for each in found if each.title == title)

    def link(self, title: str, network: str = "instagram", **more: object) -> LinkOut:
        """A new link to the product of that title."""
        body = {"product_id": self.product(title).id, "network": network, **more}
        return msgspec.json.decode(self._posted("/v1/links", body), type=LinkOut)

    def ended_link(self, title: str) -> LinkOut:
        """A link whose time is over, with something similar instead."""
        now = datetime.now(UTC)
        begun, ended = (now - timedelta(days=each) for each in (3, 1))
        return self.link(title, starts_at=begun.isoformat(), ends_at=ended.isoformat(), ended="similar")

    def early_link(self, title: str) -> LinkOut:
        """A link whose time has not come."""
        return self.link(title, starts_at=(datetime.now(UTC) + timedelta(days=2)).isoformat())

    def paying_link(self, title: str) -> LinkOut:
        """A link to one variant, and nothing but the button that pays."""
        return self.link(title, target="pay", variant_id=self.product(title).variants[0].id)

    def archived(self) -> LinkOut:
        """A link to something that was taken off sale for good."""
        variant = {"available": 3, "prices": [{"amount": 1900, "currency": "EUR"}]}
        body = {"title": "Coupelle Dune", "description": "Grès brut.", "variants": [variant]}
        made = msgspec.json.decode(self._posted("/v1/products", body), type=ProductOut)
        link = self._posted("/v1/links", {"product_id": made.id, "network": "instagram"})
        assert self._client.delete(f"/v1/products/{made.id}").status_code == 204
        return msgspec.json.decode(link, type=LinkOut)

    def sold_out(self) -> LinkOut:
        """A link to something of which there is nothing."""
        variant = {"available": 0, "prices": [{"amount": 6400, "currency": "EUR"}]}
        body = {"title": "Carafe Onde", "description": "Verre soufflé à la bouche.", "variants": [variant]}
        made = msgspec.json.decode(self._posted("/v1/products", body), type=ProductOut)
        return msgspec.json.decode(
            self._posted("/v1/links", {"product_id": made.id, "network": "pinterest"}), type=LinkOut
        )

    def tenth_off(self, code: str) -> None:
        """Give a tenth off to who knows this code."""
        self._posted("/v1/discounts", {"title": code, "code": code, "terms": {"kind": "percentage", "rate": 1000}})

    def credited(self, post_id: str) -> list[OrderOut]:
        """The orders that a post has, the newest first."""
        return msgspec.json.decode(self._got("/v1/orders", post=post_id), type=Page[OrderOut]).items

    def post(self) -> PostOut:
        """The newest of the shop's posts on Instagram."""
        return msgspec.json.decode(self._got("/v1/posts", network="instagram"), type=Page[PostOut]).items[0]

    def orders(self, link: LinkOut) -> list[OrderOut]:
        """The orders that a link has brought, the newest first."""
        return msgspec.json.decode(self._got("/v1/orders", link=link.id), type=Page[OrderOut]).items

    def engaged(self, link: LinkOut) -> EngagedOut:
        """For how long the pages of a link were looked at, as the shop is told."""
        told = msgspec.json.decode(self._got("/v1/insights/funnel", by="link", link=link.id), type=FunnelOut)
        return told.total.engaged

    def _got(self, path: str, **query: str) -> bytes:
        answer = self._client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.content

    def _posted(self, path: str, body: Mapping[str, object]) -> bytes:
        answer = self._client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.content


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Boutique]:
    """A boutique with the demo's goods, for as long as it is looked at."""
    with up(folder, "--seed") as running:
        boutique = Boutique(running)
        try:
            yield boutique
        finally:
            boutique.close()
            running.stop()

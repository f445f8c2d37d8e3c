"""A shop that is connected to the local Stripe, which runs in the test's own process.

Webhooks go straight into the code that the webhook route calls; nothing is sent before a test lets it.
"""

import random
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

import checkout.giving_back  # Money goes back by itself, in every test.
import checkout.published  # noqa: F401  # What endpoints get to hear of orders.
from catalog import offers, products
from catalog.offers import Offer
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from checkout import checkouts
from checkout.errors import BadSignature
from checkout.models import Checkout
from checkout.placing import Intent
from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import SandboxSettings, WebhookTarget
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events
from checkout.stripe.client import Gateway
from core import clock, ids, jobs, shops
from core.db import Database
from core.jobs import Resources
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from core.webhooks import deliveries
from core.webhooks.models import WebhookEndpoint
from social.links.origin import Origin
from tests.stripe_judge import Judge

KEY = "sk_test_boutique"
SECRET = "whsec_boutique"


class Till:
    """Everything that stands between a buyer and a paid order."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        vault: Vault,
        shop: Shop,
        state: Path,
        *,
        delayed_after: float = 3.0,
        seed: int | None = None,
        hands: int = 4,
        retry_after: float = 0.5,
    ) -> None:
        self.db, self.settings, self.vault, self.shop = db, settings, vault, shop
        self.deliveries: list[tuple[bytes, str]] = []
        self.answers: list[str] = []
        target = WebhookTarget("http://127.0.0.1/webhooks/stripe", SECRET)
        self.judge = Judge(strict=True)
        self.sandbox: Sandbox = create_sandbox(
            SandboxSettings(
                state=state,
                keys=(KEY,),
                webhooks=(target,),
                redirect_wait=0.0,
                delayed_after=delayed_after,
                seed=seed,
                retry_first_gap=retry_after,
                delivery_concurrency=hands,
            ),
            deliver=self.judge.hearing(self._deliver),
        )
        self.transport = httpx2.ASGITransport(app=self.judge.before(self.sandbox))  # type: ignore[arg-type]  # Litestar's messages are narrower.
        self.gateway = Gateway(settings, vault, db, self.transport)
        self.person = httpx2.AsyncClient(transport=self.transport, base_url=settings.stripe_api_base)
        self.resources = Resources(db, settings, vault, self.gateway)

    async def _deliver(self, _: str, body: bytes, headers: Mapping[str, str]) -> int:
        signature = {name.lower(): value for name, value in headers.items()}["stripe-signature"]
        self.deliveries.append((body, signature))
        try:
            self.answers.append(await events.receive(self.db, self.vault, body, signature, clock.now()))
        except BadSignature:
            return 400
        return 200

    async def control(self, path: str, **order: object) -> httpx2.Response:
        """Ask the local Stripe to do what a person or the world would do."""
        return await self.person.post(f"/_local/{path}", json=order)

    async def hear(self) -> None:
        """Let every webhook that is due come in, in the sandbox's shuffled order."""
        while await self.sandbox.deliver_due():
            pass

    async def start(
        self, *items: CheckoutItemIn, origin: Origin | None = None, key: str | None = None, page: str | None = None
    ) -> Checkout:
        """Start a checkout."""
        intent = Intent(items=items, origin=origin or Origin(), key=key, page=page)
        return await checkouts.start(self.gateway, self.db, self.settings, self.shop, intent, clock.now())

    async def pay(self, checkout: Checkout, card: str = "4242424242424242") -> None:
        """Pay as a person would, and let Stripe tell us."""
        answer = await self.control(f"sessions/{checkout.stripe_session_id}/pay", card=card)
        assert answer.status_code == 200, answer.text
        await self.hear()

    async def work(self, later: timedelta = timedelta(0)) -> None:
        """Do every job that is due by now, or by then, and let Stripe tell what it has done."""
        while await jobs.run_due(self.resources, clock.now() + later):
            await self.hear()

    async def close(self) -> None:
        """Let go of everything."""
        await self.person.aclose()
        await self.gateway.close()
        await self.sandbox.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test's settings, with Stripe at an address that only the test's transport knows."""
    return settings.model_copy(update={"stripe_api_base": "http://127.0.0.1:12111"})


@pytest.fixture
def delayed_after() -> float:
    """After how many seconds Stripe knows the outcome of a delayed payment; a test may choose its own."""
    return 3.0


@pytest.fixture
async def till(
    db: Database, settings: Settings, shop: Shop, tmp_path: Path, delayed_after: float
) -> AsyncIterator[Till]:
    """The shop, connected."""
    vault = Vault(settings.secret_keys)
    shops.connect_stripe(shop, vault, KEY, ["whsec_older", SECRET])
    async with db.transaction() as session:
        session.add(shop)
    till = Till(db, settings, vault, shop, tmp_path / "stripe.db", delayed_after=delayed_after)
    yield till
    await till.close()
    till.judge.acquit()


async def make_variant(
    db: Database, shop: Shop, *, stock: int = 10, amount: int = 4900, title: str = "Vase Aube"
) -> str:
    """A product with one variant on sale; the variant's id."""
    data = ProductCreate(
        title=f"{title} {random.randrange(10**9)}",
        variants=[VariantCreate(available=stock, prices=[PriceIn(amount=amount, currency=shop.currency)])],
    )
    async with db.transaction() as session:
        product = await products.create(session, shop, data)
        found = await offers.of_product(session, shop, product.id, shop.currency)
    return found.offers[0].variant_id


async def offer(db: Database, shop: Shop, variant_id: str) -> Offer:
    """The variant as it is sold now."""
    async with db.read() as session:
        return (await offers.of_variants(session, shop, [variant_id], shop.currency))[variant_id]


async def make_endpoint(db: Database, shop: Shop) -> WebhookEndpoint:
    """An endpoint that wants to hear of everything; nothing is sent before a test lets the jobs run."""
    now = clock.now()
    endpoint = WebhookEndpoint(
        id=ids.new("hook"), shop_id=shop.id, url="https://shop.example/hooks", event_types=["*"], secret_sealed=b"",
        created_at=now, updated_at=now,
    )  # fmt: skip
    async with db.transaction() as session:
        session.add(endpoint)
    return endpoint


async def said(db: Database, endpoint: WebhookEndpoint) -> list[tuple[str, dict[str, Any]]]:
    """What waits for an endpoint about orders, in order: type and data."""
    async with db.read() as session:
        newest, _ = await deliveries.list_page(session, endpoint, deliveries.Filters(), 100, None)
    return [
        (each.event_type, msgspec.json.decode(each.body)["data"])
        for each in reversed(newest)
        if each.event_type.startswith("order.")
    ]

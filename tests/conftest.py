"""What every test can ask for: a real database on both engines, settings, a shop.

db            core.db.Database on a fresh migrated database; the test runs once on SQLite, once on PostgreSQL
session       one open transaction on `db`, rolled back afterwards; for verbs (do not open a second one beside it)
shop          a committed shop that sells in EUR
settings      Settings on that database and a data folder of the test's own
database_url  only the address, for tests that start processes
"""

import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import hypothesis
import pytest
from hypothesis import Phase

from api.running import garbage
from core import keys, shops
from core.db import AsyncSession, Database, Patience
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from tests import object_store as object_stores
from tests.databases import (
    ENGINES,
    PostgresTemplates,
    SqliteTemplates,
    postgres_templates,
    statements_compiled_once,
)
from tests.object_store import ObjectStore

if TYPE_CHECKING:
    from litestar import Litestar

    from api.app import Application
    from tests.local_stripe import LocalStripe

# A busy machine is no finding: the time limit is pytest's, per test.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
# For bugs that were put in on purpose: that a test fails is all that counts, and each time in the same way.
hypothesis.settings.register_profile(
    "mutants",
    hypothesis.settings.get_profile("house"),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
hypothesis.settings.load_profile("house")

# The discard port: nobody listens there, so that Stripe is away unless a test asks for `sandbox`.
STRIPE_AWAY = "http://127.0.0.1:9"
STRIPE_WEBHOOK_SECRET = "whsec_" + "t" * 32


garbage.search_seldom()
statements_compiled_once()


def pytest_collection_finish() -> None:
    """Look for garbage as the server does: not through all of pytest, again and again (a seventh of a run's CPU)."""
    garbage.settle()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncio only: that is what the house runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """Copies of a migrated SQLite file."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_templates() -> Iterator[PostgresTemplates]:
    """Copies of a migrated PostgreSQL database; the server starts with the first test that wants one."""
    with postgres_templates() as templates:
        yield templates


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An S3 server; it starts with the first test that wants one."""
    with object_stores.running() as store:
        yield store


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` and `postgresql` in turn; `@pytest.mark.parametrize("engine", ["sqlite"])` for one of them."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database."""
    with request.getfixturevalue(f"{engine}_templates").fresh(tmp_path) as url:
        yield url


@pytest.fixture
def empty_database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database without any table."""
    with request.getfixturevalue(f"{engine}_templates").fresh(tmp_path, empty=True) as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A fresh migrated database. Its writers wait for each other as long as the test may last."""
    database = Database(database_url, patience=Patience(queue=60))
    yield database
    await database.close()


@pytest.fixture
async def session(db: Database, shop: Shop) -> AsyncIterator[AsyncSession]:
    """One transaction around the test's verbs, rolled back in the end; opened after `shop` has committed."""
    async with db.transaction() as session:
        yield session
        await session.rollback()


@pytest.fixture
async def shop(db: Database, settings: Settings) -> Shop:
    """A shop that sells in EUR, connected to an account of its own at the local Stripe; committed."""
    async with db.transaction() as session:
        shop = await shops.create(session, "Atelier Lune", "EUR")
        shops.connect_stripe(
            shop, Vault(settings.secret_keys), f"sk_test_{secrets.token_hex(12)}", [STRIPE_WEBHOOK_SECRET]
        )
        return shop


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings on the test's database, with a key and a data folder of its own."""
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "data",
        stripe_api_base=STRIPE_AWAY,
        secret_keys=(base64.urlsafe_b64encode(b"k" * 32).decode(),),
    )


@pytest.fixture
async def sandbox(settings: Settings, tmp_path: Path) -> AsyncIterator["LocalStripe"]:
    """The local Stripe; webhooks travel when the test says `await sandbox.carry()`."""
    from checkout.sandbox.settings import WebhookTarget
    from tests.local_stripe import LocalStripe

    webhook = WebhookTarget(url=f"{settings.public_url}/webhooks/stripe", secret=STRIPE_WEBHOOK_SECRET)
    twin = LocalStripe(tmp_path, settings.stripe_api_base, webhook)
    yield twin
    await twin.close()
    twin.judge.acquit()


@pytest.fixture
def stripe_at_hand(request: pytest.FixtureRequest) -> "LocalStripe | None":
    """`sandbox` where the test asks for it, at whatever place of its arguments."""
    return request.getfixturevalue("sandbox") if "sandbox" in request.fixturenames else None


@pytest.fixture(scope="session")
def framework() -> "Litestar":
    """The framework's part of every `app`, one after the other: the routes, which no settings change."""
    from api.app import build_framework  # The rooms' own tests need no framework, and start 0.4 s earlier without it.

    return build_framework()


@pytest.fixture
async def app(
    settings: Settings, stripe_at_hand: "LocalStripe | None", framework: "Litestar"
) -> AsyncIterator["Application"]:
    """The real application, started and stopped as a server would; it pays at `sandbox` where the test has that."""
    from api.app import create_app

    if stripe_at_hand is None:
        application = create_app(settings, framework=framework)
        async with application.litestar.lifespan():
            yield application
        return
    application = create_app(settings, stripe_transport=stripe_at_hand.transport, framework=framework)
    async with application.litestar.lifespan(), stripe_at_hand.delivering_to(application):
        yield application


@asynccontextmanager
async def calling(app: "Application", token: str = "") -> AsyncIterator[httpx2.AsyncClient]:
    """A client in front of the application, over ASGI; redirects are the test's to follow."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar types ASGI messages more narrowly.
    async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url, headers=headers) as client:
        yield client


@pytest.fixture
async def client(app: "Application", db: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a secret key of the shop."""
    async with db.transaction() as session:
        _, token = await keys.create(session, shop)
    async with calling(app, token) as client:
        yield client


@pytest.fixture
async def storefront(app: "Application", db: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a publishable key of the shop."""
    async with db.transaction() as session:
        _, token = await keys.create(session, shop, publishable=True)
    async with calling(app, token) as client:
        yield client


@pytest.fixture
async def visitor(app: "Application") -> AsyncIterator[httpx2.AsyncClient]:
    """Calls as anybody."""
    async with calling(app) as client:
        yield client

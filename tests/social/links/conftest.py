"""A product, links to it, and the hits that people leave on them."""

import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog import products
from catalog.schemas import ProductCreate
from core.db import Database
from core.secrets import Vault
from core.shops import Shop
from social.links import links
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.models import Link
from social.links.salts import Salts
from social.links.schemas import LinkCreate
from social.links.spool import Hit, Spool
from social.links.token import milliseconds

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOON = milliseconds(NOW)

MakeLink = Callable[..., Awaitable[Link]]


@pytest.fixture
def vault() -> Vault:
    """Signs with one key."""
    return Vault([base64.urlsafe_b64encode(b"k" * 32).decode()])


@pytest.fixture
async def make_link(db: Database, shop: Shop) -> MakeLink:
    """Commits a product of the shop, or of another one, and a link to it."""

    async def make(owner: Shop = shop, network: str | None = "instagram", **rest: str | None) -> Link:
        async with db.transaction() as session:
            product = await products.create(session, owner, ProductCreate(title="Vase Lune"))
            return await links.create(session, owner, LinkCreate(product_id=product.id, network=network, **rest))  # type: ignore[arg-type]  # Names and values come from the test.

    return make


@pytest.fixture
async def link(make_link: MakeLink) -> Link:
    """A link for Instagram."""
    return await make_link()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """An empty spool."""
    return Spool(tmp_path / "spool")


@pytest.fixture
async def folder(db: Database, spool: Spool) -> AsyncIterator[Folder]:
    """Folds that spool when asked; nothing runs by itself."""
    folder = Folder(db, spool, Salts(), Orphans())
    yield folder
    await folder.close()


def hit(
    link: Link, at_ms: int = NOON, kind: str = "human", visitor: bytes | None = None, family: str | None = None
) -> Hit:
    """One hit; without a visitor it can be no duplicate."""
    return Hit(at_ms.to_bytes(6) + os.urandom(10), link.number, 0, kind, "phone", visitor, family=family)  # type: ignore[arg-type]  # Literals.

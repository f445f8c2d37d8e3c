"""What tests of the catalog begin with."""

from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import clock, ids
from core.db import AsyncSession
from core.shops import Shop
from media.models import Asset


def dress(**changes: object) -> ProductCreate:
    """A dress in two sizes: five S, no M."""
    prices = [PriceIn(amount=7900, currency="EUR", compare_at=9900), PriceIn(amount=8500, currency="USD")]
    fields: dict[str, object] = {
        "title": "Robe Jardin",
        "options": ["Size", "Colour"],
        "variants": [
            VariantCreate(options={"Size": "S", "Colour": "Bleu"}, sku="ROBE-S", available=5, prices=prices),
            VariantCreate(options={"Size": "M", "Colour": "Bleu"}, sku="ROBE-M", prices=prices),
        ],
    }
    return ProductCreate(**(fields | changes))  # type: ignore[arg-type]  # Whatever the test wants to say.


async def asset(session: AsyncSession, shop: Shop) -> str:
    """The id of a picture that is there as a row; its bytes do not matter here."""
    now, digest = clock.now(), ids.new("sha")
    row = Asset(
        id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=digest,
        width=800, height=1000, bytes=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row.id

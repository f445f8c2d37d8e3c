"""The payment page speaks the shop's language where Stripe knows it, and is never refused for one that it does not."""

import pytest

from checkout.schemas import CheckoutItemIn
from core import shops
from core.shops import ShopChange
from tests.checkout.conftest import Till, make_variant


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("fr", "fr"),
        ("fr_CA", "fr-CA"),
        ("de_AT", "de"),
        ("no", "nb"),
        ("zh_TW", "zh-TW"),
        ("is", "auto"),
        ("ar", "auto"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_stripe_is_told_a_language_that_it_knows(till: Till, locale: str, told: str) -> None:
    async with till.db.transaction() as session:
        till.shop = await shops.change(session, till.shop, ShopChange(locale=locale), None)
    checkout = await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    (session_at_stripe,) = (await till.person.get("/_local/sessions")).json()["data"]
    assert (checkout.status, session_at_stripe["locale"]) == ("open", told)

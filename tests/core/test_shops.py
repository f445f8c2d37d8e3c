"""Shops: the tenants, their settings and their sealed credentials."""

import msgspec
import pytest

from core import shops
from core.db import AsyncSession
from core.errors import NotFound, PreconditionFailed
from core.money import UnknownCurrency
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop, ShopChange, ShopOut, ShopSlugTaken, UnknownLocale


async def test_a_slug_is_made_from_the_name(session: AsyncSession) -> None:
    made = await shops.create(session, "Châlet & Fils", "CHF")
    assert made.slug == "chalet-fils"
    assert (await shops.by_slug(session, "chalet-fils")).id == made.id
    assert (await shops.create(session, "☃", "CHF")).slug == "shop"


async def test_a_taken_slug_is_refused(session: AsyncSession, shop: Shop) -> None:
    with pytest.raises(ShopSlugTaken) as refused:
        await shops.create(session, "Another", "EUR", slug=shop.slug)
    assert refused.value.facts == {"slug": shop.slug}


async def test_a_shop_sells_in_a_currency_that_stripe_charges_in(session: AsyncSession) -> None:
    with pytest.raises(UnknownCurrency):
        await shops.create(session, "Bitcoin Boutique", "BTC")


@pytest.mark.parametrize("locale", ["xx", "fr_XX", "zz_ZZ"])
async def test_a_locale_that_nothing_can_be_written_in_is_refused(
    session: AsyncSession, shop: Shop, locale: str
) -> None:
    with pytest.raises(UnknownLocale):
        await shops.create(session, "Babel", "EUR", locale=locale)
    with pytest.raises(UnknownLocale):
        await shops.change(session, shop, ShopChange(locale=locale), None)
    assert (await shops.change(session, shop, ShopChange(locale="zh_TW"), None)).locale == "zh_TW"


async def test_unknown_shops_are_not_found(session: AsyncSession) -> None:
    with pytest.raises(NotFound):
        await shops.get(session, "shop_00000000000000000000000000")
    with pytest.raises(NotFound):
        await shops.by_slug(session, "nowhere")


async def test_a_change_touches_what_it_names(session: AsyncSession, shop: Shop) -> None:
    changed = await shops.change(session, shop, ShopChange(accent_colour="#00ff00"), 1)
    assert (changed.accent_colour, changed.name, changed.version) == ("#00ff00", shop.name, 2)


async def test_a_stale_change_is_refused(session: AsyncSession, shop: Shop) -> None:
    await shops.change(session, shop, ShopChange(name="First"), 1)
    with pytest.raises(PreconditionFailed):
        await shops.change(session, shop, ShopChange(name="Second"), 1)
    assert (await shops.get(session, shop.id)).name == "First"


async def test_credentials_are_sealed_and_never_shown(session: AsyncSession, shop: Shop, settings: Settings) -> None:
    vault = Vault(settings.secret_keys)
    shops.connect_stripe(shop, vault, "sk_test_abc", ["whsec_old", "whsec_new"])
    assert shops.stripe_key(shop, vault) == "sk_test_abc"
    assert shops.stripe_webhook_secrets(shop, vault) == ["whsec_old", "whsec_new"]
    assert b"abc" not in (shop.stripe_key_sealed or b"")
    assert b"whsec" not in (shop.stripe_webhook_secrets_sealed or b"")
    shown = msgspec.json.encode(ShopOut.of(shop)).decode()
    assert not any(secret in shown for secret in ("sk_test", "whsec", "sealed", "stripe_key"))


async def test_a_shop_without_stripe_has_neither_key_nor_secret(session: AsyncSession, settings: Settings) -> None:
    vault = Vault(settings.secret_keys)
    fresh = await shops.create(session, "Fresh", "EUR")
    assert shops.stripe_key(fresh, vault) is None
    assert shops.stripe_webhook_secrets(fresh, vault) == []

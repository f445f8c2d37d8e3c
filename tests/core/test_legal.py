"""Who sells and on which terms: what a shop may say, and what it would have to."""

import msgspec
import pytest

from core import legal, shops
from core.db import AsyncSession
from core.legal import LegalChange
from core.shops import Shop, ShopChange, ShopOut

WHOLE = {
    "name": "Atelier Lune SARL",
    "address": {"lines": ["12 rue des Tanneurs"], "postcode": "69001", "city": "Lyon", "country": "FR"},
    "email": "bonjour@atelier-lune.example",
    "phone": "+33 4 72 00 00 00",
    "registration": "RCS Lyon 123 456 789, capital 10 000 €",
    "vat_number": "FR12345678901",
    "publisher": "Jeanne Lune",
    "host": "Hébergeur, 1 rue du Port, 59000 Lille, +33 3 00 00 00 00",
    "mediator": "Médiateur, 2 rue de la Paix, 75002 Paris, https://mediateur.example",
    "terms_url": "https://atelier-lune.example/cgv",
    "privacy_url": "https://atelier-lune.example/confidentialite",
    "returns_url": "https://atelier-lune.example/retours",
    "withdrawal_url": "https://atelier-lune.example/renoncer",
    "return_days": 14,
    "return_cost": "buyer",
}


def change(**facts: object) -> ShopChange:
    """As it comes over the wire."""
    return msgspec.json.decode(msgspec.json.encode({"legal": facts}), type=ShopChange)


async def test_a_new_shop_says_nothing(shop: Shop) -> None:
    assert set(msgspec.to_builtins(ShopOut.of(shop).legal).values()) == {None}


async def test_all_of_it_is_kept_and_shown(session: AsyncSession, shop: Shop) -> None:
    changed = await shops.change(session, shop, change(**WHOLE), None)
    assert msgspec.to_builtins(ShopOut.of(changed).legal) == WHOLE
    await session.refresh(changed)
    assert msgspec.to_builtins(legal.read(changed.legal)) == WHOLE


async def test_what_is_absent_stays_and_null_takes_away(session: AsyncSession, shop: Shop) -> None:
    await shops.change(session, shop, change(**WHOLE), None)
    changed = await shops.change(session, shop, change(email=None, return_days=30), None)
    assert msgspec.to_builtins(ShopOut.of(changed).legal) == WHOLE | {"email": None, "return_days": 30}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("terms_url", "http://atelier-lune.example/cgv"),
        ("terms_url", "javascript:alert(1)"),
        ("terms_url", "https://user@evil.example/"),
        ("terms_url", "https://evil.example\\@atelier-lune.example/"),
        ("terms_url", 'https://atelier-lune.example/"onclick="x'),
        ("terms_url", "https://localhost"),
        ("terms_url", "https://atelier-lune.example/\n"),
        ("privacy_url", "//atelier-lune.example"),
        ("returns_url", "https://" + "a" * 500 + ".example"),
        ("withdrawal_url", "mailto:a@b.example"),
        ("email", "bonjour"),
        ("email", "a@b"),
        ("email", "a@b.example?subject=x"),
        ("email", "a b@c.example"),
        ("email", "a@b.example\n"),
        ("phone", "+33 4 72 00 00 00;ext=1"),
        ("phone", "call me"),
        ("vat_number", "12345"),
        ("vat_number", "fr12345678901"),
        ("name", ""),
        ("name", "two\nlines"),
        ("registration", "x" * 501),
        ("return_days", 0),
        ("return_days", 366),
        ("return_days", "14"),
        ("return_cost", "nobody"),
        ("address", {"lines": [], "city": "Lyon", "country": "FR"}),
        ("address", {"lines": ["a", "b", "c", "d"], "city": "Lyon", "country": "FR"}),
        ("address", {"lines": ["a"], "city": "Lyon", "country": "France"}),
        ("address", {"lines": ["a"], "city": "Lyon", "country": "FR", "planet": "Earth"}),
        ("address", {"lines": ["a\u202eb"], "city": "Lyon", "country": "FR"}),
        ("director", "Jeanne Lune"),
    ],
)
def test_what_has_another_shape_is_refused(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        change(**{field: value})


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://xn--caf-dma.example:8443/cgv?v=2#art-3", WHOLE["terms_url"]]
)
def test_an_address_of_a_page_is_taken_as_it_is(url: str) -> None:
    assert change(terms_url=url).legal == LegalChange(terms_url=url)


def test_what_a_french_shop_would_have_to_say() -> None:
    nothing = legal.read(legal.nothing())
    assert {"name", "mediator", "host", "withdrawal_url"} <= set(legal.missing(nothing, "FR"))
    assert "mediator" not in legal.missing(nothing, "DE")
    assert legal.missing(nothing, "US") == ()
    whole = legal.read(WHOLE)
    assert legal.missing(whole, "FR") == ()
    short = msgspec.structs.replace(whole, return_days=7)
    assert legal.missing(short, "FR") == ("return_days ≥ 14",)

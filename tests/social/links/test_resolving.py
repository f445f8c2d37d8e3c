"""From an address to a cart: ids and SKUs, of one shop or of several, what is known and what is not."""

import pytest

from catalog import products, variants
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from core import shops
from core.db import Database
from core.shops import Shop
from social.links import resolving
from social.links.carts import Cart
from social.links.errors import UnknownShopOfLink
from social.links.wanted import Item, Wanted


async def sell(db: Database, shop: Shop, *skus: str) -> list[str]:
    """The ids of a product's variants with these SKUs."""
    prices = [PriceIn(amount=500, currency="EUR")]
    sizes = [VariantCreate(options={"Taille": sku}, sku=sku, available=3, prices=prices) for sku in skus]
    async with db.transaction() as session:
        made = await products.create(session, shop, ProductCreate(title="Vase", options=["Taille"], variants=sizes))
        found, _ = await variants.list_page(session, shop, made.id, 100, None)
        return [each.id for each in reversed(found)]


async def another(db: Database) -> Shop:
    async with db.transaction() as session:
        return await shops.create(session, "Ailleurs", "EUR")


async def resolve(db: Database, shop: Shop | None, *items: tuple[str, int], **rest: object) -> tuple[Shop, Cart]:
    wanted = Wanted(items=tuple(Item(*each) for each in items), **rest)  # type: ignore[arg-type]  # Whatever the test wants.
    async with db.read() as session:
        return await resolving.resolve(session, wanted, shop)


async def test_ids_and_skus_are_the_same_variant(db: Database, shop: Shop) -> None:
    first, second = await sell(db, shop, "VASE-S", "Vase/Été:1")
    found, cart = await resolve(db, shop, (first, 1), ("Vase/Été:1", 2), ("VASE-S", 3))
    assert found.id == shop.id
    assert cart.lines == ((first, 4), (second, 2))
    assert cart.missing == 0


async def test_a_sku_is_read_to_the_letter(db: Database, shop: Shop) -> None:
    await sell(db, shop, "VASE-S")
    _, cart = await resolve(db, shop, ("vase-s", 1), ("VASE", 1), ("VASE-S ", 1), ("VASE-%", 1))
    assert (cart.lines, cart.missing) == ((), 4)


async def test_what_nobody_knows_is_counted(db: Database, shop: Shop) -> None:
    (known,) = await sell(db, shop, "VASE-S")
    strange = ("a\0b", 1), ("\ud800", 1), ("x" * 500, 1), ("var_01k00000000000000000000000", 1)
    _, cart = await resolve(db, shop, (known, 1), *strange, unreadable=2, partial=True, code="LUNE10", country="FR")
    assert cart == Cart(shop.id, ((known, 1),), "LUNE10", "FR", 6, partial=True)


async def test_an_old_sku_still_means_what_had_it_last_until_somebody_else_has_it(db: Database, shop: Shop) -> None:
    first, second = await sell(db, shop, "A", "B")
    for each in (first, second):
        async with db.transaction() as session:
            await variants.archive(session, shop, each)
    _, cart = await resolve(db, shop, ("A", 1))
    assert cart.lines == ((first, 1),)
    (third,) = await sell(db, shop, "A")
    _, cart = await resolve(db, shop, ("A", 1), ("B", 1))
    assert cart.lines == ((third, 1), (second, 1))
    async with db.transaction() as session:
        await variants.archive(session, shop, third)
    _, cart = await resolve(db, shop, ("A", 1))
    assert cart.lines == ((third, 1),)


async def test_the_only_shop_needs_no_name(db: Database, shop: Shop) -> None:
    found, cart = await resolve(db, None, ("unknown", 1))
    assert (found.id, cart.missing) == (shop.id, 1)
    assert (await resolve(db, None))[0].id == shop.id


async def test_of_several_shops_ids_tell_which(db: Database, shop: Shop) -> None:
    other = await another(db)
    (here,), (there,) = await sell(db, shop, "S"), await sell(db, other, "S")
    for owner, variant_id in ((shop, here), (other, there)):
        found, cart = await resolve(db, None, (variant_id, 1), ("S", 2))
        assert (found.id, cart.lines) == (owner.id, ((variant_id, 3),))


async def test_of_several_shops_a_sku_tells_which_where_one_has_it(db: Database, shop: Shop) -> None:
    other = await another(db)
    await sell(db, shop, "S", "ONLY-HERE")
    await sell(db, other, "S", "ONLY-THERE")
    assert (await resolve(db, None, ("ONLY-THERE", 1)))[0].id == other.id
    assert (await resolve(db, None, ("S", 1), ("ONLY-HERE", 1)))[0].id == shop.id


@pytest.mark.parametrize("names", [["S"], ["nobody"], ["ONLY-HERE", "ONLY-THERE"], []])
async def test_a_link_that_says_no_shop_is_refused_and_none_is_guessed(
    db: Database, shop: Shop, names: list[str]
) -> None:
    await sell(db, shop, "S", "ONLY-HERE")
    await sell(db, await another(db), "S", "ONLY-THERE")
    with pytest.raises(UnknownShopOfLink):
        await resolve(db, None, *((name, 1) for name in names))


async def test_two_shops_ids_in_one_basket_are_refused_and_in_a_named_shop_unknown(db: Database, shop: Shop) -> None:
    other = await another(db)
    (here,), (there,) = await sell(db, shop, "S"), await sell(db, other, "S")
    with pytest.raises(UnknownShopOfLink):
        await resolve(db, None, (here, 1), (there, 1))
    _, cart = await resolve(db, shop, (here, 1), (there, 1))
    assert (cart.lines, cart.missing) == (((here, 1),), 1)


async def test_in_a_named_shop_another_shops_sku_is_unknown(db: Database, shop: Shop) -> None:
    await sell(db, await another(db), "ONLY-THERE")
    _, cart = await resolve(db, shop, ("ONLY-THERE", 1))
    assert (cart.lines, cart.missing) == ((), 1)

"""What a shop shows side by side: which products, in which order, and all that is told of each."""

import pytest

from catalog import offers, products, windows
from catalog.products import Filters
from catalog.schemas import PictureIn, ProductCreate
from core import shops
from core.db import AsyncSession
from core.errors import BadRequest
from core.shops import Shop
from tests.catalog.making import asset, dress


async def made(session: AsyncSession, shop: Shop, *given: ProductCreate) -> list[str]:
    """The ids of these products."""
    return [(await products.create(session, shop, each)).id for each in given]


async def test_the_newest_come_first_page_after_page(session: AsyncSession, shop: Shop) -> None:
    shown = await made(session, shop, *(ProductCreate(title=f"R{number}") for number in range(5)))
    put_away = await products.create(session, shop, ProductCreate(title="Vieille"))
    await products.archive(session, shop, put_away.id)
    await made(session, shop, ProductCreate(title="Brouillon", status="draft"))
    await made(session, await shops.create(session, "Autre", "EUR"), ProductCreate(title="Ailleurs"))
    first, cursor = await windows.newest(session, shop, 2)
    assert first == [shown[4], shown[3]]
    _, same = await products.list_page(session, shop, Filters(status="active"), 2, None)
    assert cursor == same
    second, cursor = await windows.newest(session, shop, 3, cursor)
    assert (second, cursor) == ([shown[2], shown[1], shown[0]], None)
    with pytest.raises(BadRequest):
        await windows.newest(session, shop, 2, f"{shown[0]}_00000000")


async def test_what_shares_most_tags_comes_first_then_the_newest(session: AsyncSession, shop: Shop) -> None:
    mine, one, two, other, _, draft = await made(
        session,
        shop,
        ProductCreate(title="Robe", tags=["été", "lin", "bleu"]),
        ProductCreate(title="Jupe", tags=["été"]),
        ProductCreate(title="Veste", tags=["été", "lin"]),
        ProductCreate(title="Gilet", tags=["bleu", "laine"]),
        ProductCreate(title="Bonnet", tags=["laine"]),
        ProductCreate(title="Brouillon", tags=["été", "lin", "bleu"], status="draft"),
    )
    await made(session, await shops.create(session, "Autre", "EUR"), ProductCreate(title="Ailleurs", tags=["été"]))
    assert await windows.resembling(session, shop, mine, 10) == [two, other, one]
    assert await windows.resembling(session, shop, mine, 1) == [two]
    assert mine in await windows.resembling(session, shop, draft, 10)


async def test_many_are_told_of_as_each_alone(session: AsyncSession, shop: Shop) -> None:
    picture = await asset(session, shop)
    ids = await made(session, shop, dress(pictures=[PictureIn(asset_id=picture, alt_text="La robe")]))
    ids += await made(session, shop, *(ProductCreate(title=f"R{number}") for number in range(40)))
    stranger = await shops.create(session, "Autre", "EUR")
    theirs = await made(session, stranger, ProductCreate(title="Ailleurs"))
    found = await offers.of_products(session, shop, [*ids, *theirs, ids[0]], "EUR")
    assert found == {each: await offers.of_product(session, shop, each, "EUR") for each in ids}
    assert await offers.of_products(session, shop, [], "EUR") == {}

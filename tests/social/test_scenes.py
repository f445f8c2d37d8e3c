"""A struck-out price is a claim about the past: it shows only where the merchant has made it, and never by itself."""

import pytest

from catalog import prices, sheets
from catalog.errors import CompareAtTooLow
from catalog.schemas import PriceIn, VariantCreate
from media.looks.scene import Scene
from social import scenes
from social.scenes import ProductRef
from tests.social.making import Studio


async def sized(studio: Studio, *wanted: tuple[int, int | None], title: str = "Bougie Ambre") -> str:
    """A candle whose variants have these amounts and what they are compared at."""
    variants = [
        VariantCreate(options={"Taille": f"T{n}"}, prices=[PriceIn(amount=now, currency="EUR", compare_at=before)])
        for n, (now, before) in enumerate(wanted)
    ]
    return await studio.candle(title, options=["Taille"], variants=variants)


async def shown(studio: Studio, *products: str, variant: str | None = None) -> Scene:
    """What a picture of these products says."""
    async with studio.db.read() as session:
        refs = [ProductRef(each, variant) for each in products]
        return scenes.scene(studio.shop, await scenes.shown(session, studio.shop, refs), "Bougies")


@pytest.mark.parametrize(
    ("variants", "price", "before"),
    [
        ([(1990, None)], "19,90\u00a0€", ""),
        ([(1990, 2990)], "19,90\u00a0€", "29,90\u00a0€"),
        ([(1990, 2990), (1990, 2990)], "19,90\u00a0€", "29,90\u00a0€"),
        ([(1990, 2990), (1990, None)], "19,90\u00a0€", ""),
        ([(1990, 2990), (1990, 3990)], "19,90\u00a0€", ""),
        ([(1990, 2990), (2990, 3990)], "dès\u00a019,90\u00a0€", ""),
    ],
)
async def test_a_former_price_shows_only_where_every_variant_has_the_same(
    studio: Studio, variants: list[tuple[int, int | None]], price: str, before: str
) -> None:
    scene = await shown(studio, await sized(studio, *variants))
    assert (scene.price, scene.compare_at) == (price, before)


async def test_one_variant_shows_its_own_former_price(studio: Studio) -> None:
    candle = await sized(studio, (1990, None), (2990, 3990))
    async with studio.db.read() as session:
        large = (await sheets.of_product(session, studio.shop, candle)).variants[1].id
    scene = await shown(studio, candle, variant=large)
    assert (scene.price, scene.compare_at) == ("29,90\u00a0€", "39,90\u00a0€")


async def test_a_price_that_was_lowered_is_no_former_price_by_itself(studio: Studio) -> None:
    candle = await studio.candle(amount=2990)
    async with studio.db.transaction() as session:
        (variant,) = (await sheets.of_product(session, studio.shop, candle)).variants
        await prices.replace(session, studio.shop, variant.id, [PriceIn(amount=1990, currency="EUR")])
    scene = await shown(studio, candle)
    assert (scene.price, scene.compare_at) == ("19,90\u00a0€", "")


async def test_several_products_show_no_former_price(studio: Studio) -> None:
    candles = [await sized(studio, (1990, 2990), title=title) for title in ("Ambre", "Figue")]
    scene = await shown(studio, *candles)
    assert (scene.price, scene.compare_at) == ("dès\u00a019,90\u00a0€", "")


@pytest.mark.parametrize("before", [1990, 1000])
async def test_a_former_price_that_is_not_higher_is_refused(studio: Studio, before: int) -> None:
    with pytest.raises(CompareAtTooLow):
        await sized(studio, (1990, before))

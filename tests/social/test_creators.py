"""Creators: who brings buyers, and by which code."""

import pytest

from catalog import products
from catalog.schemas import ProductCreate
from core import shops
from core.db import AsyncSession
from core.errors import PreconditionFailed
from core.shops import Shop
from social import creators
from social.creator_schemas import CreatorChange, CreatorCreate
from social.errors import CreatorCodeTaken, CreatorNotFound, UnknownNetwork
from social.links import links
from social.links.errors import UnknownLinkItem
from social.links.schemas import LinkCreate


async def test_a_creator_is_made_found_changed_and_put_away(session: AsyncSession, shop: Shop) -> None:
    made = await creators.create(session, shop, CreatorCreate(name="Camille", handle="camille.roy", code="Camille10"))
    assert (made.code, made.version) == ("CAMILLE10", 1)
    assert await creators.list_page(session, shop, 10, None) == ([made], None)
    changed = await creators.change(session, shop, made.id, CreatorChange(handle=None, code="cam-15"), 1)
    assert (changed.name, changed.handle, changed.code, changed.version) == ("Camille", None, "CAM-15", 2)
    with pytest.raises(PreconditionFailed):
        await creators.change(session, shop, made.id, CreatorChange(name="C"), 1)
    await creators.archive(session, shop, made.id)
    await creators.archive(session, shop, made.id)
    assert await creators.list_page(session, shop, 10, None) == ([], None)
    assert (await creators.get(session, shop, made.id)).version == 3
    back = await creators.change(session, shop, made.id, CreatorChange(archived=False), None)
    assert back.archived_at is None


async def test_a_creators_home_is_a_network_that_there_is(session: AsyncSession, shop: Shop) -> None:
    made = await creators.create(session, shop, CreatorCreate(name="Camille", network="tiktok"))
    assert made.network == "tiktok"
    with pytest.raises(UnknownNetwork):
        await creators.create(session, shop, CreatorCreate(name="Camille", network="myspace"))
    with pytest.raises(UnknownNetwork):
        await creators.change(session, shop, made.id, CreatorChange(network="myspace"), None)
    assert (await creators.change(session, shop, made.id, CreatorChange(network=None), None)).network is None


async def test_a_code_is_one_creators_in_any_case_even_when_it_is_put_away(session: AsyncSession, shop: Shop) -> None:
    first = await creators.create(session, shop, CreatorCreate(name="Camille", code="LUNE10"))
    await creators.archive(session, shop, first.id)
    with pytest.raises(CreatorCodeTaken):
        await creators.create(session, shop, CreatorCreate(name="Noé", code="lune10"))
    second = await creators.create(session, shop, CreatorCreate(name="Noé"))
    with pytest.raises(CreatorCodeTaken):
        await creators.change(session, shop, second.id, CreatorChange(code="Lune10"), None)
    other = await shops.create(session, "Another", "EUR")
    assert (await creators.create(session, other, CreatorCreate(name="Ida", code="LUNE10"))).code == "LUNE10"


async def test_a_code_leads_to_its_creator_while_they_are_there(session: AsyncSession, shop: Shop) -> None:
    made = await creators.create(session, shop, CreatorCreate(name="Camille", code="LUNE10"))
    other = await shops.create(session, "Another", "EUR")
    assert await creators.of_codes(session, shop, ["NOBODYS", "LUNE10"]) == made.id
    assert await creators.of_codes(session, other, ["LUNE10"]) is None
    assert await creators.of_codes(session, shop, []) is None
    await creators.archive(session, shop, made.id)
    assert await creators.of_codes(session, shop, ["LUNE10"]) is None


async def test_another_shops_creator_does_not_exist(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Another", "EUR")
    made = await creators.create(session, other, CreatorCreate(name="Ida"))
    for refused in (
        creators.get(session, shop, made.id),
        creators.change(session, shop, made.id, CreatorChange(name="X"), None),
        creators.archive(session, shop, made.id),
    ):
        with pytest.raises(CreatorNotFound):
            await refused


async def test_a_link_names_a_creator_of_the_shop_who_is_there(session: AsyncSession, shop: Shop) -> None:
    product = (await products.create(session, shop, ProductCreate(title="Vase Lune"))).id
    made = await creators.create(session, shop, CreatorCreate(name="Camille"))
    link = await links.create(session, shop, LinkCreate(product_id=product, creator_id=made.id))
    assert link.creator_id == made.id
    found, _ = await links.list_page(session, shop, links.Filters(creator_id=made.id), 10, None)
    assert found == [link]
    await creators.archive(session, shop, made.id)
    for unknown in (made.id, "creator_01k00000000000000000000000"):
        with pytest.raises(UnknownLinkItem):
            await links.create(session, shop, LinkCreate(product_id=product, creator_id=unknown))

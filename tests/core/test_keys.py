"""API keys: found by their public part, compared by digest, gone when revoked."""

import re
import statistics
import time

import pytest

from core import clock, keys, shops
from core.db import AsyncSession
from core.keys import STOREFRONT, KeyNotFound, UnknownScope
from core.shops import Shop


async def test_a_token_finds_its_key_and_is_kept_nowhere(session: AsyncSession, shop: Shop) -> None:
    key, token = await keys.create(session, shop, scopes=["orders:read", "catalog:read", "orders:read"], label="Blog")
    found = await keys.find(session, token)
    assert found is not None
    assert (found.id, found.shop_id, found.label) == (key.id, shop.id, "Blog")
    assert found.scopes == ["catalog:read", "orders:read"]
    assert not found.publishable
    assert token[16:] not in repr(found)
    assert token[16:] not in found.digest + found.lookup


async def test_a_publishable_key_may_look_and_buy_whatever_was_asked_for(session: AsyncSession, shop: Shop) -> None:
    key, token = await keys.create(session, shop, scopes=["orders:read"], publishable=True)
    assert token.startswith("vt_pk_")
    assert (key.publishable, key.scopes) == (True, list(STOREFRONT))


async def test_scanners_can_recognise_a_token(session: AsyncSession, shop: Shop) -> None:
    _, token = await keys.create(session, shop)
    assert re.fullmatch(r"vt_sk_[0-9A-Za-z]{60}", token)
    assert keys.well_formed(token)


async def test_a_typing_error_is_seen_without_asking_the_database(session: AsyncSession, shop: Shop) -> None:
    _, token = await keys.create(session, shop)
    for place in range(len(token)):
        wrong = token[:place] + ("z" if token[place] != "z" else "y") + token[place + 1 :]
        assert not keys.well_formed(wrong)
        assert await keys.find(session, wrong) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "vt_sk_",
        "vt_sk_" + "0" * 60,
        "sk_live_" + "0" * 58,
        "vt_sk_" + "é" * 60,
        "vt_sk_" + "0" * 10_000,
        "\x00" * 66,
    ],
)
async def test_what_was_never_a_token_finds_nothing(session: AsyncSession, shop: Shop, token: str) -> None:
    assert not keys.well_formed(token)
    assert await keys.find(session, token) is None


async def test_a_token_with_the_right_lookup_and_a_wrong_secret_finds_nothing(
    session: AsyncSession, shop: Shop
) -> None:
    _, token = await keys.create(session, shop)
    body = token[:16] + "A" * 44
    forged = body + keys.checksum(body)
    assert keys.well_formed(forged)
    assert await keys.find(session, forged) is None


async def test_a_revoked_key_finds_nothing_and_keeps_its_first_date(session: AsyncSession, shop: Shop) -> None:
    key, token = await keys.create(session, shop)
    first = clock.now()
    await keys.revoke(session, shop, key.id, first)
    await keys.revoke(session, shop, key.id, clock.now())
    assert await keys.find(session, token) is None
    assert key.revoked_at == first


async def test_nobody_revokes_the_key_of_another_shop(session: AsyncSession, shop: Shop) -> None:
    other = await shops.create(session, "Elsewhere", "USD")
    key, token = await keys.create(session, other)
    for key_id in (key.id, "key_00000000000000000000000000"):
        with pytest.raises(KeyNotFound):
            await keys.revoke(session, shop, key_id, clock.now())
    assert await keys.find(session, token) is not None


async def test_a_scope_that_does_not_exist_is_named(session: AsyncSession, shop: Shop) -> None:
    with pytest.raises(UnknownScope) as refused:
        await keys.create(session, shop, scopes=["orders:burn"])
    assert refused.value.facts["scope"] == "orders:burn"


async def test_two_keys_are_never_alike(session: AsyncSession, shop: Shop) -> None:
    tokens = [(await keys.create(session, shop))[1] for _ in range(50)]
    assert len({token[:16] for token in tokens}) == 50


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_how_much_of_a_guess_is_right_cannot_be_measured(session: AsyncSession, shop: Shop) -> None:
    _, token = await keys.create(session, shop)
    body, first = token[:-6], len("vt_sk_") + 10
    other = {sign: "1" if sign == "0" else "0" for sign in body}
    wrong_first = body[:first] + other[body[first]] + body[first + 1 :]
    wrong_last = body[:-1] + other[body[-1]]
    guesses = [each + keys.checksum(each) for each in (wrong_first, wrong_last)]
    costs: list[list[float]] = [[], []]
    for number in range(1000):
        which = number % 2
        begun = time.process_time()
        assert await keys.find(session, guesses[which]) is None
        costs[which].append(time.process_time() - begun)
    early, late = (statistics.median(each) for each in costs)
    assert abs(early - late) / late < 0.1

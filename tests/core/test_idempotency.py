"""Idempotency keys at the database: one owner at a time, one answer for ever, sealed."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from core import clock, idempotency
from core.db import Database
from core.idempotency import KEPT, LEASE, Answer, Claim, IdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop

AT = clock.now()
ANSWER = Answer(201, [(b"content-type", b"application/json"), (b"etag", b'"1"')], b'{"secret": "of-the-buyer"}')
KEY = idempotency.identify("key_1 POST /v1/products", "abc")


class Desk:
    """One shop's claims at different times."""

    def __init__(self, db: Database, settings: Settings, shop: Shop) -> None:
        self.db, self.vault, self.shop = db, Vault(settings.secret_keys), shop

    def mine(self, after: timedelta = timedelta(0), body: str = "body", key: str = KEY) -> Claim:
        """The same request, so long after the first time."""
        return Claim(key, self.shop.id, body, AT + after)

    async def claim(self, after: timedelta = timedelta(0), *, body: str = "body", key: str = KEY) -> Answer | None:
        """Ask so long after the first time."""
        async with self.db.transaction() as session:
            return await idempotency.claim(session, self.vault, self.mine(after, body, key))

    async def store(self, claimed_after: timedelta = timedelta(0)) -> bool:
        """Answer the request that claimed so long after the first time."""
        async with self.db.transaction() as session:
            return await idempotency.store(session, self.vault, self.mine(claimed_after), ANSWER)

    async def release(self, claimed_after: timedelta = timedelta(0)) -> None:
        """Give the key up."""
        async with self.db.transaction() as session:
            await idempotency.release(session, self.mine(claimed_after))


@pytest.fixture
def desk(db: Database, settings: Settings, shop: Shop) -> Desk:
    """A desk."""
    return Desk(db, settings, shop)


async def test_the_first_answer_is_given_again(desk: Desk) -> None:
    assert await desk.claim() is None
    await desk.store()
    assert await desk.claim() == ANSWER
    assert await desk.claim(KEPT - timedelta(seconds=1)) == ANSWER


async def test_another_request_under_the_same_key_is_refused_running_or_answered(desk: Desk) -> None:
    await desk.claim()
    with pytest.raises(IdempotencyKeyReused):
        await desk.claim(body="other")
    await desk.store()
    with pytest.raises(IdempotencyKeyReused):
        await desk.claim(body="other")


async def test_while_the_first_one_runs_the_second_is_told_to_wait(desk: Desk) -> None:
    await desk.claim()
    with pytest.raises(IdempotencyKeyInUse) as refused:
        await desk.claim(LEASE - timedelta(seconds=1))
    assert refused.value.retry_after == 1


async def test_a_crash_frees_the_key_when_its_lease_has_run_out(desk: Desk) -> None:
    await desk.claim()
    assert await desk.claim(LEASE) is None
    with pytest.raises(IdempotencyKeyInUse):
        await desk.claim(LEASE + timedelta(seconds=1))


async def test_who_lost_the_lease_can_neither_answer_nor_release(desk: Desk) -> None:
    await desk.claim()
    await desk.claim(LEASE)
    assert not await desk.store()
    await desk.release()
    with pytest.raises(IdempotencyKeyInUse):
        await desk.claim(LEASE)
    assert await desk.store(LEASE)
    assert await desk.claim(LEASE) == ANSWER


async def test_a_request_without_effect_frees_its_key(desk: Desk) -> None:
    await desk.claim()
    await desk.release()
    assert await desk.claim(body="other") is None


async def test_an_answer_is_not_released(desk: Desk) -> None:
    await desk.claim()
    await desk.store()
    await desk.release()
    assert await desk.claim() == ANSWER


async def test_after_a_day_the_key_is_new(desk: Desk) -> None:
    await desk.claim()
    await desk.store()
    assert await desk.claim(KEPT, body="other") is None
    await desk.store(KEPT)
    assert await desk.claim(KEPT, body="other") == ANSWER


async def test_old_keys_make_room_by_themselves(desk: Desk, db: Database) -> None:
    for number in range(30):
        await desk.claim(key=f"{number:064}")
    for number in range(2):
        await desk.claim(KEPT, key=f"0new{number}")
    async with db.read() as session:
        assert (await session.exec(select(sa.func.count()).select_from(IdempotencyKey))).one() == 2


async def test_the_answer_and_the_key_lie_sealed(desk: Desk, db: Database) -> None:
    await desk.claim()
    await desk.store()
    async with db.read() as session:
        row = (await session.exec(select(IdempotencyKey))).one()
    assert b"of-the-buyer" not in (row.answer_sealed or b"")
    assert row.id == KEY
    assert "abc" not in row.id


async def test_the_answer_lives_and_dies_with_the_effect(desk: Desk, db: Database) -> None:
    async def fail_after_storing() -> None:
        async with db.transaction() as session:
            await idempotency.store(session, desk.vault, desk.mine(), ANSWER)
            raise ZeroDivisionError

    await desk.claim()
    with pytest.raises(ZeroDivisionError):
        await fail_after_storing()
    assert await desk.claim(LEASE) is None


async def test_of_ten_at_once_one_goes_on(desk: Desk) -> None:
    ends = await asyncio.gather(*(desk.claim() for _ in range(10)), return_exceptions=True)
    assert ends.count(None) == 1
    assert [type(each) for each in ends if each is not None] == [IdempotencyKeyInUse] * 9


def test_a_key_belongs_to_one_api_key_and_one_address() -> None:
    made = {
        idempotency.identify(scope, key)
        for scope, key in [("key_1 POST /a", "x"), ("key_2 POST /a", "x"), ("key_1 POST /b", "x"), ("key_1", "y")]
    }
    assert len(made) == 4

"""Messages arrive signed, at least once, in order for each subject, and no receiver waits for another."""

import asyncio
import base64
import hashlib
import hmac
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import standardwebhooks
from sqlmodel import col, select

from core import clock, events, jobs, shops
from core.db import Database
from core.events import EventRecord
from core.jobs import Resources
from core.outbound import Outbound
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop
from core.webhooks import deliveries, endpoints, queue
from core.webhooks.deliveries import Filters
from core.webhooks.errors import UnknownEventType, WebhookDeliverySettled
from core.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.webhooks.schemas import SecretRotation, WebhookEndpointChange, WebhookEndpointCreate
from core.webhooks.sending import EndpointDisabled
from tests.core.webhooks.receiver import OK, Message, Receiver, status

ROOT = Path(__file__).parents[3]
FOREVER = timedelta(days=365)


class Office:
    """A shop with its receivers, and the worker that carries messages to them."""

    def __init__(self, db: Database, shop: Shop, settings: Settings, stack: AsyncExitStack) -> None:
        self.db, self.shop, self.vault = db, shop, Vault(settings.secret_keys)
        self.outbound = Outbound(loopback=True, patience=0.3)
        self.resources = Resources(db, self.vault, self.outbound)
        self.now = clock.now()
        self._stack = stack

    async def listen(self, receiver: Receiver, *types: str) -> tuple[WebhookEndpoint, str]:
        """An endpoint at this receiver, which hears of everything unless told otherwise."""
        await self._stack.enter_async_context(receiver.listening())
        data = WebhookEndpointCreate(url=receiver.url, event_types=list(types) or ["*"])
        async with self.db.transaction() as session:
            return await endpoints.create(session, self.shop, data, self.vault, self.outbound)

    async def tell(self, *subjects: str, shop: Shop | None = None) -> None:
        """An event about each of these; its number stands in `url`."""
        for number, subject in enumerate(subjects, 1):
            async with self.db.transaction() as session:
                news = EndpointDisabled(endpoint_id=subject, url=str(number), reason="failing")
                await events.record(session, (shop or self.shop).id, news)

    async def carry(self, wait: timedelta = timedelta(0)) -> None:
        """Work everything off that is due after this time."""
        self.now = max(self.now, clock.now()) + wait
        while await jobs.run_due(self.resources, self.now):
            pass

    async def all(self, endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
        """The endpoint's deliveries, the oldest first."""
        async with self.db.read() as session:
            found, _ = await deliveries.list_page(session, endpoint, Filters(), 100, None)
        return found[::-1]

    async def tries(self, delivery: WebhookDelivery) -> list[WebhookAttempt]:
        """How often, and how it went."""
        async with self.db.read() as session:
            return await deliveries.attempts(session, delivery)

    async def state(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """The endpoint as it is now."""
        async with self.db.read() as session:
            return await endpoints.get(session, self.shop, endpoint.id)

    async def change(self, endpoint: WebhookEndpoint, **fields: bool) -> None:
        """What a merchant changes."""
        async with self.db.transaction() as session:
            data = msgspec.convert(fields, WebhookEndpointChange)
            await endpoints.change(session, self.shop, endpoint.id, data, None, self.outbound)


@pytest.fixture
async def office(db: Database, shop: Shop, settings: Settings) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        office = Office(db, shop, settings, stack)
        yield office
        await office.outbound.close()


def told(receiver: Receiver) -> list[str]:
    """Subject and number of what came, in order."""
    return [f"{each.data['webhook_endpoint_id']} {each.data['url']}" for each in receiver.got]


def signed(message: Message, secret: str) -> bool:
    """Whether a signature in the header is made with this secret, reckoned by hand from the specification."""
    text = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), text, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}" in message.headers["webhook-signature"].split(" ")


async def test_a_message_is_signed_as_the_standard_says_and_logged(office: Office) -> None:
    receiver = Receiver(status(200, body="Merci\x00 \x1b[31m" + "é" * 2000))
    endpoint, secret = await office.listen(receiver, "webhook_endpoint.disabled")
    await office.tell("a")
    await office.carry()
    (message,) = receiver.got
    payload = standardwebhooks.Webhook(secret).verify(message.body, message.headers)
    async with office.db.read() as session:
        record = (await session.exec(select(EventRecord))).one()
    assert payload == {
        "type": "webhook_endpoint.disabled",
        "version": 1,
        "timestamp": msgspec.to_builtins(record.created_at),
        "data": {"webhook_endpoint_id": "a", "url": "1", "reason": "failing"},
    }
    assert signed(message, secret)
    assert message.id == record.id
    assert message.path == "/hooks?from=vitrine"
    assert message.headers["content-type"] == "application/json"
    (delivery,) = await office.all(endpoint)
    (attempt,) = await office.tries(delivery)
    assert (delivery.status, attempt.outcome, attempt.status) == ("delivered", "delivered", 200)
    assert attempt.answer.startswith("Merci� �[31mé")
    assert len(attempt.answer.encode()) <= 1024
    assert (await office.state(endpoint)).last_delivered_at is not None


async def test_secrets_lie_sealed_and_two_are_good_while_one_is_replaced(office: Office) -> None:
    receiver = Receiver()
    endpoint, old = await office.listen(receiver)
    async with office.db.transaction() as session:
        rotation = SecretRotation(overlap_hours=1)
        rotated, new = await endpoints.rotate(session, office.shop, endpoint.id, rotation, office.vault)
    assert old.encode() not in endpoint.secret_sealed
    assert new.encode() not in rotated.secret_sealed
    await office.tell("a")
    await office.carry()
    await office.tell("b")
    await office.carry(timedelta(hours=1))
    both, after = receiver.got
    assert [signed(both, old), signed(both, new), signed(after, old), signed(after, new)] == [True, True, False, True]
    for secret in (old, new):
        assert standardwebhooks.Webhook(secret).verify(both.body, both.headers)


async def test_only_who_asked_hears_and_nobody_of_what_was_rolled_back_or_is_anothers(office: Office) -> None:
    asked, other, left = Receiver(), Receiver(), Receiver()
    await office.listen(asked, "webhook_endpoint.disabled")
    with pytest.raises(UnknownEventType):
        await office.listen(other, "order.exploded")
    gone, _ = await office.listen(left)
    async with office.db.transaction() as session:
        await endpoints.archive(session, office.shop, gone.id)
        stranger = await shops.create(session, "Elsewhere", "EUR")
    await office.tell("a", shop=stranger)
    with pytest.raises(ZeroDivisionError):
        await _fail_after_telling(office)
    await office.tell("b")
    await office.carry()
    assert (told(asked), other.got, left.got) == (["b 1"], [], [])


async def _fail_after_telling(office: Office) -> None:
    async with office.db.transaction() as session:
        news = EndpointDisabled(endpoint_id="undone", url="1", reason="failing")
        await events.record(session, office.shop.id, news)
        raise ZeroDivisionError


async def test_a_failing_receiver_is_tried_nine_times_over_a_day_then_disabled_with_notice(office: Office) -> None:
    broken, watching = Receiver(status(500)), Receiver()
    endpoint, _ = await office.listen(broken)
    await office.listen(watching, "webhook_endpoint.disabled")
    await office.tell("a")
    times: list[datetime] = []
    await office.carry()
    while (await office.state(endpoint)).disabled_at is None:
        times.append(office.now)
        (delivery,) = await office.all(endpoint)
        await office.carry(delivery.due_at - office.now)
    gaps = [after - before for before, after in zip(times, [*times[1:], office.now], strict=True)]
    assert len(broken.got) == queue.ATTEMPTS == 9
    assert gaps == sorted(gaps)
    assert timedelta(hours=24) <= sum(gaps, timedelta()) < timedelta(hours=26)
    assert len({each.id for each in broken.got}) == len({each.body for each in broken.got}) == 1
    assert len({each.headers["webhook-timestamp"] for each in broken.got}) == 9
    state = await office.state(endpoint)
    assert (state.disabled_reason, state.failures, state.version) == ("failing", 9, 2)
    assert (await office.all(endpoint))[0].status == "dead"
    await office.carry()
    assert told(watching) == ["a 1", f"{endpoint.id} {endpoint.url}"], "the shop's other endpoint hears of it"
    async with office.db.read() as session:
        disabled, failing = await endpoints.unwell(session, office.now)
    assert ([each.id for each in disabled], failing) == ([endpoint.id], [])


async def test_an_endpoint_that_is_enabled_again_gets_all_that_waited_in_order(office: Office) -> None:
    receiver = Receiver(status(410), OK)
    endpoint, _ = await office.listen(receiver)
    await office.tell("a")
    await office.carry()
    assert (await office.state(endpoint)).disabled_reason == "gone"
    await office.tell("a", "a")
    await office.carry(timedelta(hours=1))
    assert len(receiver.got) == 1
    await office.change(endpoint, enabled=True)
    await office.carry()
    assert len({each.id for each in receiver.got[:2]}) == 1
    assert [each for each in told(receiver) if each.startswith("a ")] == ["a 1", "a 1", "a 1", "a 2"]
    state = await office.state(endpoint)
    assert (state.disabled_at, state.failing_since, state.failures) == (None, None, 0)


async def test_what_is_about_one_subject_waits_and_everything_else_overtakes(office: Office) -> None:
    receiver = Receiver(status(503, "Retry-After: 60\r\n"), OK)
    endpoint, _ = await office.listen(receiver)
    await office.tell("a", "a", "b", "a")
    await office.carry()
    assert sorted(told(receiver)[:2]) == ["a 1", "b 3"]
    assert len(receiver.got) == 2
    assert (await office.all(endpoint))[0].due_at == office.now + timedelta(minutes=1), "the receiver asked for that"
    await office.carry(timedelta(minutes=1))
    assert told(receiver)[2:] == ["a 1", "a 2", "a 4"]


async def test_one_bad_message_does_not_disable_an_endpoint_and_can_be_skipped_or_sent_again(office: Office) -> None:
    receiver = Receiver(status(422))
    endpoint, _ = await office.listen(receiver)
    await office.tell("bad")
    await office.carry()
    while (bad := (await office.all(endpoint))[0]).status == "pending":
        receiver.answers = [OK]
        await office.tell("good")
        await office.carry()
        receiver.answers = [status(422)]
        await office.carry(bad.due_at - office.now)
    assert (bad.status, len(await office.tries(bad))) == ("dead", queue.ATTEMPTS)
    assert (await office.state(endpoint)).disabled_at is None
    await office.tell("bad", "bad")
    receiver.answers = [OK]
    before = len(receiver.got)
    await office.carry(FOREVER / 100)
    assert len(receiver.got) == before, "both wait for the one that was given up"
    async with office.db.transaction() as session:
        await deliveries.skip(session, office.shop, bad.id)
    await office.carry()
    assert told(receiver)[before:] == ["bad 1", "bad 2"]
    async with office.db.transaction() as session:
        await deliveries.resend(session, office.shop, bad.id)
    await office.carry()
    assert receiver.got[-1].id == bad.event_id
    with pytest.raises(WebhookDeliverySettled):
        await _skip(office, bad)


async def _skip(office: Office, delivery: WebhookDelivery) -> None:
    async with office.db.transaction() as session:
        await deliveries.skip(session, office.shop, delivery.id)


async def test_what_was_delivered_is_sent_again_once_and_holds_nothing_back(office: Office) -> None:
    receiver = Receiver(OK, status(500), OK)
    endpoint, _ = await office.listen(receiver)
    await office.tell("a")
    await office.carry()
    (delivery,) = await office.all(endpoint)
    async with office.db.transaction() as session:
        await deliveries.resend(session, office.shop, delivery.id)
    await office.carry()
    await office.tell("a")
    await office.carry()
    assert [each.id for each in receiver.got[:2]] == [delivery.event_id] * 2
    assert len(receiver.got) == 3
    assert [each.status for each in await office.all(endpoint)] == ["delivered", "delivered"]
    assert [each.outcome for each in await office.tries(delivery)] == ["delivered", "status"]


async def test_hanging_dripping_redirecting_and_silent_receivers_are_failures(office: Office) -> None:
    inside = Receiver()
    await office.listen(inside, "webhook_endpoint.disabled")
    bad = [Receiver(None), Receiver(b"drip"), Receiver(status(301, f"Location: {inside.url}\r\n")), Receiver(b"")]
    made = [(await office.listen(each))[0] for each in bad]
    await office.tell("a")
    await office.carry()
    outcomes = [(await office.tries((await office.all(each))[0]))[0].outcome for each in made]
    assert outcomes == ["timeout", "timeout", "status", "protocol"]
    assert len(inside.got) == 1, "its own message, and no redirected one"


async def test_a_name_that_leads_inside_at_the_time_of_delivery_is_not_called(office: Office) -> None:
    async def inside(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    data = WebhookEndpointCreate(url="https://hooks.example/", event_types=["*"])
    async with office.db.transaction() as session:
        endpoint, _ = await endpoints.create(session, office.shop, data, office.vault, office.outbound)
    await office.tell("a")
    rebound = Outbound(resolver=inside)
    await jobs.run_due(Resources(office.db, office.vault, rebound), clock.now())
    await rebound.close()
    (attempt,) = await office.tries((await office.all(endpoint))[0])
    assert (attempt.outcome, attempt.status) == ("forbidden", None)


async def test_an_endpoint_that_fails_is_left_alone_for_a_while_whatever_it_is_about(office: Office) -> None:
    receiver = Receiver(status(500))
    endpoint, _ = await office.listen(receiver)
    await office.tell(*"abcdefgh")
    await office.carry()
    assert len(receiver.got) == queue.AT_ONCE
    state = await office.state(endpoint)
    assert state.paused_until is not None
    assert state.paused_until > office.now
    await office.carry(queue.LONGEST_PAUSE)
    assert len(receiver.got) == queue.AT_ONCE + 1, "one at a time while it fails"
    receiver.answers = [OK]
    await office.carry(queue.LONGEST_PAUSE)
    await office.carry(queue.LONGEST_PAUSE)
    assert {each.status for each in await office.all(endpoint)} == {"delivered"}


async def test_workers_that_compete_send_each_message_once_and_in_order(office: Office, database_url: str) -> None:
    receiver = Receiver()
    await office.listen(receiver)
    rivals = [Resources(Database(database_url), office.vault, office.outbound) for _ in range(2)]
    await office.tell(*("ab" * 6))

    async def labor(resources: Resources) -> None:
        while await jobs.run_due(resources, clock.now()):
            pass

    await asyncio.gather(*(labor(each) for each in (office.resources, *rivals)))
    await office.carry(timedelta(seconds=31))
    assert [each for each in told(receiver) if each.startswith("a")] == [f"a {number}" for number in range(1, 12, 2)]
    assert [each for each in told(receiver) if each.startswith("b")] == [f"b {number}" for number in range(2, 13, 2)]
    for rival in rivals:
        await rival.get(Database).close()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_receivers_that_hang_keep_neither_others_nor_other_jobs_waiting(office: Office) -> None:
    office.outbound = Outbound(loopback=True, patience=50)
    office.resources = Resources(office.db, office.vault, office.outbound)
    hanging, good, stop = [Receiver(None) for _ in range(15)], Receiver(), asyncio.Event()
    for each in hanging:
        await office.listen(each)
    await office.tell("a")
    working = asyncio.create_task(jobs.work(office.resources, stop, idle_seconds=0.01))
    await asyncio.gather(*(each.arrived.wait() for each in hanging))
    await office.listen(good)
    await office.tell("a")
    await asyncio.wait_for(good.arrived.wait(), 20)
    for each in hanging:
        each.answers = [OK]
        each.released.set()
    stop.set()
    await working
    assert told(good) == ["a 1"]


async def test_a_worker_that_is_killed_before_its_notes_delivers_again_with_the_same_id(
    office: Office, database_url: str, settings: Settings
) -> None:
    receiver = Receiver()
    endpoint, _ = await office.listen(receiver)
    await office.tell("a", "a")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.webhooks.postman", database_url, settings.secret_keys[0], cwd=ROOT
    )
    assert await worker.wait() == -signal.SIGKILL
    assert told(receiver) == ["a 1"]
    assert [each.status for each in await office.all(endpoint)] == ["pending", "pending"]
    await office.carry(jobs.LEASE + timedelta(seconds=1))
    assert told(receiver) == ["a 1", "a 1", "a 2"]
    assert receiver.got[0].id == receiver.got[1].id


async def test_deliveries_are_forgotten_after_thirty_days(office: Office) -> None:
    endpoint, _ = await office.listen(Receiver())
    await office.tell("a")
    await office.carry()
    await office.carry(queue.KEPT + timedelta(days=2))
    assert await office.all(endpoint) == []
    async with office.db.read() as session:
        assert (await session.exec(select(col(WebhookAttempt.id)))).all() == []

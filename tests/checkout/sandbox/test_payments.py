"""Paying: at once, not at all, later; and never twice."""

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import (
    SESSIONS,
    Receiver,
    Wall,
    control,
    error_of,
    open_session,
    pay,
    post,
    retrieve,
    session_of,
)

PAID = {
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
}


async def test_a_paid_session_has_an_intent_and_no_url(stripe_api: httpx2.AsyncClient) -> None:
    session = session_of(await pay(stripe_api, await open_session(stripe_api)))
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details is not None
    assert session.customer_details.email == "ada@example.com"
    answer = await stripe_api.get(f"/v1/payment_intents/{session.payment_intent}", params={"expand[]": "latest_charge"})
    intent = msgspec.json.decode(answer.content)
    assert (intent["status"], intent["amount_received"], intent["metadata"]) == ("succeeded", 9800, {"order": "ord_1"})
    charge = intent["latest_charge"]
    assert (charge["metadata"], charge["payment_method_details"]["card"]["last4"]) == ({"order": "ord_1"}, "4242")
    assert charge["balance_transaction"].startswith("txn_")


async def test_its_events_are_all_told_once(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    session = await open_session(stripe_api)
    await pay(stripe_api, session)
    assert await sandbox.deliver_due() == 5
    assert sorted(receiver.types) == sorted(PAID)
    completed = receiver.last("checkout.session.completed")
    assert (completed.id, completed.payment_status, completed.metadata) == (session.id, "paid", {"post": "post_1"})
    assert receiver.last("charge.succeeded").metadata == {"order": "ord_1"}


async def test_paying_twice_is_impossible(sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver) -> None:
    session = await open_session(stripe_api)
    await pay(stripe_api, session)
    assert "status of `complete`" in error_of(await pay(stripe_api, session)).message
    await sandbox.deliver_due()
    assert receiver.types.count("charge.succeeded") == 1


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", None),
        ("4000000000000127", "incorrect_cvc", None),
        ("4000000000000119", "processing_error", None),
        ("4242424242424241", "incorrect_number", None),
        ("4539578763621486", "card_declined", "test_mode_live_card"),
    ],
)
async def test_a_declined_card_leaves_the_session_open(
    stripe_api: httpx2.AsyncClient, card: str, code: str, decline_code: str | None
) -> None:
    session = await open_session(stripe_api)
    answer = await pay(stripe_api, session, card)
    error = error_of(answer)
    assert (answer.status_code, error.type, error.code, error.decline_code) == (402, "card_error", code, decline_code)
    after = await retrieve(stripe_api, session)
    assert (after.status, after.payment_status, after.payment_intent) == ("open", "unpaid", None)


@pytest.mark.parametrize(
    ("card", "advice"),
    [("…9995", "try_again_later"), ("…9987", "do_not_try_again"), ("…0127", "confirm_card_data")],
)
async def test_a_decline_says_what_to_do_and_what_was_tried(
    stripe_api: httpx2.AsyncClient, card: str, advice: str
) -> None:
    session = await open_session(stripe_api)
    answer = await pay(stripe_api, session, card.replace("…", "400000000000"))
    error = msgspec.json.decode(answer.content)["error"]
    charge = msgspec.json.decode((await stripe_api.get(f"/v1/charges/{error['charge']}")).content)
    assert (answer.status_code, error["advice_code"], charge["outcome"]["advice_code"]) == (402, advice, advice)
    assert error["payment_intent"]["last_payment_error"]["advice_code"] == advice


async def test_a_second_card_pays_on_the_same_intent(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    session = await open_session(stripe_api)
    declined = await control(stripe_api, f"sessions/{session.id}/decline")
    assert session_of(declined).status == "open"
    paid = session_of(await pay(stripe_api, session))
    await sandbox.deliver_due()
    assert receiver.types.count("payment_intent.created") == 1
    assert receiver.last("payment_intent.payment_failed").id == paid.payment_intent
    assert receiver.last("payment_intent.succeeded").id == paid.payment_intent


@pytest.mark.parametrize(
    ("account", "told", "payment_status"),
    [
        ("AT321904300235473204", "checkout.session.async_payment_succeeded", "paid"),
        ("AT861904300235473202", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
async def test_a_bank_debit_is_answered_later(
    sandbox: Sandbox,
    stripe_api: httpx2.AsyncClient,
    receiver: Receiver,
    wall: Wall,
    account: str,
    told: str,
    payment_status: str,
) -> None:
    session = await open_session(stripe_api)
    waiting = session_of(await pay(stripe_api, session, account))
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    await sandbox.deliver_due()
    assert receiver.last("checkout.session.completed").payment_status == "unpaid"
    assert told not in receiver.types
    wall.time += 4
    await sandbox.deliver_due()
    assert receiver.last(told).payment_status == payment_status
    assert (await retrieve(stripe_api, session)).payment_status == payment_status


async def test_nothing_to_pay_needs_no_intent(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api, **{"line_items[0][price_data][unit_amount]": "0"})
    done = session_of(await pay(stripe_api, session))
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "no_payment_required", None)


async def test_an_expired_session_cannot_be_paid(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    expired = session_of(await post(stripe_api, f"{SESSIONS}/{session.id}/expire"))
    assert (expired.status, expired.url, expired.payment_intent) == ("expired", None, None)
    assert "status of `expired`" in error_of(await pay(stripe_api, session)).message


@pytest.mark.parametrize("status", ["expired", "complete"])
async def test_only_an_open_session_can_be_expired(stripe_api: httpx2.AsyncClient, status: str) -> None:
    session = await open_session(stripe_api)
    await (pay(stripe_api, session) if status == "complete" else post(stripe_api, f"{SESSIONS}/{session.id}/expire"))
    error = error_of(await post(stripe_api, f"{SESSIONS}/{session.id}/expire"))
    assert error.message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
        f"`{status}`."
    )


async def test_time_alone_expires_a_session(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    session = await open_session(stripe_api, expires_at=str(int(wall.time) + 1860))
    await control(stripe_api, f"sessions/{session.id}/decline")
    wall.time += 1859
    assert (await retrieve(stripe_api, session)).status == "open"
    wall.time += 1
    assert (await retrieve(stripe_api, session)).status == "expired"
    await sandbox.deliver_due()
    assert receiver.last("checkout.session.expired").id == session.id
    assert receiver.last("payment_intent.canceled").status == "canceled"


async def test_the_clock_can_be_moved(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    await control(stripe_api, "clock", {"advance": 86_400})
    assert (await retrieve(stripe_api, session)).status == "expired"


async def test_sessions_are_listed_newest_first_in_pages(stripe_api: httpx2.AsyncClient) -> None:
    made = [(await open_session(stripe_api)).id for _ in range(5)]
    first = msgspec.json.decode((await stripe_api.get(SESSIONS, params={"limit": 3})).content)
    assert ([item["id"] for item in first["data"]], first["has_more"]) == (made[:1:-1], True)
    rest = await stripe_api.get(SESSIONS, params={"limit": 3, "starting_after": made[2]})
    assert [item["id"] for item in msgspec.json.decode(rest.content)["data"]] == [made[1], made[0]]
    back = await stripe_api.get(SESSIONS, params={"limit": 2, "ending_before": made[1]})
    assert [item["id"] for item in msgspec.json.decode(back.content)["data"]] == [made[3], made[2]]


async def test_a_session_is_found_by_its_intent(stripe_api: httpx2.AsyncClient) -> None:
    await open_session(stripe_api)
    paid = session_of(await pay(stripe_api, await open_session(stripe_api)))
    for params in ({"payment_intent": str(paid.payment_intent)}, {"status": "complete"}):
        found = msgspec.json.decode((await stripe_api.get(SESSIONS, params=params)).content)["data"]
        assert [item["id"] for item in found] == [paid.id]

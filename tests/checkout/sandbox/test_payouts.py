"""Payouts: what is available leaves the balance once, arrives, and comes back where the bank refuses it."""

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import Json, Receiver, Wall, control, error_of, open_session, pay, post, session_of

NET = 9800 - 314  # 2.9 % and 30 cents
AT_ONCE = "4000000000000077"


class Payout(msgspec.Struct):
    """A payout or a balance transaction, as far as the tests look at it."""

    id: str
    amount: int
    status: str
    type: str
    automatic: bool = False
    balance_transaction: str | None = None
    reconciliation_status: str = ""
    failure_code: str | None = None
    reversed_by: str | None = None
    reporting_category: str = ""


class Payouts(msgspec.Struct):
    """A list of them."""

    data: list[Payout]


def payout_of(answer: httpx2.Response) -> Payout:
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Payout)


async def paid(client: httpx2.AsyncClient, card: str = AT_ONCE) -> str:
    return str(session_of(await pay(client, await open_session(client), card)).payment_intent)


async def listed(client: httpx2.AsyncClient, path: str, **params: str | int) -> list[Payout]:
    return msgspec.json.decode((await client.get(f"/v1/{path}", params=params)).content, type=Payouts).data


async def balance(client: httpx2.AsyncClient) -> int:
    return int(msgspec.json.decode((await client.get("/v1/balance")).content)["available"][0]["amount"])


async def by_hand(client: httpx2.AsyncClient, amount: int) -> httpx2.Response:
    return await post(client, "/v1/payouts", {"amount": str(amount), "currency": "eur", "metadata[run]": "1"})


async def test_a_daily_payout_takes_what_is_available_and_says_what_it_was(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    first = await paid(stripe_api)
    await paid(stripe_api)
    await paid(stripe_api, "4242424242424242")
    made = payout_of(await control(stripe_api, "payouts", {"payment_intent": first}))
    assert (made.amount, made.automatic, made.status, made.reconciliation_status) == (
        2 * NET, True, "pending", "in_progress",
    )  # fmt: skip
    assert await balance(stripe_api) == 0
    inside = await listed(stripe_api, "balance_transactions", payout=made.id)
    assert sorted((each.type, each.amount) for each in inside) == [
        ("charge", 9800), ("charge", 9800), ("payout", -2 * NET),
    ]  # fmt: skip
    wall.time += 4
    await sandbox.deliver_due()
    assert {kind for kind in receiver.types if kind.startswith("payout.")} == {
        "payout.created", "payout.paid", "payout.updated", "payout.reconciliation_completed",
    }  # fmt: skip
    arrived = payout_of(await stripe_api.get(f"/v1/payouts/{made.id}"))
    assert (arrived.status, arrived.reconciliation_status) == ("paid", "completed")
    assert error_of(await control(stripe_api, "payouts", {"payment_intent": first})).code == "balance_insufficient"
    wall.time += 2 * 86_400
    assert payout_of(await control(stripe_api, "payouts", {"payment_intent": first})).amount == NET


async def test_a_payout_that_the_bank_refuses_comes_back_and_goes_out_again(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    intent = await paid(stripe_api)
    made = payout_of(await control(stripe_api, "payouts", {"payment_intent": intent}))
    wall.time += 4
    await sandbox.deliver_due()
    order: dict[str, Json] = {"status": "failed", "failure_code": "no_account"}
    failed = payout_of(await control(stripe_api, f"payouts/{made.id}", order))
    assert (failed.status, failed.failure_code, await balance(stripe_api)) == ("failed", "no_account", NET)
    await sandbox.deliver_due()
    assert receiver.last("payout.failed").id == made.id
    assert (await control(stripe_api, f"payouts/{made.id}", order)).status_code == 400
    again = payout_of(await control(stripe_api, "payouts", {"payment_intent": intent}))
    inside = await listed(stripe_api, "balance_transactions", payout=again.id)
    assert sorted(each.type for each in inside) == ["payout", "payout_failure"]
    assert {each.reporting_category for each in inside} == {"payout"}


async def test_a_payout_by_hand_is_cancelled_before_it_leaves_and_reversed_once_it_came(
    stripe_api: httpx2.AsyncClient, wall: Wall
) -> None:
    await paid(stripe_api)
    too_much = error_of(await by_hand(stripe_api, NET + 1))
    assert (too_much.code, "\u20ac94.86" in too_much.message) == ("balance_insufficient", True)
    first = payout_of(await by_hand(stripe_api, 1000))
    assert payout_of(await post(stripe_api, f"/v1/payouts/{first.id}/cancel")).status == "canceled"
    second = payout_of(await by_hand(stripe_api, 2000))
    assert await balance(stripe_api) == NET - 2000
    wall.time += 4
    assert error_of(await post(stripe_api, f"/v1/payouts/{second.id}/cancel")).message
    back = payout_of(await post(stripe_api, f"/v1/payouts/{second.id}/reverse", {"metadata[why]": "mistake"}))
    assert (back.amount, await balance(stripe_api)) == (-2000, NET)
    assert (await post(stripe_api, f"/v1/payouts/{second.id}/reverse")).status_code == 400
    assert payout_of(await stripe_api.get(f"/v1/payouts/{second.id}")).reversed_by == back.id


async def test_payouts_are_listed_and_keep_metadata(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await paid(stripe_api)
    made = payout_of(await by_hand(stripe_api, 1000))
    changed = await post(stripe_api, f"/v1/payouts/{made.id}", {"metadata[run]": "", "metadata[of]": "today"})
    assert msgspec.json.decode(changed.content)["metadata"] == {"of": "today"}
    arrival = int(wall.time) + 3
    for params, found in (
        ({"status": "pending"}, [made.id]),
        ({"status": "paid"}, []),
        ({"arrival_date": arrival}, [made.id]),
        ({"arrival_date[gt]": arrival}, []),
    ):
        assert [each.id for each in await listed(stripe_api, "payouts", **params)] == found
    booked = await stripe_api.get(f"/v1/balance_transactions/{made.balance_transaction}", params={"expand[]": "source"})
    assert msgspec.json.decode(booked.content)["source"]["object"] == "payout"


@pytest.mark.parametrize("path", ["po_nobody", "po_nobody/cancel", "po_nobody/reverse"])
async def test_nobodys_payout_is_missing(stripe_api: httpx2.AsyncClient, path: str) -> None:
    assert error_of(await post(stripe_api, f"/v1/payouts/{path}")).code == "resource_missing"

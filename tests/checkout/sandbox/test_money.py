"""Refunds, disputes and the balance: what moves, what is told, and that the books add up."""

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import Json, Receiver, Wall, control, error_of, open_session, pay, post, session_of

DAY = 86_400


class Money(msgspec.Struct):
    """A refund, dispute, charge or balance transaction, as far as the tests look at it."""

    id: str
    amount: int = 0
    status: str = ""
    charge: str | None = None
    failure_reason: str | None = None
    net: int = 0
    fee: int = 0
    type: str = ""
    source: str = ""
    amount_refunded: int = 0
    refunded: bool = False
    balance_transactions: list["Money"] = []


class Moneys(msgspec.Struct):
    """A list of them."""

    data: list[Money]


def money_of(answer: httpx2.Response) -> Money:
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Money)


async def paid(client: httpx2.AsyncClient, card: str = "4242424242424242") -> str:
    """The intent of a paid session over 98 euros."""
    return str(session_of(await pay(client, await open_session(client), card)).payment_intent)


async def refund(client: httpx2.AsyncClient, intent: str, **params: str) -> httpx2.Response:
    return await post(client, "/v1/refunds", {"payment_intent": intent, **params})


async def listed(client: httpx2.AsyncClient, path: str, **params: str) -> list[Money]:
    return msgspec.json.decode((await client.get(f"/v1/{path}", params=params)).content, type=Moneys).data


async def dispute_of(client: httpx2.AsyncClient, card: str = "4000000000000259") -> Money:
    return (await listed(client, "disputes", payment_intent=await paid(client, card)))[0]


async def test_partial_refunds_add_up_to_the_charge_and_no_further(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    intent = await paid(stripe_api)
    first = money_of(await refund(stripe_api, intent, amount="3000", reason="requested_by_customer"))
    too_much = error_of(await refund(stripe_api, intent, amount="6801"))
    rest = money_of(await refund(stripe_api, intent))
    again = error_of(await refund(stripe_api, intent))
    assert (first.amount, first.status, rest.amount, too_much.param) == (3000, "succeeded", 6800, "amount")
    assert again.code == "charge_already_refunded"
    assert "€68.01" in too_much.message
    assert [each.id for each in await listed(stripe_api, "refunds", payment_intent=intent)] == [rest.id, first.id]
    charge = money_of(await stripe_api.get(f"/v1/charges/{first.charge}"))
    assert (charge.amount_refunded, charge.refunded) == (9800, True)
    await sandbox.deliver_due()
    assert (receiver.types.count("refund.created"), receiver.types.count("charge.refunded")) == (2, 2)


@pytest.mark.parametrize(
    ("card", "first", "then", "told"),
    [
        ("4242424242424242", "succeeded", "succeeded", "refund.updated"),
        ("4000000000007726", "pending", "succeeded", "refund.updated"),
        ("4000000000005126", "succeeded", "failed", "refund.failed"),
    ],
)
async def test_a_refund_goes_on_by_its_card(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall,
    card: str, first: str, then: str, told: str,
) -> None:  # fmt: skip
    made = money_of(await refund(stripe_api, await paid(stripe_api, card)))
    wall.time += 4
    await sandbox.deliver_due()
    after = money_of(await stripe_api.get(f"/v1/refunds/{made.id}"))
    assert (made.status, after.status, told in receiver.types) == (first, then, True)
    charge = money_of(await stripe_api.get(f"/v1/charges/{made.charge}"))
    assert charge.amount_refunded == (0 if then == "failed" else 9800)


async def test_a_refund_keeps_metadata_and_is_cancelled_only_while_it_waits(stripe_api: httpx2.AsyncClient) -> None:
    intent = await paid(stripe_api)
    made = money_of(await refund(stripe_api, intent, amount="100", **{"metadata[row]": "r1", "metadata[x]": "y"}))
    changed = await post(stripe_api, f"/v1/refunds/{made.id}", {"metadata[x]": "", "metadata[z]": "1"})
    assert msgspec.json.decode(changed.content)["metadata"] == {"row": "r1", "z": "1"}
    assert "status of succeeded" in error_of(await post(stripe_api, f"/v1/refunds/{made.id}/cancel")).message
    order: dict[str, Json] = {"payment_intent": intent, "amount": 200, "status": "requires_action"}
    waiting = money_of(await control(stripe_api, "refunds", order))
    assert money_of(await post(stripe_api, f"/v1/refunds/{waiting.id}/cancel")).status == "canceled"
    charge = money_of(await stripe_api.get(f"/v1/charges/{made.charge}"))
    assert charge.amount_refunded == 100


async def test_a_refund_of_the_dashboard_fails_when_the_bank_says_so(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    made = money_of(await control(stripe_api, "refunds", {"payment_intent": await paid(stripe_api), "amount": 500}))
    order: dict[str, Json] = {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    assert money_of(await control(stripe_api, f"refunds/{made.id}", order)).failure_reason == "lost_or_stolen_card"
    await sandbox.deliver_due()
    assert receiver.last("refund.failed").id == made.id


async def test_an_unpaid_or_unknown_payment_cannot_be_refunded(stripe_api: httpx2.AsyncClient) -> None:
    assert error_of(await refund(stripe_api, "pi_nobody")).code == "resource_missing"
    assert error_of(await post(stripe_api, "/v1/refunds", {})).code == "parameter_missing"
    declined = await open_session(stripe_api)
    await control(stripe_api, f"sessions/{declined.id}/decline")
    charge = (await listed(stripe_api, "charges"))[0]
    assert "status of failed" in error_of(await post(stripe_api, "/v1/refunds", {"charge": charge.id})).message


@pytest.mark.parametrize(
    ("evidence", "status", "moved"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", -9800)]
)
async def test_a_dispute_takes_the_money_and_evidence_decides(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall,
    evidence: str, status: str, moved: int,
) -> None:  # fmt: skip
    dispute = await dispute_of(stripe_api)
    assert (dispute.status, dispute.amount) == ("needs_response", 9800)
    assert error_of(await post(stripe_api, "/v1/refunds", {"charge": str(dispute.charge)})).code == "charge_disputed"
    answered = await post(stripe_api, f"/v1/disputes/{dispute.id}", {"evidence[uncategorized_text]": evidence})
    assert money_of(answered).status == "under_review"
    wall.time += 4
    ended = money_of(await stripe_api.get(f"/v1/disputes/{dispute.id}"))
    assert (ended.status, sum(each.amount for each in ended.balance_transactions)) == (status, moved)
    assert sum(each.fee for each in ended.balance_transactions) == 1500
    await sandbox.deliver_due()
    told = {kind.removeprefix("charge.dispute.") for kind in receiver.types if "dispute" in kind}
    assert told == {"created", "funds_withdrawn", "updated", "closed"} | (
        {"funds_reinstated"} if status == "won" else set()
    )
    assert "already closed" in error_of(await post(stripe_api, f"/v1/disputes/{dispute.id}/close")).message


async def test_a_dispute_without_answer_is_lost_and_an_inquiry_closes(
    stripe_api: httpx2.AsyncClient, wall: Wall
) -> None:
    dispute, inquiry = (
        await dispute_of(stripe_api, "4000000000002685"),
        await dispute_of(stripe_api, "4000000000001976"),
    )
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert money_of(await post(stripe_api, "/v1/refunds", {"charge": str(inquiry.charge)})).status == "succeeded"
    wall.time += 9 * DAY
    assert money_of(await stripe_api.get(f"/v1/disputes/{dispute.id}")).status == "lost"
    assert money_of(await stripe_api.get(f"/v1/disputes/{inquiry.id}")).status == "warning_closed"


async def test_an_inquiry_can_become_a_dispute_that_is_given_up(stripe_api: httpx2.AsyncClient) -> None:
    order: dict[str, Json] = {"payment_intent": await paid(stripe_api), "kind": "inquiry"}
    inquiry = money_of(await control(stripe_api, "disputes", order))
    await control(stripe_api, f"disputes/{inquiry.id}", {"status": "needs_response"})
    assert money_of(await post(stripe_api, f"/v1/disputes/{inquiry.id}/close")).status == "lost"


async def test_a_warning_comes_before_any_dispute(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    await paid(stripe_api, "4000000000005423")
    await sandbox.deliver_due()
    warning = receiver.last("radar.early_fraud_warning.created")
    assert [each.id for each in await listed(stripe_api, "radar/early_fraud_warnings")] == [warning.id]
    assert money_of(await stripe_api.get(f"/v1/radar/early_fraud_warnings/{warning.id}")).id == warning.id


async def test_the_books_add_up(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await paid(stripe_api, "4000000000000077")
    failing = money_of(await refund(stripe_api, await paid(stripe_api, "4000000000005126"), amount="800"))
    await dispute_of(stripe_api)
    wall.time += 4
    booked = await listed(stripe_api, "balance_transactions")
    assert {each.type: each.net for each in booked} == {
        "charge": 9800 - 314,  # 2.9 % and 30 cents
        "refund": -800,
        "refund_failure": 800,
        "adjustment": -9800 - 1500,
    }
    sources = await listed(stripe_api, "balance_transactions", source=failing.id, type="refund")
    assert [each.source for each in sources] == [failing.id]
    found = (await stripe_api.get(f"/v1/balance_transactions/{sources[0].id}", params={"expand[]": "source"})).json()
    assert found["source"]["object"] == "refund"
    for available in (9486 - 800 + 800 - 11_300, 3 * 9486 - 11_300):
        balance = (await stripe_api.get("/v1/balance")).json()
        assert balance["available"][0]["amount"] == available
        wall.time += 2 * DAY

"""Radar's reviews: opened by a card or by hand, closed by a person, a refund or a dispute."""

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import Json, Receiver, control, error_of, open_session, pay, post, session_of

ELEVATED = "4000 0000 0000 9235"


class Review(msgspec.Struct):
    """A review, as far as the tests look at it."""

    id: str
    open: bool
    opened_reason: str
    closed_reason: str | None
    reason: str
    payment_intent: str


class Reviews(msgspec.Struct):
    """A list of them."""

    data: list[Review]


def review_of(answer: httpx2.Response) -> Review:
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Review)


async def paid(client: httpx2.AsyncClient, card: str = ELEVATED) -> str:
    return str(session_of(await pay(client, await open_session(client), card)).payment_intent)


async def open_ones(client: httpx2.AsyncClient) -> list[Review]:
    return msgspec.json.decode((await client.get("/v1/reviews")).content, type=Reviews).data


async def test_a_risky_card_is_reviewed_and_approved(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    intent = await paid(stripe_api)
    (review,) = await open_ones(stripe_api)
    assert (review.open, review.opened_reason, review.payment_intent) == (True, "rule", intent)
    expanded = await stripe_api.get(f"/v1/payment_intents/{intent}", params={"expand[]": "review"})
    assert msgspec.json.decode(expanded.content)["review"]["id"] == review.id
    closed = review_of(await post(stripe_api, f"/v1/reviews/{review.id}/approve"))
    assert (closed.open, closed.closed_reason, closed.reason) == (False, "approved", "approved")
    assert await open_ones(stripe_api) == []
    assert "already closed" in error_of(await post(stripe_api, f"/v1/reviews/{review.id}/approve")).message
    await sandbox.deliver_due()
    assert (receiver.last("review.opened").id, receiver.last("review.closed").id) == (review.id, review.id)
    plain = await stripe_api.get(f"/v1/payment_intents/{intent}")
    assert msgspec.json.decode(plain.content)["review"] is None


@pytest.mark.parametrize(
    ("wish", "closed"),
    [({}, "refunded"), ({"reason": "fraudulent"}, "refunded_as_fraud"), ({"amount": "100"}, None)],
)
async def test_a_refund_of_all_ends_a_review(
    stripe_api: httpx2.AsyncClient, wish: dict[str, str], closed: str | None
) -> None:
    intent = await paid(stripe_api)
    (review,) = await open_ones(stripe_api)
    assert (await post(stripe_api, "/v1/refunds", {"payment_intent": intent, **wish})).status_code == 200
    assert review_of(await stripe_api.get(f"/v1/reviews/{review.id}")).closed_reason == closed


async def test_a_review_by_hand_ends_with_a_dispute_or_a_word(stripe_api: httpx2.AsyncClient) -> None:
    order: dict[str, Json] = {"payment_intent": await paid(stripe_api, "4242424242424242"), "manual": True}
    review = review_of(await control(stripe_api, "reviews", order))
    assert review.opened_reason == "manual"
    assert (await control(stripe_api, "reviews", order)).status_code == 400
    await control(stripe_api, "disputes", {"payment_intent": review.payment_intent})
    assert review_of(await stripe_api.get(f"/v1/reviews/{review.id}")).closed_reason == "disputed"
    await paid(stripe_api)
    (other,) = await open_ones(stripe_api)
    done = review_of(await control(stripe_api, f"reviews/{other.id}", {"reason": "redacted"}))
    assert (done.open, done.closed_reason) == (False, "redacted")

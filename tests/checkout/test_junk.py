"""What Stripe, or somebody with a shop's secret or without, may send: nothing of it breaks us or is half believed."""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from checkout import orders
from checkout.books import reporting
from checkout.discounts import discounts
from checkout.discounts.schemas import DiscountCreate
from checkout.discounts.terms import Percentage
from checkout.errors import BadEvent, BadSignature, PaymentProviderRefused, PaymentProviderUnavailable
from checkout.models import Order, StripeEvent
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events, messages
from checkout.stripe.client import API_VERSION
from core import clock
from tests.checkout.conftest import SECRET, Till, make_variant, offer

NUL = "a\u0000b"


def signed(body: bytes, secret: str = SECRET) -> str:
    """The signature that Stripe would send with this body."""
    at = int(clock.now().timestamp())
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def paid_event(order: Order, session: Mapping[str, object], **top: object) -> bytes:
    """A session that was paid, but for the changes."""
    told: dict[str, object] = {
        "id": "cs_1", "status": "complete", "payment_status": "paid", "amount_total": order.amount_total,
        "currency": "eur", "client_reference_id": order.id, "metadata": {"order": order.id, "shop": order.shop_id},
    } | dict(session)  # fmt: skip
    event = {"id": "evt_1", "type": "checkout.session.completed", "created": 1, "data": {"object": told}} | top
    return msgspec.json.encode(event)


async def the_order(till: Till) -> Order:
    async with till.db.read() as session:
        return (await session.exec(select(Order))).one()


async def placed(till: Till) -> Order:
    await till.start(CheckoutItemIn(variant_id=await make_variant(till.db, till.shop)))
    return await the_order(till)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_total": "4900"},
        {"amount_total": 49.5},
        {"amount_total": -1},
        {"amount_total": 2**31},
        {"amount_total": 2**63},
        {"amount_total": 10**30},
        {"payment_intent": {"id": "pi_1"}},
        {"payment_intent": NUL},
        {"payment_status": None},
        {"status": 5},
        {"url": 5},
        {"client_reference_id": NUL},
        {"client_reference_id": 5},
        {"currency": "e" * 300},
    ],
    ids=str,
)
async def test_a_signed_session_that_is_none_is_kept_and_nothing_of_it_believed(
    till: Till, changed: dict[str, object]
) -> None:
    body = paid_event(await placed(till), changed)
    assert await kept_unreadable(till, body) == ("evt_1", "checkout.session.completed")
    assert (await the_order(till)).status == "awaiting_payment"


async def kept_unreadable(till: Till, body: bytes) -> tuple[str, str]:
    """Id and type of the row that this body leaves; the answer is one that Stripe takes for the end of it."""
    for outcome in ("unreadable", "duplicate"):
        assert await events.receive(till.db, till.vault, body, signed(body), clock.now()) == outcome
    async with till.db.read() as session:
        row = (await session.exec(select(StripeEvent))).one()
        assert (await reporting.report(session, till.shop, clock.now())).events.unreadable == 1
    assert row.body_sealed is not None
    assert till.vault.unseal(row.body_sealed) == body
    return row.id, row.type


@pytest.mark.parametrize(
    ("session", "top"),
    [
        ({"id": NUL}, {}),
        ({"id": None}, {}),
        ({"id": "x" * 256}, {}),
        ({"metadata": {"pieces": 5}}, {}),
        ({"metadata": []}, {}),
        ({}, {"data": {"object": None}}),
        ({}, {"data": {"object": [1]}}),
        ({}, {"data": None}),
        ({}, {"created": 1.5}),
        ({}, {"created": None, "data": []}),
    ],
    ids=str,
)
async def test_an_event_that_cannot_be_kept_as_it_is_is_kept_sealed(
    till: Till, session: dict[str, object], top: dict[str, object]
) -> None:
    body = paid_event(await placed(till), session, **top)
    assert await kept_unreadable(till, body) == ("evt_1", "checkout.session.completed")
    assert (await the_order(till)).status == "awaiting_payment"


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"5", b"null", b"{", b"{}", b"\xff" * 9, b"[" * 100_000, b'{"type":"a b"}', b'{"id":"evt_1"}',
        b'{"id":"evt_1","type":"a","data":' + b"[" * 100_000, b'{"id":"evt_1","type":"a","created":NaN}',
        b'{"id":"evt_1","type":"\xc3"}', b'{"id":"evt_1","type":""}', b'{"id":"evt_1","type":5}',
        b'{"id":"evt_1\\u0000","type":"a"}', b'{"id":5,"type":"a"}', b'{"id":"cs_1","type":"a"}',
        b'{"id":"evt_","type":"a"}', b'{"id":"evt_' + b"e" * 255 + b'","type":"a"}',
    ],
    ids=lambda body: repr(body[:40]),
)  # fmt: skip
async def test_signed_bytes_that_are_no_event_are_refused_and_nothing_is_kept_of_them(till: Till, body: bytes) -> None:
    with pytest.raises((BadEvent, BadSignature)):  # The library takes no signature of what is not UTF-8.
        await events.receive(till.db, till.vault, body, signed(body), clock.now())
    assert await events.recover(till.db, till.vault, till.shop, body, clock.now()) == "unreadable"
    async with till.db.read() as session:
        assert (await session.exec(select(StripeEvent))).all() == []


async def test_names_of_an_order_that_no_database_can_keep_find_none(till: Till) -> None:
    order = await placed(till)
    odd = {"metadata": {"shop": NUL, "order": NUL}, "client_reference_id": "ord_" + NUL}
    await kept_unreadable(till, paid_event(order, odd))


@pytest.mark.parametrize(
    "about", [{"id": None}, {"id": "x" * 300}, {"id": "x", "metadata": {"n": 5}}, [1], None], ids=str
)
async def test_what_we_do_not_follow_may_look_like_anything(till: Till, about: object) -> None:
    event = {"id": "evt_1", "type": "balance.available", "created": 1, "data": {"object": about}}
    body = msgspec.json.encode(event)
    assert await events.receive(till.db, till.vault, body, signed(body), clock.now()) == "ignored"


async def test_a_signature_of_nothing_is_none(till: Till) -> None:
    with pytest.raises(BadSignature):
        await events.receive(till.db, till.vault, b"", signed(b""), clock.now())


async def test_what_nobody_signed_never_reaches_the_database(till: Till) -> None:
    body = paid_event(await placed(till), {"metadata": {"shop": NUL}})
    with pytest.raises(BadSignature):
        await events.receive(till.db, till.vault, body, signed(body, "whsec_guessed"), clock.now())
    assert (await the_order(till)).status == "awaiting_payment"


async def test_our_own_session_without_metadata_finds_its_order(till: Till) -> None:
    order = await placed(till)
    async with till.db.read() as session:
        body = paid_event(order, {"id": await orders.own_session(session, order), "metadata": None})
    assert await events.receive(till.db, till.vault, body, signed(body), clock.now()) == "applied"
    assert (await the_order(till)).status == "paid"


@pytest.mark.parametrize(
    "body", ["garbage", [1], {}, {"id": 5}, {"id": NUL}, {"id": "cs_1", "amount_total": "x"}], ids=str
)
async def test_an_answer_that_cannot_be_read_is_stripe_away_and_the_next_try_goes_on(till: Till, body: object) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", at="after", status=200, body=body)
    with pytest.raises(PaymentProviderUnavailable):
        await till.start(CheckoutItemIn(variant_id=variant), key="k")
    again = await till.start(CheckoutItemIn(variant_id=variant), key="k")
    assert (again.url is not None, (await offer(till.db, till.shop, variant)).available) == (True, 0)


@pytest.mark.parametrize("path", ["/v1/checkout/sessions", "/v1/coupons"])
async def test_a_failure_that_stripe_has_stored_is_not_the_end(till: Till, path: str) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.person.post("/_local/faults", json={"at": "inside", "method": "POST", "path": path, "status": 500})
    if path.endswith("coupons"):
        tenth = DiscountCreate(title="Lune", terms=Percentage(rate=1000))
        async with till.db.transaction() as session:
            await discounts.create(session, till.shop, tenth)
    made = await till.start(CheckoutItemIn(variant_id=variant), key="k")
    order = await the_order(till)
    assert (made.status, made.stripe_key) == ("open", f"{order.id}:create:2")
    assert (await till.start(CheckoutItemIn(variant_id=variant), key="k")).url == made.url
    sessions = (await till.person.get("/_local/sessions")).json()["data"]
    assert [each["client_reference_id"] for each in sessions] == [order.id]


async def test_a_session_that_was_made_before_stripe_failed_is_found(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    # Made and answered; what we hear, three times, is a failure that claims to be stored.
    stored = {
        "at": "after", "method": "POST", "path": "/v1/checkout/sessions", "status": 500, "times": 3,
        "headers": {"Idempotent-Replayed": "true"}, "body": {"error": {"type": "api_error", "message": "Oh"}},
    }  # fmt: skip
    await till.person.post("/_local/faults", json=stored)
    made = await till.start(CheckoutItemIn(variant_id=variant), key="k")
    sessions = (await till.person.get("/_local/sessions")).json()["data"]
    assert [each["id"] for each in sessions] == [made.stripe_session_id]
    assert (await offer(till.db, till.shop, variant)).available == 0


async def test_two_taps_begin_one_next_attempt(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    fault = {"at": "inside", "method": "POST", "path": "/v1/checkout/sessions", "status": 500}
    await till.person.post("/_local/faults", json=fault)
    taps = [till.start(CheckoutItemIn(variant_id=variant), page="shown-once") for _ in range(3)]
    assert len({checkout.url for checkout in await asyncio.gather(*taps)}) == 1
    assert len((await till.person.get("/_local/sessions")).json()["data"]) == 1


async def test_an_answer_that_is_not_stripes_is_no_refusal(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", at="after", status=302, headers={"location": "http://127.0.0.1:9/"})
    with pytest.raises(PaymentProviderUnavailable):
        await till.start(CheckoutItemIn(variant_id=variant), page="p")
    assert (await offer(till.db, till.shop, variant)).available == 0
    again = await till.start(CheckoutItemIn(variant_id=variant), page="p")
    assert again.order_id == (await the_order(till)).id


async def test_a_refusal_for_good_gives_the_stock_back_at_once(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=1)
    await till.control("faults", status=400)
    with pytest.raises(PaymentProviderRefused):
        await till.start(CheckoutItemIn(variant_id=variant))
    assert (await offer(till.db, till.shop, variant)).available == 1
    assert (await the_order(till)).status == "expired"


async def test_a_second_tap_waits_while_stripe_is_slow_with_the_first(till: Till) -> None:
    variant = await make_variant(till.db, till.shop, stock=3)
    await till.control("faults", latency=2.2)
    taps = [till.start(CheckoutItemIn(variant_id=variant), page="shown-once") for _ in range(3)]
    found = await asyncio.gather(*taps)
    assert len({checkout.url for checkout in found}) == 1
    assert (await offer(till.db, till.shop, variant)).available == 2


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), signature=st.text(max_size=200))
def test_any_bytes_and_any_header_are_refused_in_peace(body: bytes, signature: str) -> None:
    now = clock.now()
    assert events.verify(body, signature, SECRET, now) is False
    at = int(now.timestamp())
    for odd in (f"t={at},v1={signature}", f"t={at},v1=\u00e9", f"t={at}", f"v1={signature},t={at + 301}"):
        assert events.verify(body, odd, SECRET, now) is False
    with contextlib.suppress(BadEvent):
        messages.read(body)


@pytest.mark.parametrize("old", ["{old}=x", " {old}", "+{old}", "{old} ", "{old}", "0_{old}", "\u0660{old}"])
async def test_an_old_signature_stays_old_whatever_stands_beside_it(till: Till, old: str) -> None:
    body, now = paid_event(await placed(till), {}), clock.now()
    for past in (int(now.timestamp()) - 86_400, int(now.timestamp()) + 900):
        stale = old.format(old=past)
        made = hmac.new(SECRET.encode(), f"{past}.".encode() + body, hashlib.sha256).hexdigest()
        fresh = f"t={int(now.timestamp())}"
        for header in (
            f"t={stale},{fresh},v1={made}",
            f"{fresh},t={stale},v1={made}",
            f" t={stale},{fresh},v1={made}",
            f"t={stale},v1={made}",
        ):
            with pytest.raises(BadSignature):
                await events.receive(till.db, till.vault, body, header, now)
    assert (await the_order(till)).status == "awaiting_payment"


async def test_one_of_several_signatures_is_enough(till: Till) -> None:
    body = paid_event(await placed(till), {})
    at, made = signed(body).split(",")
    header = f"{at},v1={'0' * 64},v0=test,{made}"
    assert await events.receive(till.db, till.vault, body, header, clock.now()) == "applied"


async def test_events_of_another_api_version_count_and_are_told_once(
    till: Till, capsys: pytest.CaptureFixture[str]
) -> None:
    order = await placed(till)
    versions = [API_VERSION, None, f"2020-08-27 {order.id}", f"2020-08-27.{order.id}", f"2020-08-27.{order.id}"]
    for number, version in enumerate(versions):
        body = paid_event(order, {}, id=f"evt_{number}", api_version=version)
        assert await events.receive(till.db, till.vault, body, signed(body), clock.now()) == "applied"
    async with till.db.read() as session:
        assert (await reporting.report(session, till.shop, clock.now())).events.other_version == 3
    assert capsys.readouterr().err.count(f"2020-08-27.{order.id}") == 1

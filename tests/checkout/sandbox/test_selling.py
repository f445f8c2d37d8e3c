"""Discounts, shipping, tax, quantities, questions, recovery and 3-D Secure: what a session costs and who pays it."""

import re
from html import unescape
from typing import cast

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import (
    CARD,
    SESSIONS,
    SHIRT,
    Json,
    Receiver,
    Session,
    Wall,
    control,
    error_of,
    open_session,
    pay,
    post,
    retrieve,
    session_of,
)

RATE = "shipping_options[0][shipping_rate_data]"
POST = {
    f"{RATE}[display_name]": "Post",
    f"{RATE}[fixed_amount][amount]": "490",
    f"{RATE}[fixed_amount][currency]": "eur",
}


async def made(client: httpx2.AsyncClient, path: str, **params: str) -> dict[str, Json]:
    answer = await post(client, f"/v1/{path}", params)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Json], msgspec.json.decode(answer.content))


async def coupon(client: httpx2.AsyncClient, **params: str) -> str:
    return str((await made(client, "coupons", **(params or {"percent_off": "12.5"})))["id"])


async def press(client: httpx2.AsyncClient, session: Session, **typed: str) -> httpx2.Response:
    return await post(client, f"/c/pay/{session.id}", CARD | typed)


async def change(client: httpx2.AsyncClient, session: Session, **typed: str) -> httpx2.Response:
    return await post(client, f"/c/pay/{session.id}/basket", typed)


async def shown(client: httpx2.AsyncClient, session: Session, *expand: str) -> dict[str, Json]:
    answer = await client.get(f"{SESSIONS}/{session.id}", params={"expand[]": list(expand)})
    return cast(dict[str, Json], msgspec.json.decode(answer.content))


async def test_a_discount_is_shared_out_to_the_last_cent(stripe_api: httpx2.AsyncClient) -> None:
    second = {
        "line_items[1][quantity]": "1",
        "line_items[1][price_data][currency]": "eur",
        "line_items[1][price_data][unit_amount]": "3333",
        "line_items[1][price_data][product_data][name]": "Scarf",
    }
    session = await open_session(stripe_api, **second, **POST, **{"discounts[0][coupon]": await coupon(stripe_api)})
    off = 1642  # 12.5 % of 131.33
    assert (session.amount_subtotal, session.total_details["amount_discount"]) == (13133, off)
    assert session.amount_total == 13133 - off + 490
    full = await shown(stripe_api, session, "line_items.data.discounts", "total_details.breakdown")
    lines = cast(list[dict[str, int]], cast(dict[str, Json], full["line_items"])["data"])
    assert [line["amount_discount"] for line in lines] == [1225, 417]
    assert sum(line["amount_total"] for line in lines) == 13133 - off
    assert msgspec.json.encode(full["total_details"]).count(b'"amount":1642') == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"percent_off": "10", "redeem_by": "1794999999"}, "coupon_expired"),
        ({"amount_off": "100", "currency": "usd"}, None),
        ({"amount_off": "9780", "currency": "eur"}, "amount_too_small"),
    ],
)
async def test_a_coupon_that_does_not_fit_is_refused(
    stripe_api: httpx2.AsyncClient, params: dict[str, str], code: str | None
) -> None:
    found = await coupon(stripe_api, **params)
    refusal = error_of(await post(stripe_api, SESSIONS, SHIRT | {"discounts[0][coupon]": found}))
    assert refusal.code == code


async def test_a_whole_discount_leaves_nothing_to_pay_and_is_counted(stripe_api: httpx2.AsyncClient) -> None:
    found = await coupon(stripe_api, percent_off="100", max_redemptions="1", id="GIFT")
    session = await open_session(stripe_api, **{"discounts[0][coupon]": found})
    done = session_of(await pay(stripe_api, session))
    assert (done.amount_total, done.payment_status, done.payment_intent) == (0, "no_payment_required", None)
    refusal = error_of(await post(stripe_api, SESSIONS, SHIRT | {"discounts[0][coupon]": found}))
    assert refusal.code == "coupon_expired"
    assert error_of(await post(stripe_api, "/v1/coupons", {"id": "GIFT", "percent_off": "5"})).code == (
        "resource_already_exists"
    )


async def test_a_promotion_code_is_entered_on_the_page(stripe_api: httpx2.AsyncClient) -> None:
    params = {"promotion[type]": "coupon", "promotion[coupon]": await coupon(stripe_api), "code": "Spring"}
    await made(stripe_api, "promotion_codes", **params)
    dear = {"code": "DEAR", "restrictions[minimum_amount]": "9900", "restrictions[minimum_amount_currency]": "eur"}
    await made(stripe_api, "promotion_codes", **(params | dear))
    session = await open_session(stripe_api, allow_promotion_codes="true")
    for word, said in (("nonsense", "This code is invalid."), ("DEAR", "from €99.00 on")):
        refused = await change(stripe_api, session, code=word)
        assert (refused.status_code, said in unescape(refused.text)) == (400, True)
    assert (await change(stripe_api, session, code=" spring ")).status_code == 303
    page = unescape((await stripe_api.get(str(session.url))).text)
    assert "−€12.25" in page
    assert "€85.75" in page
    paid = session_of(await pay(stripe_api, session))
    assert (paid.amount_total, paid.total_details["amount_discount"]) == (8575, 1225)
    listed = await stripe_api.get("/v1/promotion_codes", params={"code": "SPRING"})
    assert msgspec.json.decode(listed.content)["data"][0]["times_redeemed"] == 1


async def test_a_promotion_code_can_be_taken_off_again(stripe_api: httpx2.AsyncClient) -> None:
    params = {"promotion[type]": "coupon", "promotion[coupon]": await coupon(stripe_api), "code": "X1"}
    code = await made(stripe_api, "promotion_codes", **params)
    session = await open_session(stripe_api, allow_promotion_codes="true")
    await change(stripe_api, session, code="X1")
    assert (await retrieve(stripe_api, session)).amount_total == 8575
    await change(stripe_api, session, remove="1")
    assert (await retrieve(stripe_api, session)).amount_total == 9800
    by_id = {"discounts[0][promotion_code]": str(code["id"])}
    assert session_of(await post(stripe_api, SESSIONS, SHIRT | by_id)).amount_total == 8575
    await made(stripe_api, f"promotion_codes/{code['id']}", active="false")
    assert "expired or used up" in error_of(await post(stripe_api, SESSIONS, SHIRT | by_id)).message


async def test_a_quantity_is_changed_within_its_bounds(stripe_api: httpx2.AsyncClient) -> None:
    bounds = "line_items[0][adjustable_quantity]"
    session = await open_session(stripe_api, **{f"{bounds}[enabled]": "true", f"{bounds}[maximum]": "5"})
    page = (await stripe_api.get(str(session.url))).text
    line = re.findall(r'name="line" value="(li_\w+)"', page)[0]
    for wrong in ("6", "0", "x"):
        assert (await change(stripe_api, session, line=line, quantity=wrong)).status_code == 400
    assert (await change(stripe_api, session, line=line, quantity="4")).status_code == 303
    assert (await retrieve(stripe_api, session)).amount_total == 4 * 4900


@pytest.mark.parametrize(("behavior", "total", "tax"), [("exclusive", 11662, 1862), ("inclusive", 9800, 1565)])
async def test_tax_follows_the_country(stripe_api: httpx2.AsyncClient, behavior: str, total: int, tax: int) -> None:
    params = {"automatic_tax[enabled]": "true", "line_items[0][price_data][tax_behavior]": behavior}
    session = await open_session(stripe_api, **params)
    assert (session.amount_total, session.total_details["amount_tax"]) == (9800, 0)
    asked = await press(stripe_api, session, country="DE", shown="9800")
    if behavior == "exclusive":
        assert (asked.status_code, "check the total" in asked.text) == (200, True)
        asked = await press(stripe_api, session, country="DE", shown=str(total))
    assert asked.status_code == 303
    paid = await retrieve(stripe_api, session)
    assert (paid.amount_total, paid.total_details["amount_tax"]) == (total, tax)


async def test_a_tax_rate_of_the_shop_is_added(stripe_api: httpx2.AsyncClient) -> None:
    rate = await made(stripe_api, "tax_rates", display_name="VAT", percentage="20", inclusive="false")
    session = await open_session(stripe_api, **{"line_items[0][tax_rates][0]": str(rate["id"])})
    assert (session.amount_total, session.total_details["amount_tax"]) == (11760, 1960)
    full = await shown(stripe_api, session, "line_items.data.taxes")
    assert msgspec.json.encode(full["line_items"]).count(b'"amount":1960') == 1


async def test_questions_are_asked_and_answers_kept(stripe_api: httpx2.AsyncClient) -> None:
    field = "custom_fields[{}]"
    params = {"consent_collection[terms_of_service]": "required", "consent_collection[promotions]": "auto"}
    for place, (key, kind) in enumerate((("size", "dropdown"), ("engraving", "text"), ("floor", "numeric"))):
        name = field.format(place)
        params |= {f"{name}[key]": key, f"{name}[type]": kind, f"{name}[label][type]": "custom"}
        params[f"{name}[label][custom]"] = key.title()
    params |= {"custom_fields[0][dropdown][options][0][label]": "Small"}
    params |= {"custom_fields[0][dropdown][options][0][value]": "s", "custom_fields[2][optional]": "true"}
    session = await open_session(stripe_api, **params)
    refused = await press(stripe_api, session, custom_size="xl", custom_floor="third")
    text = unescape(refused.text)
    for said in ("Choose one of these.", "Required", "Only digits", "accept the terms"):
        assert said in text
    answers = {"custom_size": "s", "custom_engraving": "for Ada", "terms": "1"}
    assert (await press(stripe_api, session, **answers)).status_code == 303
    paid = await shown(stripe_api, session)
    assert paid["consent"] == {"promotions": "opt_out", "terms_of_service": "accepted"}
    assert b'"value":"for Ada"' in msgspec.json.encode(paid["custom_fields"])


async def test_an_expired_session_can_be_recovered_once_per_buyer(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    session = await open_session(stripe_api, **{"after_expiration[recovery][enabled]": "true"})
    wall.time += 86_400
    after = cast(dict[str, dict[str, str]], (await shown(stripe_api, session))["after_expiration"])
    url = after["recovery"]["url"]
    first, second = [(await stripe_api.get(url)).headers["Location"] for _ in range(2)]
    assert first == second
    copied = session_of(await stripe_api.get(f"{SESSIONS}/{first.rpartition('/')[2]}"))
    assert (copied.status, copied.amount_total, copied.client_reference_id) == ("open", 9800, "ord_1")
    assert (await shown(stripe_api, copied))["recovered_from"] == session.id
    wall.time += 31 * 86_400
    assert (await stripe_api.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("card", "answer", "status"),
    [
        ("4000000000003220", "authenticate", 303),
        ("4000000000003220", "fail", 402),
        ("4000008400001629", "authenticate", 402),
        ("4000008260003178", "authenticate", 402),
    ],
)
async def test_a_bank_asks_on_a_page_of_its_own(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, card: str, answer: str, status: int
) -> None:
    session = await open_session(stripe_api)
    sent = await press(stripe_api, session, card=card)
    bank = sent.headers["Location"]
    assert (sent.status_code, bank) == (303, f"/c/pay/{session.id}/3ds")
    assert "Is this you?" in (await stripe_api.get(bank)).text
    assert (await post(stripe_api, bank, {"answer": answer})).status_code == status
    assert (await retrieve(stripe_api, session)).payment_status == ("paid" if status == 303 else "unpaid")
    await sandbox.deliver_due()
    assert "payment_intent.requires_action" in receiver.types


async def test_money_that_is_only_reserved_is_captured_or_let_go(stripe_api: httpx2.AsyncClient) -> None:
    params = {"payment_intent_data[capture_method]": "manual"}
    intents = []
    for _ in range(2):
        done = session_of(await pay(stripe_api, await open_session(stripe_api, **params)))
        assert (done.status, done.payment_status) == ("complete", "unpaid")
        intents.append(f"/v1/payment_intents/{done.payment_intent}")
    too_much = await post(stripe_api, f"{intents[0]}/capture", {"amount_to_capture": "9801"})
    assert error_of(too_much).code == "amount_too_large"
    captured = msgspec.json.decode(
        (await post(stripe_api, f"{intents[0]}/capture", {"amount_to_capture": "5000"})).content
    )
    assert (captured["status"], captured["amount_received"]) == ("succeeded", 5000)
    found = await stripe_api.get(SESSIONS, params={"payment_intent": captured["id"]})
    assert msgspec.json.decode(found.content)["data"][0]["payment_status"] == "paid"
    cancelled = msgspec.json.decode((await post(stripe_api, f"{intents[1]}/cancel")).content)
    assert cancelled["status"] == "canceled"
    assert error_of(await post(stripe_api, f"{intents[1]}/cancel")).code == "payment_intent_unexpected_state"


async def test_a_session_is_changed_while_it_is_open(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    changed = session_of(await post(stripe_api, f"{SESSIONS}/{session.id}", {"metadata[post]": "post_2"} | POST))
    assert (changed.metadata, changed.amount_total) == ({"post": "post_2"}, 10290)
    await control(stripe_api, f"sessions/{session.id}/expire")
    assert "can be updated" in error_of(await post(stripe_api, f"{SESSIONS}/{session.id}", POST)).message


async def test_a_wallet_needs_no_number(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    typed = {"email": "ada@example.com", "name": "Ada", "method": "wallet"}
    assert (await post(stripe_api, f"/c/pay/{session.id}", typed)).status_code == 303
    found = msgspec.json.decode((await stripe_api.get("/v1/charges")).content)["data"][0]
    assert found["payment_method_details"]["card"]["wallet"]["type"] == "apple_pay"

"""Creating sessions: what is taken, what is refused and in which words."""

import httpx2
import msgspec
import pytest

from tests.checkout.sandbox.calling import SESSIONS, SHIRT, START, error_of, open_session, post, session_of

ITEM = "line_items[0]"
PRICE = f"{ITEM}[price_data]"


async def test_an_open_session_shows_what_it_will_cost(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (9800, 9800, "eur")
    assert session.expires_at == START + 86_400
    assert session.id.startswith("cs_test_")
    assert session.url == f"http://stripe.test/c/pay/{session.id}"
    assert not session.livemode


async def test_lines_are_shown_only_when_asked_for(stripe_api: httpx2.AsyncClient) -> None:
    plain = await open_session(stripe_api)
    asked = await open_session(stripe_api, **{"expand[0]": "line_items"})
    assert plain.line_items is None
    assert asked.line_items is not None
    line = asked.line_items.data[0]
    assert (line.quantity, line.amount_total, line.description) == (2, 9800, "Linen shirt")
    assert (line.metadata, line.price.unit_amount_decimal) == ({"variant": "var_1"}, "4900")


async def test_expansion_reaches_the_product(stripe_api: httpx2.AsyncClient) -> None:
    answer = await post(stripe_api, SESSIONS, SHIRT | {"expand[]": "line_items.data.price.product"})
    product = msgspec.json.decode(answer.content)["line_items"]["data"][0]["price"]["product"]
    assert (product["name"], product["images"]) == ("Linen shirt", ["http://shop.test/shirt.jpg"])


async def test_a_long_order_shows_ten_lines_and_the_rest_by_page(stripe_api: httpx2.AsyncClient) -> None:
    lines = {
        name.replace("[0]", f"[{place}]", 1): value
        for place in range(12)
        for name, value in SHIRT.items()
        if name.startswith("line_items")
    }
    session = session_of(await post(stripe_api, SESSIONS, SHIRT | lines | {"expand[0]": "line_items"}))
    assert session.line_items is not None
    assert (len(session.line_items.data), session.line_items.has_more) == (10, True)
    last = session.line_items.data[-1].id
    rest = await stripe_api.get(f"{SESSIONS}/{session.id}/line_items", params={"starting_after": last})
    assert len(msgspec.json.decode(rest.content)["data"]) == 2


async def test_shipping_is_part_of_the_total(stripe_api: httpx2.AsyncClient) -> None:
    rate = "shipping_options[0][shipping_rate_data]"
    session = await open_session(
        stripe_api,
        **{
            f"{rate}[display_name]": "Post",
            f"{rate}[fixed_amount][amount]": "490",
            f"{rate}[fixed_amount][currency]": "eur",
        },
    )
    assert (session.amount_total, session.total_details["amount_shipping"]) == (10290, 490)


async def test_a_method_can_be_left_out(stripe_api: httpx2.AsyncClient) -> None:
    both = await open_session(stripe_api)
    card = await open_session(stripe_api, **{"allowed_payment_method_types[0]": "card"})
    assert both.payment_method_types == ["card", "sepa_debit"]
    assert card.payment_method_types == ["card"]


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"payment_method_types[0]": "card"}, "payment_method_types", "parameter_unknown"),
        ({f"{PRICE}[product_data][nmae]": "x"}, f"{PRICE}[product_data][nmae]", "parameter_unknown"),
        ({"mode": None}, "mode", "parameter_missing"),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({f"{PRICE}[currency]": None}, f"{PRICE}[currency]", "parameter_missing"),
        ({f"{PRICE}[unit_amount]": None}, f"{PRICE}[unit_amount]", "parameter_missing"),
        ({f"{PRICE}[unit_amount_decimal]": "4900"}, f"{PRICE}[unit_amount]", None),
        ({f"{PRICE}[unit_amount]": "49.00"}, f"{PRICE}[unit_amount]", "parameter_invalid_integer"),
        ({f"{PRICE}[unit_amount]": "-1"}, f"{PRICE}[unit_amount]", "parameter_invalid_integer"),
        ({f"{PRICE}[unit_amount]": "10"}, "line_items", "amount_too_small"),
        ({f"{PRICE}[unit_amount]": "99999999"}, "line_items", "amount_too_large"),
        ({f"{PRICE}[currency]": "isk"}, None, None),
        ({f"{PRICE}[currency]": "zzz"}, f"{PRICE}[currency]", None),
        ({f"{ITEM}[quantity]": "0"}, f"{ITEM}[quantity]", "parameter_invalid_integer"),
        ({f"{ITEM}[quantity]": None}, f"{ITEM}[quantity]", "parameter_missing"),
        ({f"{ITEM}[price]": "price_1"}, ITEM, None),
        ({"success_url": "thanks.html"}, "success_url", "url_invalid"),
        ({"cancel_url": ""}, "cancel_url", "parameter_invalid_empty"),
        ({f"{PRICE}[product_data][images][0]": "//shop/a.jpg"}, f"{PRICE}[product_data][images][0]", "url_invalid"),
        ({f"metadata[{'k' * 41}]": "x"}, "metadata", None),
        ({"metadata[k]": "x" * 501}, "metadata[k]", None),
        ({f"metadata[k{n}]": "x" for n in range(51)}, "metadata", None),
        ({"client_reference_id": "x" * 201}, "client_reference_id", None),
        ({"expires_at": str(int(START) + 1700)}, "expires_at", None),
        ({"expires_at": str(int(START) + 90_000)}, "expires_at", None),
        ({"customer_email": "ada"}, "customer_email", "email_invalid"),
        ({"customer": "cus_1"}, "customer", "resource_missing"),
        ({"discounts[0][coupon]": "SUMMER"}, "discounts[0][coupon]", "resource_missing"),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"mode": "subscription"}, "mode", None),
        ({"automatic_tax[enabled]": "yes"}, "automatic_tax[enabled]", None),
        ({"expand[0]": "colour"}, "expand", None),
    ],
)
async def test_a_bad_parameter_is_named(
    stripe_api: httpx2.AsyncClient, change: dict[str, str | None], param: str | None, code: str | None
) -> None:
    params = {name: value for name, value in (SHIRT | change).items() if value is not None}
    if param is None:  # 4,901 krónur cannot be paid: the smallest step is a hundred.
        params[f"{PRICE}[unit_amount]"], param = "4901", f"{PRICE}[unit_amount]"
    answer = await post(stripe_api, SESSIONS, params)
    error = error_of(answer)
    assert (answer.status_code, error.type, error.param, error.code) == (400, "invalid_request_error", param, code)
    listed = await stripe_api.get(SESSIONS)
    assert msgspec.json.decode(listed.content)["data"] == []


async def test_only_a_test_key_gets_in(stripe_api: httpx2.AsyncClient) -> None:
    for key, said in (("sk_live_x", "refuses live keys"), ("pk_test_x", "publishable"), ("hello", "Invalid API Key")):
        answer = await stripe_api.get(SESSIONS, headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code, said in error_of(answer).message) == (401, True)


async def test_basic_authentication_works_as_curl_does_it(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    answer = await stripe_api.get(f"{SESSIONS}/{session.id}", auth=("sk_test_of_the_shop", ""))
    assert session_of(answer).id == session.id


async def test_another_account_does_not_see_it(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    answer = await stripe_api.get(f"{SESSIONS}/{session.id}", headers={"Authorization": "Bearer sk_test_other"})
    assert (answer.status_code, error_of(answer).code) == (404, "resource_missing")


async def test_every_answer_has_stripes_headers(stripe_api: httpx2.AsyncClient) -> None:
    answer = await stripe_api.get(SESSIONS, headers={"Stripe-Version": "2026-10-28.endive"})
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/x"), ("DELETE", "/v1/checkout/sessions"), ("GET", "/nowhere")]
)
async def test_an_unknown_route_is_json(stripe_api: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await stripe_api.request(method, path)
    assert (answer.status_code, error_of(answer).message) == (404, f"Unrecognized request URL ({method}: {path}).")


async def test_json_is_no_form(stripe_api: httpx2.AsyncClient) -> None:
    answer = await stripe_api.post(SESSIONS, json=SHIRT)
    assert "content type" in error_of(answer).message


async def test_a_huge_body_is_refused(stripe_api: httpx2.AsyncClient) -> None:
    answer = await post(stripe_api, SESSIONS, {"a": "x" * 2_000_000})
    assert answer.status_code == 413

"""The hosted page: no script, every outcome in words, one charge."""

import re
from html import unescape

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import (
    CARD,
    SESSIONS,
    SHIRT,
    Receiver,
    Session,
    open_session,
    post,
    retrieve,
    session_of,
)


async def press(client: httpx2.AsyncClient, session: Session, **change: str) -> httpx2.Response:
    """Press Pay on the page."""
    return await post(client, f"/c/pay/{session.id}", CARD | change)


async def test_the_page_shows_the_goods_and_the_total(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api, **{"branding_settings[display_name]": "Atelier & Lune"})
    page = await stripe_api.get(str(session.url))
    text = unescape(page.text)
    assert page.headers["Content-Type"].startswith("text/html")
    for shown in (
        "Linen shirt",
        "€98.00",
        "Atelier & Lune",
        "http://shop.test/shirt.jpg",
        "http://shop.test/cart",
        "Qty 2",
    ):
        assert shown in text


async def test_no_script_can_run_and_nobody_can_frame_it(stripe_api: httpx2.AsyncClient) -> None:
    name = "<script>alert(1)</script>"
    session = await open_session(stripe_api, **{"line_items[0][price_data][product_data][name]": name})
    page = await stripe_api.get(str(session.url))
    policy = page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert name in unescape(page.text)
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://shop.test;" in policy
    assert re.search(r"style-src 'nonce-([\w-]+)'", policy)[1] in page.text  # type: ignore[index]  # no match fails the test


async def test_a_good_card_leads_to_the_shop(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    answer = await press(stripe_api, session)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://shop.test/thanks?s={session.id}")
    paid = await retrieve(stripe_api, session)
    assert (paid.payment_status, paid.success_url) == ("paid", SHIRT["success_url"])


async def test_a_declined_card_says_why_and_can_be_replaced(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    declined = await press(stripe_api, session, card="4000000000009995")
    assert (declined.status_code, "Your card has insufficient funds." in declined.text) == (402, True)
    assert "ada@example.com" in declined.text
    assert 'value="4000000000009995"' not in declined.text
    assert (await press(stripe_api, session)).status_code == 303


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": ""}, "Required"),
        ({"email": "ada"}, "Your email is invalid."),
        ({"card": ""}, "Required"),
        ({"expiry": "13/34"}, "expiration date is incomplete"),
        ({"expiry": "01 / 20"}, "expiration date is in the past"),
        ({"cvc": "1"}, "security code is incomplete"),
        ({"name": " "}, "Required"),
        ({"method": "sepa_debit", "account": "DE00"}, "not a test account"),
        ({"method": "bacs_debit", "account": "00012345"}, "Payment"),
    ],
)
async def test_a_field_that_is_wrong_is_named(
    stripe_api: httpx2.AsyncClient, change: dict[str, str], said: str
) -> None:
    session = await open_session(stripe_api)
    answer = await press(stripe_api, session, **change)
    assert (answer.status_code, said in unescape(answer.text)) == (400, True)
    assert (await retrieve(stripe_api, session)).status == "open"


async def test_pressing_twice_charges_once(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    session = await open_session(stripe_api)
    await press(stripe_api, session)
    again = await press(stripe_api, session)
    assert (again.status_code, "You were charged once" in again.text) == (200, True)
    await sandbox.deliver_due()
    assert receiver.types.count("charge.succeeded") == 1


async def test_a_bank_debit_is_on_its_way(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    answer = await press(stripe_api, session, method="sepa_debit", account="AT32 1904 3002 3547 3204")
    assert answer.status_code == 303
    assert "on its way" in (await stripe_api.get(f"/c/pay/{session.id}")).text


async def test_an_expired_page_refuses_payment(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    await post(stripe_api, f"{SESSIONS}/{session.id}/expire")
    for answer in (await stripe_api.get(f"/c/pay/{session.id}"), await press(stripe_api, session)):
        assert (answer.status_code, "This checkout has expired" in answer.text) == (410, True)


async def test_an_unknown_page_is_a_page(stripe_api: httpx2.AsyncClient) -> None:
    answer = await stripe_api.get("/c/pay/cs_test_nobody")
    assert (answer.status_code, "Something went wrong" in answer.text) == (404, True)


async def test_a_hint_fills_everything_in(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    page = await stripe_api.get(f"/c/pay/{session.id}", params={"fill": "4000000000000002"})
    for value in ("ada@example.com", "4000 0000 0000 0002", "12 / 34", "Ada Buyer"):
        assert f'value="{value}"' in page.text


async def test_an_address_is_asked_for_and_kept(stripe_api: httpx2.AsyncClient) -> None:
    rate = "shipping_options[{}][shipping_rate_data]"
    params = {"shipping_address_collection[allowed_countries][0]": "FR"}
    for place, (name, amount) in enumerate((("Post", "490"), ("Bike", "900"))):
        params |= {
            f"{rate.format(place)}[display_name]": name,
            f"{rate.format(place)}[fixed_amount][amount]": amount,
            f"{rate.format(place)}[fixed_amount][currency]": "eur",
        }
    session = await open_session(stripe_api, **params)
    missing = await press(stripe_api, session, country="DE")
    assert (missing.status_code, "We cannot ship to this country." in missing.text) == (400, True)
    page = await stripe_api.get(f"/c/pay/{session.id}")
    bike = re.findall(r'name="rate" value="(shr_\w+)"', page.text)[1]
    address = {"line1": "1 rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"}
    assert (await press(stripe_api, session, rate=bike, **address)).status_code == 303
    paid = msgspec.json.decode((await stripe_api.get(f"{SESSIONS}/{session.id}")).content)
    assert (paid["amount_total"], paid["shipping_cost"]["amount_total"]) == (10700, 900)
    assert paid["collected_information"]["shipping_details"]["address"]["city"] == "Paris"


@pytest.mark.parametrize(("currency", "amount", "shown"), [("jpy", "1250", "¥2,500"), ("bhd", "1250", "BHD 2.500")])
async def test_money_is_shown_in_the_currencys_digits(
    stripe_api: httpx2.AsyncClient, currency: str, amount: str, shown: str
) -> None:
    price = "line_items[0][price_data]"
    session = await open_session(stripe_api, **{f"{price}[currency]": currency, f"{price}[unit_amount]": amount})
    assert shown in (await stripe_api.get(str(session.url))).text


async def test_a_free_order_needs_no_card(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api, **{"line_items[0][price_data][unit_amount]": "0"})
    answer = await post(stripe_api, f"/c/pay/{session.id}", {"email": "ada@example.com"})
    assert answer.status_code == 303
    assert session_of(await stripe_api.get(f"{SESSIONS}/{session.id}")).payment_status == "no_payment_required"

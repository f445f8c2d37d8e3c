"""UCP permalinks and Meta's checkout URL over HTTP: to a page of ours and nowhere else, whatever they say."""

import base64
from urllib.parse import parse_qsl, quote, urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import Application
from api.pages import permalinks
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, VariantCreate
from core import shops
from core.db import Database
from core.shops import Shop
from social.links import carts, permalink
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.social.links.test_permalink import FOREIGN

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def one(window: Window, sku: str = "VASE/1:É", **changes: object) -> ProductOffers:
    """A product of one variant."""
    prices = [PriceIn(amount=2000, currency="EUR")]
    return await window.product(
        options=[], variants=[VariantCreate(sku=sku, available=5, prices=prices)], title="Vase", **changes
    )


async def tap(window: Window, path: str, **headers: str) -> httpx2.Response:
    return await window.visitor.get(path, headers=HTML | headers)


def cart_of(window: Window, answer: httpx2.Response) -> Cart:
    """The cart that an answer leads to."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    cart = carts.read(window.app.services.vault, parts.path.removeprefix("/go/"))
    assert cart is not None
    return cart


def query_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True)


async def another_shop(window: Window, title: str = "Ailleurs") -> Window:
    async with window.db.transaction() as session:
        return Window(window.app, window.db, await shops.create(session, title, "EUR"), window.visitor)


# The redirect


async def test_a_permalink_is_a_303_that_nobody_keeps_or_leaks(window: Window) -> None:
    product = await window.product()
    variant = product.offers[0].variant_id
    answer = await tap(window, f"/buy/{variant}:2")
    assert answer.headers["location"].startswith(f"{window.app.settings.public_url}/go/")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.content == b""
    assert cart_of(window, answer) == Cart(window.shop.id, ((variant, 2),))


async def test_head_and_get_say_the_same_and_nothing_else_is_taken(window: Window) -> None:
    path = f"/buy/{(await window.product()).offers[0].variant_id}:1"
    head, got = await window.visitor.head(path), await tap(window, path)
    assert (head.status_code, head.headers["location"]) == (303, got.headers["location"])
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await window.visitor.request(method, path)).status_code == 405


async def test_loading_a_permalink_orders_nothing_and_holds_nothing(window: Window) -> None:
    product = await window.product()
    for _ in range(3):
        page = await tap(window, (await tap(window, f"/buy/{product.offers[0].variant_id}:5")).headers["location"])
        assert page.status_code == 200
    assert await window.orders() == []
    assert await window.left(product) == 5


async def test_raw_and_encoded_ids_and_skus_lead_to_the_same_cart(window: Window) -> None:
    variant = (await one(window)).offers[0].variant_id
    coded = "~" + base64.urlsafe_b64encode(variant.encode()).decode().rstrip("=")
    ways = (variant, coded, permalink.token_of("VASE/1:É"))
    found = [cart_of(window, await tap(window, f"/buy/{each}:1")) for each in ways]
    assert found == [Cart(window.shop.id, ((variant, 1),))] * 3


@ONCE
async def test_a_percent_encoded_identifier_is_no_identifier(window: Window) -> None:
    variant = (await one(window, sku="VASE_1")).offers[0].variant_id
    for path in ("VASE%5F1:1", f"{variant.replace('_', '%5F')}:1", f"{variant}%3A1", "%7EVkFTRV8x:1"):
        cart = cart_of(window, await tap(window, f"/buy/{path}"))
        assert cart == Cart(window.shop.id, partial=True)
    assert (await tap(window, "/buy/VASE%2F1:1")).status_code == 404


@ONCE
@pytest.mark.parametrize("path", ["x", "x:0", "~QR:1", "~QQ==:1", "~_w:1", "x:1,,x:1", "%C3%A9:1", "x:1%20"])
async def test_a_malformed_permalink_leads_to_a_safe_page_that_says_so(window: Window, path: str) -> None:
    await window.product()
    answer = await tap(window, f"/buy/{path}?continue_to=/evil")
    page = await tap(window, answer.headers["location"])
    assert (answer.status_code, page.status_code) == (303, 200)
    shown = Elements(page.text)
    assert "Une partie de ce lien n’a pas pu être prise en compte." in shown.text
    assert "Robe Brume" in shown.text


@ONCE
@pytest.mark.parametrize("path", ["~AAE:1", "x%00:1", "x%0D%0AX-Evil:1", "%ff:1", "x:1%0d%0a"])
async def test_control_characters_and_broken_utf8_are_4xx(window: Window, path: str) -> None:
    answer = await tap(window, f"/buy/{path}")
    assert answer.status_code in (303, 400)
    assert "x-evil" not in answer.headers


async def test_continue_to_is_preferred_and_told_of_the_cart(window: Window) -> None:
    variant = (await window.product()).offers[0].variant_id
    answer = await tap(window, f"/buy/{variant}:1?continue_to=/collections/%C3%A9t%C3%A9?a=b&utm_medium=sms")
    location = answer.headers["location"]
    home = window.app.settings.public_url
    assert location.startswith(f"{home}/collections/%C3%A9t%C3%A9?a=b&utm_medium=sms&cart=")
    assert carts.read(window.app.services.vault, dict(query_of(answer))["cart"]) == Cart(
        window.shop.id, ((variant, 1),)
    )


@ONCE
@pytest.mark.parametrize("raw", FOREIGN)
async def test_no_destination_leads_to_another_site(window: Window, raw: str) -> None:
    product = await window.product()
    answer = await tap(window, f"/buy/{product.offers[0].variant_id}:1?continue_to={quote(raw, safe='/%:')}")
    if answer.status_code == 303:
        assert answer.headers["location"].startswith(f"{window.app.settings.public_url}/go/")
    else:
        assert answer.status_code == 400


async def test_without_items_there_is_a_page_of_the_shops_to_go_to(window: Window) -> None:
    await window.product()
    for path in ("/buy", "/buy/", "/buy?context/postal_code=94105"):
        page = await tap(window, (await tap(window, path)).headers["location"])
        assert page.status_code == 200
        assert "Votre panier est vide" in page.text
        assert "Robe Brume" in page.text
    answer = await tap(window, "/buy?context/postal_code=94105&continue_to=/")
    assert answer.headers["location"] == f"{window.app.settings.public_url}/"


async def test_fields_are_consumed_and_other_parameters_kept(window: Window) -> None:
    product = await window.product()
    answer = await tap(
        window,
        f"/buy/{product.offers[0].variant_id}:1?discounts/codes/0=LUNE10&buyer/email=alice%40example.com&color=black"
        "&attribution/utm_source=tiktok&access_token=secret&context/address_country=BE&totals/0/amount=1",
    )
    assert query_of(answer) == [("color", "black"), ("utm_source", "tiktok")]
    cart = cart_of(window, answer)
    assert (cart.code, cart.ship_to) == ("LUNE10", "BE")
    for secret in ("alice", "secret", "postal"):
        assert secret not in answer.headers["location"]


async def test_the_network_that_a_tap_came_from_is_kept_and_no_other_host(window: Window) -> None:
    path = f"/buy/{(await window.product()).offers[0].variant_id}:1"
    seen = await tap(window, path, referer="https://l.instagram.com/?u=secret")
    assert query_of(seen) == [("from", "l.instagram.com")]
    for referrer in ("https://elsewhere.example/a?b", "javascript:alert(1)", "http://[", "x" * 3000):
        assert query_of(await tap(window, path, referer=referrer)) == []


@ONCE
async def test_2048_octets_are_taken_and_eight_kilobytes_break_nothing(window: Window) -> None:
    variant = (await window.product()).offers[0].variant_id
    padding = "&".join(f"p{number}={'v' * 90}" for number in range(20))
    path = f"/buy/{variant}:1?{padding}"
    assert 1900 < len(path) < 2048
    assert cart_of(window, await tap(window, path)).lines == ((variant, 1),)
    for path in (
        f"/buy/{variant}:1?a={'v' * 8000}",
        f"/buy/{'a' * 8000}:1",
        f"/buy/{variant}:{'9' * 8000}",
        f"/buy/{','.join(f'{variant}:1' for _ in range(240))}",
        f"/checkout?products={variant}:1&x={'%E2%82%AC' * 900}",
        f"/checkout?{'&'.join(f'p{n}=1' for n in range(2000))}",
    ):
        assert (await tap(window, path)).status_code in (200, 303, 400, 414)


# Several shops


async def test_of_several_shops_each_id_leads_to_its_own(window: Window) -> None:
    other = await another_shop(window)
    here, there = await one(window, sku="S"), await one(other, sku="S")
    for owner, product in ((window, here), (other, there)):
        cart = cart_of(window, await tap(window, f"/buy/{product.offers[0].variant_id}:1"))
        assert cart.shop_id == owner.shop.id
        named = cart_of(window, await tap(window, f"/s/{owner.shop.slug}/buy/S:1"))
        assert named.lines == ((product.offers[0].variant_id, 1),)
        named = cart_of(window, await tap(window, f"/s/{owner.shop.slug}/checkout?products=S:1"))
        assert named.lines == ((product.offers[0].variant_id, 1),)


@ONCE
async def test_of_several_shops_a_link_that_says_none_is_a_page_that_says_so(window: Window) -> None:
    other = await another_shop(window)
    await one(window, sku="S")
    await one(other, sku="S")
    for path in ("/buy/S:1", "/buy/nobody:1", "/checkout?products=S:1", "/buy", "/s/nobody/buy/S:1", "/buy/%41:1"):
        answer = await tap(window, path)
        assert answer.status_code in (400, 404), path
        assert "text/html" in answer.headers["content-type"]
    answer = await tap(window, "/buy/S:1?continue_to=/welcome&utm_source=ig")
    assert answer.headers["location"] == f"{window.app.settings.public_url}/welcome?utm_source=ig"


@ONCE
async def test_shops_and_skus_may_be_called_like_our_addresses(window: Window) -> None:
    there = await another_shop(window, "Buy Checkout")
    for sku in ("buy", "s", "checkout", "..", "~", "go"):
        product = await one(there, sku=sku)
        for end in ("", "/"):
            path = f"/s/buy-checkout/buy/{permalink.token_of(sku)}:2{end}?utm_source=ig"
            assert cart_of(window, await tap(window, path)).lines == ((product.offers[0].variant_id, 2),)


# Meta


async def test_metas_own_vector_becomes_a_basket(window: Window) -> None:
    first = await one(window, sku="12345")
    second = await one(window, sku="23456")
    query = "products=12345%3A3%2C23456%3A1&coupon=SUMMERSALE20&cart_origin=instagram"
    answer = await tap(window, f"/checkout?{query}&fbclid=PAabc")
    lines = ((first.offers[0].variant_id, 3), (second.offers[0].variant_id, 1))
    assert cart_of(window, answer) == Cart(window.shop.id, lines, "SUMMERSALE20")
    assert query_of(answer) == [("cart_origin", "instagram"), ("fbclid", "PAabc")]
    page = await tap(window, answer.headers["location"])
    assert page.status_code == 200
    assert Elements(page.text).text.count("Vase") >= 2


async def test_the_bare_checkout_url_answers_200(window: Window) -> None:
    await window.product()
    for path in ("/checkout", "/checkout?", "/checkout?products=", f"/s/{window.shop.slug}/checkout"):
        answer = await tap(window, path)
        assert (answer.status_code, "Votre panier est vide" in answer.text) == (200, True)
        assert (await window.visitor.head(path)).status_code == 200
    await another_shop(window)
    assert (await tap(window, "/checkout", **{"accept-language": "en"})).status_code == 200


async def test_a_product_that_nobody_knows_is_told_of_and_the_rest_is_there(window: Window) -> None:
    known = await one(window, sku="12345")
    answer = await tap(window, "/checkout?products=12345:1,unknown:2,broken:x")
    assert cart_of(window, answer) == Cart(window.shop.id, ((known.offers[0].variant_id, 1),), missing=2)
    page = await tap(window, answer.headers["location"])
    assert "2 articles de ce lien n’existent plus." in page.text
    assert form(page)["variant"] == known.offers[0].variant_id


# Discovery


@ONCE
async def test_the_profile_is_public_json(window: Window) -> None:
    for path in ("/.well-known/ucp", f"/s/{window.shop.slug}/.well-known/ucp"):
        answer = await window.visitor.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json()["ucp"]["version"] == "2026-08-25"
    assert (await window.visitor.get("/s/nobody/.well-known/ucp")).status_code == 404


@ONCE
async def test_behind_https_the_endpoint_is_the_shops_own(window: Window) -> None:
    https = window.app.services.settings.model_copy(update={"public_url": "https://shop.example"})
    declared = permalink.profile(https, f"/s/{window.shop.slug}/buy")
    assert "'endpoint': 'https://shop.example/s/atelier-lune/buy'" in str(declared)
    assert permalinks.profile.fn.__doc__


# Whatever anybody sends


GAMES = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example", "x-forwarded-prefix": "//evil.example"},
    {"x-original-url": "https://evil.example/"},
    {"x-rewrite-url": "//evil.example"},
    {"forwarded": "host=evil.example;proto=https"},
    {"origin": "https://evil.example"},
    {"referer": "https://evil.example/"},
]


@ONCE
@pytest.mark.parametrize("headers", GAMES)
async def test_no_header_changes_where_a_permalink_leads(window: Window, headers: dict[str, str]) -> None:
    variant = (await window.product()).offers[0].variant_id
    for path in (f"/buy/{variant}:1", f"/checkout?products={variant}:1", f"/buy/{variant}:1?continue_to=/a"):
        plain = await tap(window, path)
        games = await tap(window, path, **headers)
        assert games.headers["location"] == plain.headers["location"]
        assert "evil" not in games.headers["location"]


TEXTS = st.lists(
    st.sampled_from(
        [
            *"/\\:;,.~@?#&=%+ é<>\"'", "//", "%00", "%0d%0a", "%2f", "%5c", "%252f", "%ff", "evil.example", "https:",
            "continue_to", "products", "coupon", "discounts/codes/0", "line_items/0/item/id", "buyer", "sl", "cart",
            "attribution/utm_source", "VASE", "VASE:1", "~VkFTRQ:1", "var_", "xn--e1afmkfd", "\u3002", "\uff0f", "=/",
            "&continue_to=/", "?", "1", "0", "-1", "9" * 40, "javascript:", "data:", "\u202e", "\ud7ff", "[::1]",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@ONCE
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=st.sampled_from(["/buy/", "/buy", "/buy?", "/checkout?products=", "/checkout?", "/s/"]), text=TEXTS)
async def test_whatever_is_asked_for_nobody_is_sent_elsewhere_and_nothing_breaks(
    app: Application, visitor: httpx2.AsyncClient, way: str, text: str
) -> None:
    home = app.settings.public_url
    raw = (way + quote(text, safe="/\\:;,.~@?#&=%+[]'")).partition("#")[0].replace("\\", "%5C")
    answer = await visitor.get(httpx2.URL(home).copy_with(raw_path=raw.encode()), headers=HTML)
    assert answer.status_code < 500
    if "location" in answer.headers:
        location = answer.headers["location"]
        assert location.startswith((f"{home}/", "/go/"))
        assert not location.startswith(f"{home}//")
        assert urlsplit(location).netloc in ("", urlsplit(home).netloc)


@ONCE
async def test_nobodys_shop_is_made_up(db: Database, shop: Shop, visitor: httpx2.AsyncClient) -> None:
    for path in ("/s/nobody/checkout", "/s/nobody/buy/x:1", f"/s/{shop.slug.upper()}/checkout", "/s/%2e%2e/checkout"):
        assert (await visitor.get(path, headers=HTML)).status_code == 404

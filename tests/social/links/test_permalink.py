"""UCP permalinks as text: every rule of the specification (2026-08-25) that needs no catalog.

The sentences are those of ucp.dev, "Permalink Capability"; what needs a shop stands in tests/api/pages/test_permalinks.
"""

import base64
import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.settings import Settings
from social.links import destinations, passing, permalink
from social.links.errors import MalformedPermalink
from social.links.wanted import MOST_LINES, Item, Wanted

GRAMMAR = re.compile(
    r"^(?:[A-Za-z0-9._-]+|~[A-Za-z0-9_-]+):[1-9][0-9]*(?:,(?:[A-Za-z0-9._-]+|~[A-Za-z0-9_-]+):[1-9][0-9]*)*$"
)
HOME = Settings(public_url="https://shop.example", secret_keys=("k" * 43 + "=",))
NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=64)


def asked(url: str) -> Wanted:
    """What the address after `/buy/` asks for."""
    items, _, query = url.partition("?")
    return permalink.read(items, query)


def items(url: str) -> list[tuple[str, int]]:
    return [(each.name, each.quantity) for each in asked(url).items]


def coded(name: bytes | str) -> str:
    raw = name.encode() if isinstance(name, str) else name
    return "~" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


# Compact item path


def test_items_are_pairs_of_token_and_quantity() -> None:
    assert items("sku_123:2,sku_456:1") == [("sku_123", 2), ("sku_456", 1)]


def test_the_specifications_own_encoded_identifier_is_read() -> None:
    name = "gid://shopify/ProductVariant/70881412"
    assert items("~Z2lkOi8vc2hvcGlmeS9Qcm9kdWN0VmFyaWFudC83MDg4MTQxMg:1") == [(name, 1)]
    assert permalink.token_of(name) == "~Z2lkOi8vc2hvcGlmeS9Qcm9kdWN0VmFyaWFudC83MDg4MTQxMg"


@given(NAMES, st.integers(1, 999))
def test_raw_and_encoded_forms_are_the_same_identity(name: str, quantity: int) -> None:
    assert items(f"{coded(name)}:{quantity}") == [(name, quantity)]
    assert items(f"{permalink.token_of(name)}:{quantity}") == [(name, quantity)]
    if re.fullmatch(r"[A-Za-z0-9._-]+", name):
        assert items(f"{name}:{quantity}") == items(f"{coded(name)}:{quantity}")


@pytest.mark.parametrize(
    "path",
    [
        "sku", "sku:", ":1", "sku:0", "sku:01", "sku:-1", "sku:+1", "sku:1.0", "sku:1e3", "sku:x", "sku:1,", ",sku:1",
        "sku:1,,sku:2", "sku:1;sku:2", "sku 1:1", "sku:1 ", "sku:١", "ské:1", "sku/1:1", "a:b:1", "~:1", "~~:1",
        "sku_~1:1", "sku:1\n", "\nsku:1", "sku:1\r\nset-cookie:1",
    ],
)  # fmt: skip
def test_a_token_or_quantity_outside_of_the_grammar_is_refused(path: str) -> None:
    assert not GRAMMAR.fullmatch(path)
    with pytest.raises(MalformedPermalink):
        asked(path)


@pytest.mark.parametrize("path", ["sku%5F1:1", "a%2Fb:1", "%7EQQ:1", "sku%3A1", "sku:1%2Csku2:1", "%73ku:1", "a%:1"])
def test_percent_encoded_identifiers_are_refused(path: str) -> None:
    with pytest.raises(MalformedPermalink):
        asked(path)


@pytest.mark.parametrize(
    "token",
    ["~QQ==", "~QR", "~QUJDR", "~QUI=", "~QUJD+A", "~QUJD/A", "~Q", "~QUJDRA=", "~_-", "~YWJj\u00e9", "~QUJD."],
)
def test_anything_but_canonical_base64url_without_padding_is_refused(token: str) -> None:
    with pytest.raises(MalformedPermalink):
        asked(f"{token}:1")


@given(st.binary(min_size=1, max_size=20))
def test_of_all_spellings_of_base64_exactly_one_is_taken(raw: bytes) -> None:
    """Whoever changes the bits that the last sign leaves open has written another token, which names nothing."""
    right = coded(raw)
    spellings = {right[:-1] + sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"}
    taken = {}
    for each in spellings:
        try:
            taken[each] = asked(f"{each}:1").items[0].name
        except MalformedPermalink:
            continue
    assert len(set(taken.values())) == len(taken)


@pytest.mark.parametrize("raw", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80"])
def test_an_identifier_that_is_not_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedPermalink):
        asked(f"{coded(raw)}:1")


@pytest.mark.parametrize("sign", ["\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\x9f"])
def test_an_identifier_with_a_control_character_is_refused(sign: str) -> None:
    with pytest.raises(MalformedPermalink):
        asked(f"{coded('sku' + sign)}:1")


@pytest.mark.parametrize("quantity", ["1000", "9" * 30, "9" * 7000])
def test_a_number_of_any_length_is_only_many(quantity: str) -> None:
    assert items(f"sku:{quantity}") == [("sku", 999)]


def test_what_fits_into_2048_octets_is_read() -> None:
    path = ",".join(f"sku-{number:04}:{number % 9 + 1}" for number in range(180))[:2000].rpartition(",")[0]
    found = asked(path)
    assert len(path) > 1900
    assert len(found.items) == MOST_LINES
    assert found.partial
    assert asked("sku:1?" + "&".join(f"utm_{chr(97 + number)}={'v' * 200}" for number in range(9))).items


@given(st.text(max_size=60))
@example("~" * 59)
def test_any_path_is_read_by_the_grammar_or_refused(path: str) -> None:
    try:
        found = permalink.items_of(path)
    except MalformedPermalink:
        return
    assert GRAMMAR.fullmatch(path)
    assert len(found) == path.count(",") + 1


# Query processing


def test_names_are_json_pointers_with_or_without_their_first_slash() -> None:
    for name in ("discounts/codes/0", "/discounts/codes/0", "//discounts/codes/0", "%2Fdiscounts%2Fcodes%2F0"):
        assert asked(f"sku:1?{name}=SAVE10").code == "SAVE10"


@pytest.mark.parametrize(
    "query",
    [
        "discounts/codes/0=A10&discounts/codes/0=B20", "discounts/codes/0=A10&/discounts/codes/0=B20",
        "/discounts/codes/0=B20&discounts/codes/0=A10", "discounts%2Fcodes/0=A10&discounts/codes/0=A10",
        "discounts/code~0s/0=x&discounts/codes/0=A10&//discounts/codes/0=B20",
    ],
)  # fmt: skip
def test_two_names_of_one_pointer_are_ambiguous_and_never_the_last_wins(query: str) -> None:
    found = asked(f"sku:1?{query}")
    assert found.code is None
    assert found.partial


@given(st.permutations(["discounts/codes/0=A10", "/discounts/codes/0=B20", "utm_medium=x", "context/postal_code=1"]))
def test_no_order_of_parameters_changes_what_a_permalink_means(parts: list[str]) -> None:
    found = asked("sku:1?" + "&".join(parts))
    assert (found.code, found.partial, found.passed) == (None, True, (("utm_medium", "x"),))


def test_continue_to_twice_goes_nowhere_in_particular() -> None:
    assert asked("sku:1?continue_to=/a&continue_to=/b").continue_to is None
    assert asked("sku:1?/continue_to=/a&continue_to/0=/b") == asked("sku:1")


def test_the_path_wins_over_line_items() -> None:
    found = asked("sku_123:2?line_items/0/quantity=5&line_items/0/item/id=other&line_items/7/item/id=more")
    assert found.items == (Item("sku_123", 2),)


def test_without_a_path_line_items_are_the_items() -> None:
    query = "line_items/10/item/id=c&line_items/2/item/id=b&line_items/2/quantity=3&line_items/0/item/id=a"
    assert items(f"?{query}") == [("a", 1), ("b", 3), ("c", 1)]


@pytest.mark.parametrize(
    "field",
    [
        "totals/0/amount=1", "currency=USD", "status=completed", "id=chk_1", "order/id=1", "buyer/unknown=foo",
        "buyer=me", "line_items/0/price=1", "line_items/0/item/price=1", "discounts/applied/0/amount=9999",
        "payment/handlers/0/id=x", "context/payment/0/handler=com.example.wallet", "buyer/email=alice%40example.com",
        "discounts/codes=A10", "discounts/codes/x=A10", "discounts/codes/00=A10",
    ],
)  # fmt: skip
def test_a_field_that_a_permalink_cannot_set_is_taken_out_and_forgotten(field: str) -> None:
    found = asked(f"sku:1?{field}&color=black")
    assert found.items == (Item("sku", 1),)
    assert (found.code, found.passed) == (None, (("color", "black"),))


def test_a_root_alone_is_ucps_and_any_other_name_is_not() -> None:
    assert asked("sku:1?buyer=x&buyers=y").passed == (("buyers", "y"),)


def test_several_codes_are_told_of_and_the_first_is_taken() -> None:
    found = asked("sku:1?discounts/codes/1=WELCOME&discounts/codes/0=SAVE10")
    assert (found.code, found.partial) == ("SAVE10", True)


def test_the_specifications_own_redirect_comes_out() -> None:
    found = asked(
        "sku_123:1?continue_to=/collections/spring&buyer/email=alice%40example.com&buyer/unknown=foo"
        "&attribution/utm_source=email&utm_medium=sms&color=black&access_token=secret"
    )
    assert found.continue_to is not None
    location = destinations.address(HOME, found.continue_to, found.passed)
    assert location == "https://shop.example/collections/spring?utm_medium=sms&color=black&utm_source=email"


def test_what_ucp_says_of_the_origin_outdoes_what_stands_beside_it() -> None:
    for query in (
        "utm_source=b&attribution/utm_source=a",
        "attribution/utm_source=a&utm_source=b&utm_source=c",
    ):
        assert asked(f"sku:1?{query}").passed == (("utm_source", "a"),)


def test_only_what_analytics_read_is_rewritten() -> None:
    query = "attribution/ref=creator_42&attribution/epik=x&attribution/evil=1&attribution/utm_source/0=2&attribution=3"
    assert asked(f"sku:1?{query}").passed == (("ref", "creator_42"), ("epik", "x"))


@pytest.mark.parametrize(
    "secret",
    [
        "access_token=x", "accessToken=x", "Access-Token=x", "api_key=x", "API%5FKEY=x", "apikey=x", "password=x",
        "client_secret=x", "authorization=x", "session_id=x", "sid=x", "card_number=4242424242424242", "cvc=123",
        "id_token=x", "x=eyJhbGciOiJIUzI1NiJ9.e30.x", "x=sk_live_abc", "x=vt_sk_abc", "x=Bearer%20abc",
        "email=alice%40example.com", "x=alice%40example.com", "checkout%5Bemail%5D=x", "attribution/ref=alice%40a.fr",
    ],
)  # fmt: skip
def test_secrets_and_persons_are_never_passed_on(secret: str) -> None:
    assert asked(f"sku:1?{secret}&color=black").passed == (("color", "black"),)
    continued = asked(f"sku:1?continue_to={quote(f'/x?{secret}&a=b')}").continue_to
    assert continued is None or not any(map(passing.sensitive, *zip(*continued.query, strict=True)))


def test_other_peoples_parameters_stay_as_often_as_they_came() -> None:
    found = asked("sku:1?tag=a&utm_source=ig&tag=b&empty=&flag")
    assert found.passed == (("tag", "a"), ("utm_source", "ig"), ("tag", "b"), ("empty", ""), ("flag", ""))


def test_parameters_that_the_landing_page_reads_itself_are_not_set_by_a_stranger() -> None:
    assert asked("sku:1?page=x&product=y&variant=z&quantity=9&from=evil&sl=token").passed == (("sl", "token"),)


def test_more_parameters_than_any_campaign_has_are_refused() -> None:
    with pytest.raises(MalformedPermalink):
        asked("sku:1?" + "a=1&" * 201)


@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(raw: bytes) -> None:
    try:
        found = asked("sku:1?" + quote(raw, safe="=&/~%+"))
    except MalformedPermalink:
        return
    assert found.items == (Item("sku", 1),)
    assert all(name.isprintable() and value.isprintable() for name, value in found.passed)


# Destination


@pytest.mark.parametrize(
    ("raw", "location"),
    [
        ("/", "/"),
        ("/collections/spring", "/collections/spring"),
        ("/a/../b/./c", "/b/c"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/%C3%A9t%C3%A9", "/%C3%A9t%C3%A9"),
        ("/a%2520b", "/a%2520b"),
        ("/100%25", "/100%25"),
        ("/a+b", "/a%2Bb"),
        ("/a%3Fb=c", "/a?b=c"),
        ("/a?b=c%26d=%C3%A9", "/a?b=c&d=%C3%A9"),
        ("/a%23top", "/a#top"),
        ("/%252e%252e/a", "/%252e%252e/a"),
        ("/@evil.example", "/@evil.example"),
        ("/evil.example", "/evil.example"),
    ],
)
def test_a_destination_is_decoded_once_resolved_and_written_anew(raw: str, location: str) -> None:
    found = destinations.read(raw)
    assert found is not None
    assert destinations.address(HOME, found) == f"https://shop.example{location}"


FOREIGN = [
    "", "a", "a/b", "//../a", "//evil.example", "///evil.example", "/%2Fevil.example", "%2F%2Fevil.example", "https://evil.example",
    "https:evil.example", "/\\evil.example", "/%5Cevil.example", "\\\\evil.example", "/.//evil.example",
    "/a/..//evil.example", "/%2e%2e//evil.example", "/./%2Fevil.example", "/%09/evil.example", "/%0A/evil.example",
    "/%0D%0ALocation:%20https://evil.example", "/a%0D%0ASet-Cookie:%20a=b", "/%00", "/ /evil.example", "/%20",
    "/%E2%80%A8", "/%C2%A0", "/%E2%80%8B", "/javascript:alert(1)", "javascript:alert(1)", "/data:text/html,x",
    "/?u=https://evil.example", "/%FF", "/\u2028", "/http:%2F%2Fevil.example", "//[::1]/", "/\t/evil.example",
    "/" + "a" * 2048,
]  # fmt: skip


@pytest.mark.parametrize("raw", FOREIGN)
def test_a_destination_that_is_no_plain_path_falls_back(raw: str) -> None:
    assert destinations.read(raw) is None


PARTS = [*"/\\.%@:#?&=;[] \t\r\n\0", "%2f", "%5c", "%2e", "%0d%0a", "%00", "//", "e", "\u3002", "\uff0f"]


@given(st.lists(st.sampled_from(PARTS), max_size=24).map("".join))
@example("/%2e%2e//evil")
def test_no_destination_ever_leaves_our_origin(raw: str) -> None:
    found = destinations.read(raw)
    if found is None:
        return
    location = destinations.address(HOME, found, (("utm_source", "a b\r\n"),))
    assert re.fullmatch(r"https://shop\.example/[!-~]*", location)
    assert "\\" not in location
    assert not location.startswith("https://shop.example//")
    # A second reader, who decodes nothing, sees the same origin.
    assert urlsplit(location).netloc == "shop.example"


# Discovery


def test_the_profile_tells_the_absolute_https_endpoint() -> None:
    declared = permalink.profile(HOME, "/buy")
    assert declared == {
        "ucp": {
            "version": "2026-08-25",
            "services": {},
            "payment_handlers": {},
            "capabilities": {
                "dev.ucp.shopping.permalink": [
                    {
                        "version": "2026-08-25",
                        "spec": "https://ucp.dev/2026-08-25/specification/permalink",
                        "schema": "https://ucp.dev/2026-08-25/schemas/shopping/permalink.json",
                        "config": {"endpoint": "https://shop.example/buy"},
                    }
                ]
            },
        }
    }
    # The schema's own pattern for `endpoint`.
    assert re.fullmatch(r"https://[^/?#\s\\@]+(?:/[^?#\s\\]*[^/?#\s\\])?", "https://shop.example/buy")


def test_without_https_there_is_no_endpoint_to_tell_of() -> None:
    assert '"capabilities": {}' in str(permalink.profile(Settings(), "/buy")).replace("'", '"')

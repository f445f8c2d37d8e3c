"""Touches before an order, and the one order in which signs are asked."""

from datetime import timedelta
from itertools import product
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shops
from core.db import Database
from core.secrets import Vault
from core.shops import Shop
from social import creators
from social.creator_schemas import CreatorChange, CreatorCreate
from social.links import origin, token, touches
from social.links.models import Link
from social.links.origin import Evidence, Origin
from tests.social.links.conftest import NOW, MakeLink
from tests.social.links.test_visitors import IPHONE

# Each sign, the strongest first, with a network that no other one names.
ORDER = ("token", "link", "cookie", "code", "cart_origin", "click_id", "utm", "referrer", "in_app")


async def _resolve(db: Database, shop: Shop, vault: Vault, evidence: Evidence, page: Link | None = None) -> Origin:
    async with db.read() as session:
        return await origin.resolve(session, shop, vault, evidence, NOW, page)


async def _of(db: Database, make_link: MakeLink, network: str, **rest: str) -> Link:
    """A link of a network that has no file of its own yet."""
    link = await make_link(network=None, **rest)
    async with db.transaction() as session:
        kept = await session.get_one(Link, link.id)
        kept.network = network
    return kept


async def test_of_all_signs_together_the_strongest_decides_whichever_are_missing(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    tapped = await make_link()
    shown, before = await _of(db, make_link, "snapchat"), await _of(db, make_link, "youtube")
    await _of(db, make_link, "vimeo", discount_code="ete-26")
    whole: dict[str, object] = {
        "token": token.issue(vault, tapped.number, NOW - timedelta(days=1)),
        "cookie": (token.issue(vault, before.number, NOW - timedelta(hours=1)),),
        "code": "ETE-26",
        "cart_origin": "facebook",
        "click_id": {"fbclid": "f", "twclid": "t"},
        "utm": "tiktok",
        "referrer": "https://www.pinterest.fr/",
        "in_app": f"{IPHONE} [LinkedInApp]/9.30",
    }
    says = ("instagram", "snapchat", "youtube", "vimeo", "facebook", "x", "tiktok", "pinterest", "linkedin")
    networks = dict(zip(ORDER, says, strict=True))
    names = {
        "token": "click_token", "cookie": "kept", "click_id": "click_ids", "utm": "utm_source", "in_app": "user_agent",
    }  # fmt: skip
    for there in product((True, False), repeat=len(ORDER)):
        present = [method for method, is_there in zip(ORDER, there, strict=True) if is_there]
        given = {names.get(each, each): whole[each] for each in present if each != "link"}
        found = await _resolve(db, shop, vault, msgspec.convert(given, Evidence), shown if "link" in present else None)
        expected = present[0] if present else "none"
        assert found.method == expected, present
        assert found.network == networks.get(expected, "unknown"), present
        told = [each.method for each in found.evidence if each.value != "fbclid"]
        assert told == present, "every sign is told, in the order of their strength"


async def test_a_kept_tap_decides_and_gets_the_order_where_the_address_says_nothing(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    older, newer = await make_link(network="pinterest"), await make_link(placement="story")
    kept = tuple(token.issue(vault, link.number, NOW - timedelta(days=days)) for link, days in ((newer, 2), (older, 9)))
    found = await _resolve(db, shop, vault, Evidence(kept=kept, utm_source="tiktok"))
    assert (found.network, found.method, found.confidence) == ("instagram", "cookie", "high")
    assert (found.link_id, found.placement, found.click_token) == (newer.id, "story", kept[0])
    assert [(each.link_id, each.via) for each in found.touches] == [(older.id, "cookie"), (newer.id, "cookie")]


async def test_the_tap_of_the_address_beats_a_later_one_that_was_kept(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    link, other = await make_link(), await make_link(network="pinterest")
    text = token.issue(vault, link.number, NOW - timedelta(days=3))
    kept = (token.issue(vault, other.number, NOW - timedelta(days=1)), text)
    found = await _resolve(db, shop, vault, Evidence(click_token=text, kept=kept))
    assert (found.network, found.method, found.link_id) == ("instagram", "token", link.id)
    assert [(each.link_id, each.via) for each in found.touches] == [(link.id, "token"), (other.id, "cookie")]


async def test_the_page_says_the_link_and_a_kept_tap_of_that_link_says_which_tap(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    shown, other = await make_link(), await make_link(network="pinterest")
    of_other = token.issue(vault, other.number, NOW - timedelta(hours=1))
    found = await _resolve(db, shop, vault, Evidence(kept=(of_other,)), shown)
    assert (found.network, found.method, found.link_id, found.click_id) == ("instagram", "link", shown.id, None)
    own = token.issue(vault, shown.number, NOW - timedelta(days=5))
    found = await _resolve(db, shop, vault, Evidence(kept=(of_other, own)), shown)
    assert (found.method, found.link_id, found.click_token) == ("link", shown.id, own)


async def test_a_code_that_two_networks_carry_says_nothing(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    await make_link(network="pinterest", discount_code="Hiver")
    await make_link(network=None, discount_code="HIVER")
    found = await _resolve(db, shop, vault, Evidence(code="hiver"))
    assert (found.network, found.method, found.confidence, found.link_id) == ("pinterest", "code", "medium", None)
    await make_link(network="instagram", discount_code="hiver")
    assert await _resolve(db, shop, vault, Evidence(code="hiver")) == Origin()
    assert await _resolve(db, shop, vault, Evidence(code="other")) == Origin()


async def test_a_creators_code_comes_from_where_they_are_at_home_unless_links_say_otherwise(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    async with db.transaction() as session:
        camille = await creators.create(session, shop, CreatorCreate(name="Camille", code="Brume", network="youtube"))
        await creators.create(session, shop, CreatorCreate(name="Noé", code="NOE"))
        other = await shops.create(session, "Elsewhere", "EUR")
    found = await _resolve(db, shop, vault, Evidence(code="brume", utm_source="tiktok"))
    assert (found.network, found.method, found.confidence, found.link_id) == ("youtube", "code", "medium", None)
    assert [each.method for each in found.evidence] == ["code", "utm"], "a code outdoes what an address says"
    for shopper, code in ((shop, "NOE"), (other, "BRUME")):
        assert await _resolve(db, shopper, vault, Evidence(code=code)) == Origin()
    await make_link(network="pinterest", discount_code="brume")
    assert (await _resolve(db, shop, vault, Evidence(code="BRUME"))).network == "pinterest"
    await make_link(network="instagram", discount_code="brume")
    assert (await _resolve(db, shop, vault, Evidence(code="BRUME"))).network == "unknown"
    async with db.transaction() as session:
        await creators.change(session, shop, camille.id, CreatorChange(code="other"), None)
    assert (await _resolve(db, shop, vault, Evidence(code="OTHER"))).network == "youtube"
    async with db.transaction() as session:
        await creators.archive(session, shop, camille.id)
    assert (await _resolve(db, shop, vault, Evidence(code="OTHER"))).network == "unknown"


async def test_junk_among_kept_tokens_is_no_touch(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink, link: Link
) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    good = token.issue(vault, link.number, NOW)
    junk = ("", "A" * 51, "é" * 51, token.issue(vault, link.number, NOW - timedelta(days=31)))
    assert (await _resolve(db, shop, vault, Evidence(kept=junk))).touches == ()
    assert (await _resolve(db, other, vault, Evidence(kept=(good,)))) == Origin()
    many = (*junk, good, token.issue(vault, link.number, NOW))
    assert [each.token for each in (await _resolve(db, shop, vault, Evidence(kept=many))).touches] == [good]


def test_the_newest_five_taps_are_kept_each_once(vault: Vault) -> None:
    texts = [token.issue(vault, 1, NOW - timedelta(days=days)) for days in range(7)]
    kept: tuple[str, ...] = ()
    for text in reversed(texts):
        kept = touches.remember(vault, text, kept, NOW)
    assert kept == tuple(texts[:5])
    assert touches.remember(vault, texts[2], kept, NOW) == kept
    assert touches.remember(vault, "A" * 51, (*kept[:2], "B" * 51), NOW) == kept[:2]
    assert touches.remember(vault, texts[0], (), NOW + timedelta(days=31)) == ()
    assert touches.lasting(NOW - timedelta(days=2), NOW) == timedelta(days=28)


@given(st.lists(st.tuples(st.sampled_from(["sl", "utm_source", "fbclid", "x"]), st.text(max_size=3)), max_size=8))
def test_a_parameter_that_contradicts_itself_counts_for_nothing(pairs: list[tuple[str, str]]) -> None:
    found = origin.once(pairs)
    for name in {name for name, _ in pairs}:
        values = {value for each, value in pairs if each == name}
        assert found.get(name) == (next(iter(values)) if len(values) == 1 else None)
    assert origin.once(reversed(pairs)) == found


@given(st.text(max_size=60))
def test_whatever_an_address_is_reading_it_harms_nobody(text: str) -> None:
    for address in (
        text,
        f"https://shop.example/?{text}",
        f"https://[{text}",
        f"//{text}",
        f"/?utm_source={quote(text)}",
    ):
        assert Evidence.of_address(address, text, text).cart_origin is None or "cart_origin" in text


def test_an_address_of_many_parameters_tells_nothing() -> None:
    assert Evidence.of_address("https://a.example/?utm_source=ig", None, None).utm_source == "ig"
    many = "&".join(["utm_source=ig"] * 300)
    assert Evidence.of_address(f"https://a.example/?{many}", None, None) == Evidence()


@pytest.mark.parametrize("names", [("fbclid", "twclid", "epik"), ("epik", "twclid", "fbclid")])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_where_click_identifiers_stand_in_an_address_changes_nothing(
    db: Database, shop: Shop, vault: Vault, names: tuple[str, ...]
) -> None:
    found = await _resolve(db, shop, vault, Evidence(click_ids=dict.fromkeys(names, "1")))
    assert [each.value for each in found.evidence] == ["epik", "twclid", "fbclid"]

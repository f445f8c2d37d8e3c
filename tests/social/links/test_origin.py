"""Where a buyer came from: the strongest sign decides, and a signed link beats them all."""

from datetime import timedelta

import pytest

from core import shops
from core.db import Database
from core.secrets import Vault
from core.shops import Shop
from social import creators
from social.creator_schemas import CreatorCreate
from social.links import origin, token
from social.links.models import Link
from social.links.origin import Evidence, Origin
from tests.social.links.conftest import NOW, MakeLink
from tests.social.links.test_visitors import ANDROID, IPHONE

PINTEREST = f"{IPHONE} [Pinterest/iOS]"
FACEBOOK = f"{ANDROID} MetaIAB Facebook"
ALL = Evidence(
    cart_origin="facebook",
    utm_source="tiktok",
    click_ids={"twclid": "Ab", "fbclid": "Cd"},
    referrer="https://www.pinterest.fr/pin/1/",
    user_agent=f"{IPHONE} [LinkedInApp]/9.30",
)


async def _resolve(db: Database, shop: Shop, vault: Vault, evidence: Evidence) -> Origin:
    async with db.read() as session:
        return await origin.resolve(session, shop, vault, evidence, NOW)


async def test_the_signed_link_wins_over_every_other_sign(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    link = await make_link(placement="story", campaign="Noël")
    text = token.issue(vault, link.number, NOW - timedelta(days=3))
    evidence = Evidence(
        click_token=text, cart_origin=ALL.cart_origin, utm_source=ALL.utm_source, click_ids=ALL.click_ids,
        referrer=ALL.referrer, user_agent=ALL.user_agent,
    )  # fmt: skip
    found = await _resolve(db, shop, vault, evidence)
    click = token.read(vault, text, NOW)
    assert click is not None
    assert (found.network, found.method, found.confidence) == ("instagram", "token", "explicit")
    assert (found.link_id, found.placement, found.campaign) == (link.id, "story", "Noël")
    assert found.click_id == click.click_id.hex()
    assert [each.method for each in found.evidence] == [
        "token", "cart_origin", "click_id", "utm", "referrer", "in_app", "click_id",
    ]  # fmt: skip


async def test_a_token_brings_the_links_creator_and_the_arm_of_its_experiment(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    async with db.transaction() as session:
        creator = await creators.create(session, shop, CreatorCreate(name="Camille"))
    link = await make_link(creator_id=creator.id)
    found = await _resolve(db, shop, vault, Evidence(click_token=token.issue(vault, link.number, NOW, 3)))
    assert (found.creator_id, found.variant) == (creator.id, 3)


async def test_a_link_without_network_leaves_the_network_to_other_signs(
    db: Database, shop: Shop, vault: Vault, make_link: MakeLink
) -> None:
    link = await make_link(network=None)
    evidence = Evidence(click_token=token.issue(vault, link.number, NOW), user_agent=PINTEREST)
    found = await _resolve(db, shop, vault, evidence)
    assert (found.link_id, found.network, found.method) == (link.id, "pinterest", "in_app")


async def test_another_shops_token_attributes_nothing(db: Database, vault: Vault, link: Link) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "EUR")
    found = await _resolve(db, other, vault, Evidence(click_token=token.issue(vault, link.number, NOW)))
    assert found == Origin()


@pytest.mark.parametrize("spoiled", ["old", "forged", "rubbish"])
async def test_a_bad_token_leaves_the_decision_to_the_rest(
    db: Database, shop: Shop, vault: Vault, link: Link, spoiled: str
) -> None:
    text = {
        "old": token.issue(vault, link.number, NOW - timedelta(days=31)),
        "forged": "A" * 51,
        "rubbish": "\udc80é%00",
    }[spoiled]
    found = await _resolve(db, shop, vault, Evidence(click_token=text, utm_source="Pinterest"))
    assert (found.network, found.method, found.link_id, found.click_id) == ("pinterest", "utm", None, None)


@pytest.mark.parametrize(
    ("evidence", "network", "method", "confidence"),
    [
        (ALL, "facebook", "cart_origin", "high"),
        (Evidence(cart_origin="meta_shops"), "meta", "cart_origin", "high"),
        (Evidence(click_ids={"epik": "dj0y"}, utm_source="ig"), "pinterest", "click_id", "high"),
        (Evidence(click_ids={"ScCid": "x"}), "snapchat", "click_id", "high"),
        (Evidence(click_ids={"sccid": "x"}), "unknown", "none", "none"),
        (Evidence(utm_source="ig", referrer="https://t.co/x"), "instagram", "utm", "high"),
        (Evidence(utm_source="IGShopping"), "meta", "utm", "high"),
        (Evidence(utm_source="my-blog", referrer="https://t.co/x"), "x", "referrer", "medium"),
        (Evidence(referrer="https://l.instagram.com/", user_agent=FACEBOOK), "instagram", "referrer", "medium"),
        (Evidence(referrer="android-app://com.pinterest/"), "pinterest", "referrer", "medium"),
        (Evidence(referrer="https://www.pinterest.co.uk"), "pinterest", "referrer", "medium"),
        (Evidence(referrer="https://fr.pinterest.com/x"), "pinterest", "referrer", "medium"),
        (Evidence(referrer="https://LM.Facebook.com:443/l.php?u=x"), "facebook", "referrer", "medium"),
        (Evidence(referrer="https://www.google.fr/"), "google", "referrer", "medium"),
        (Evidence(referrer="https://notinstagram.com/"), "unknown", "none", "none"),
        (Evidence(referrer="https://instagram.com.evil.example/"), "unknown", "none", "none"),
        (Evidence(referrer="https://[::1"), "unknown", "none", "none"),
        (Evidence(user_agent=PINTEREST, click_ids={"fbclid": "PA"}), "pinterest", "in_app", "medium"),
        (Evidence(click_ids={"fbclid": "PA"}, user_agent=f"{IPHONE} Safari/604.1"), "meta", "click_id", "low"),
        (Evidence(user_agent="facebookexternalhit/1.1"), "unknown", "none", "none"),
        (Evidence(user_agent=f"{IPHONE} Safari/604.1"), "unknown", "none", "none"),
        (Evidence(), "unknown", "none", "none"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_strongest_sign_decides(
    db: Database, shop: Shop, vault: Vault, evidence: Evidence, network: str, method: str, confidence: str
) -> None:
    found = await _resolve(db, shop, vault, evidence)
    assert (found.network, found.method, found.confidence) == (network, method, confidence)


def test_a_landings_address_gives_its_signs() -> None:
    query = {"sl": "T", "utm_source": "ig", "utm_medium": "social", "fbclid": "PA", "ScCid": "s", "x": "1"}
    evidence = Evidence.of_query(query, "https://t.co/", None)
    assert evidence == Evidence(
        click_token="T", utm_source="ig", click_ids={"fbclid": "PA", "ScCid": "s"}, referrer="https://t.co/"
    )

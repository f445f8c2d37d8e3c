"""`/l/{slug}` as phones, programs and strangers see it, and what is kept of their hits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import select

from api.app import Application
from api.limits import Limit
from api.redirect import Page, Redirect
from catalog import products
from catalog.schemas import ProductCreate
from core import clock, shops
from core.db import Database
from core.secrets import Vault
from core.settings import Settings
from core.shops import Shop, ShopChange
from social.links import links, token
from social.links.models import Click, ClickHour, Link, OrphanHit
from social.links.schemas import LinkChange, LinkCreate

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "Instagram 406.0.0.58 (iPhone16,2; iOS 18_1; fr_FR; fr; scale=3.00; 1290x2796; 789)"
)
PREVIEW = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"


class Pages:
    """What the pages give to the redirect: a card for every link, or trouble."""

    def __init__(self) -> None:
        self.cards: list[str] = []
        self.has_cards = True
        self.broken = False

    async def card(self, slug: str) -> Page | None:
        if self.broken:
            raise RuntimeError("no card today")
        self.cards.append(slug)
        headers = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"public, max-age=300"))
        return Page(b"<title>card</title>", headers) if self.has_cards else None

    async def missing(self, languages: str) -> Page:
        return Page(f"<title>404 {languages}</title>".encode())


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings.secret_keys)


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
async def link(db: Database, shop: Shop) -> Link:
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase Lune"))
        return await links.create(
            session, shop, LinkCreate(product_id=product.id, network="instagram", placement="story")
        )


@pytest.fixture
async def redirect(settings: Settings, db: Database, vault: Vault, pages: Pages) -> AsyncIterator[Redirect]:
    redirect = Redirect(settings, db, vault, Limit("lost-links", 0), card=pages.card, missing=pages.missing)
    await redirect.open()
    yield redirect
    await redirect.close()


@pytest.fixture
async def phone(redirect: Redirect) -> AsyncIterator[httpx2.AsyncClient]:
    """A person in Instagram's in-app browser."""
    transport = httpx2.ASGITransport(app=redirect)  # type: ignore[arg-type]  # Litestar types ASGI messages more narrowly.
    headers = {"User-Agent": PHONE}
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield client


async def _clicks(db: Database, redirect: Redirect) -> list[Click]:
    await redirect.folder.fold_now()
    async with db.read() as session:
        return list((await session.exec(select(Click).order_by("id"))).all())


async def test_a_tap_leads_to_the_landing_page_with_a_token_that_is_the_stored_click(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, vault: Vault, link: Link, shop: Shop
) -> None:
    answer = await phone.get(f"/l/{link.slug}", headers={"Referer": "https://l.instagram.com/?u=secret"})
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["content-length"] == "0"
    assert "set-cookie" not in answer.headers
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == f"http://127.0.0.1:8000/go/{link.slug}"
    query = {name: value for name, (value,) in parse_qs(place.query).items()}
    click = token.read(vault, query.pop("sl"), clock.now())
    assert query == links.utm(link)
    (row,) = await _clicks(db, redirect)
    assert click is not None
    assert (row.id, row.link_number, row.at_ms) == (click.click_id, link.number, token.milliseconds(click.at))
    assert (row.kind, row.in_app, row.device, row.referrer_host) == ("human", "instagram", "phone", "l.instagram.com")
    assert row.visitor_day is not None
    async with db.read() as session:
        (hour,) = (await session.exec(select(ClickHour))).all()
    assert (hour.shop_id, hour.network, hour.clicks) == (shop.id, "instagram", 1)


async def test_tapping_twice_is_one_click(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    for _ in range(3):
        await phone.get(f"/l/{link.slug}")
    assert [each.duplicate for each in await _clicks(db, redirect)] == [False, True, True]


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
async def test_who_objects_is_counted_without_a_visitor_hash(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link, header: str
) -> None:
    await phone.get(f"/l/{link.slug}", headers={header: "1"})
    (row,) = await _clicks(db, redirect)
    assert (row.kind, row.duplicate, row.visitor_day) == ("human", False, None)


async def test_a_shop_that_keeps_nothing_counts_taps_without_a_visitor_hash(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, shop: Shop, link: Link
) -> None:
    async with db.transaction() as session:
        await shops.change(session, shop, ShopChange(consent="none"), None)
    for _ in range(2):
        await phone.get(f"/l/{link.slug}")
    rows = await _clicks(db, redirect)
    assert [(each.kind, each.duplicate, each.visitor_day) for each in rows] == [("human", False, None)] * 2


async def test_neither_address_nor_user_agent_reach_the_disk(
    phone: httpx2.AsyncClient, redirect: Redirect, link: Link, settings: Settings
) -> None:
    await phone.get(f"/l/{link.slug}", headers={"User-Agent": f"{PHONE} unmistakable-agent"})
    content = b"".join(each.read_bytes() for each in Path(settings.spool_dir).iterdir())
    assert content
    assert b"unmistakable-agent" not in content
    assert b"127.0.0.1" not in content


async def test_of_a_user_agent_only_what_no_browser_has_is_kept(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
    for agent in (PHONE, browser, f"{browser} AcmeReader/7.1", "curl/8"):
        await phone.get(f"/l/{link.slug}", headers={"User-Agent": agent})
    rows = await _clicks(db, redirect)
    assert sorted((each.kind, each.family or "") for each in rows) == [
        ("bot", ""), ("human", ""), ("human", ""), ("human", "acmereader"),
    ]  # fmt: skip


async def test_head_answers_the_same_and_counts_nothing(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    answer, tap = await phone.head(f"/l/{link.slug}"), await phone.get(f"/l/{link.slug}")
    assert answer.status_code == 302
    assert answer.headers.keys() == tap.headers.keys()
    assert "sl=" not in answer.headers["location"]
    kinds = [each.kind for each in await _clicks(db, redirect)]
    assert sorted(kinds) == ["head", "human"]
    async with db.read() as session:
        assert (await session.exec(select(ClickHour.clicks))).all() == [1]


async def test_a_prefetch_is_redirected_stored_and_not_counted(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    answer = await phone.get(f"/l/{link.slug}", headers={"Purpose": "prefetch"})
    assert "sl=" in answer.headers["location"]
    assert [each.kind for each in await _clicks(db, redirect)] == ["prefetch"]
    async with db.read() as session:
        assert (await session.exec(select(ClickHour.clicks, ClickHour.prefetches))).all() == [(0, 1)]


async def test_a_link_preview_gets_the_card(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link, pages: Pages
) -> None:
    answer = await phone.get(f"/l/{link.slug.upper()}", headers={"User-Agent": PREVIEW})
    assert (answer.status_code, answer.content) == (200, b"<title>card</title>")
    assert answer.headers["cache-control"] == "private, no-store", "people come to this address, too"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert pages.cards == [link.slug]
    (row,) = await _clicks(db, redirect)
    assert (row.kind, row.visitor_day) == ("preview", None)


@pytest.mark.parametrize("broken", [True, False])
async def test_without_a_card_a_preview_is_redirected(
    phone: httpx2.AsyncClient, link: Link, pages: Pages, broken: bool
) -> None:
    pages.broken, pages.has_cards = broken, False
    answer = await phone.get(f"/l/{link.slug}", headers={"User-Agent": PREVIEW})
    assert answer.status_code == 302


async def test_a_robot_is_redirected_and_not_counted(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    answer = await phone.get(f"/l/{link.slug}", headers={"User-Agent": "curl/8.5.0"})
    assert answer.status_code == 302
    assert [each.kind for each in await _clicks(db, redirect)] == ["bot"]


@pytest.mark.parametrize("wear", [str.upper, str.title, lambda slug: f"{slug}/"])
async def test_a_slug_is_read_however_it_was_copied(phone: httpx2.AsyncClient, link: Link, wear: object) -> None:
    assert callable(wear)
    answer = await phone.get(f"/l/{wear(link.slug)}")
    assert answer.status_code == 302
    assert f"/go/{link.slug}?" in answer.headers["location"]


async def test_an_unknown_link_gets_a_page_and_is_remembered(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect
) -> None:
    answer = await phone.get("/l/zzzzzzzzz", headers={"Accept-Language": "fr-FR"})
    assert (answer.status_code, answer.text) == (404, "<title>404 fr-FR</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    head = await phone.head("/l/zzzzzzzzz")
    assert (head.status_code, head.content) == (404, b"")
    assert await _clicks(db, redirect) == []
    async with db.read() as session:
        assert (await session.exec(select(OrphanHit.slug, OrphanHit.hits))).all() == [("zzzzzzzzz", 1)]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    "path",
    [
        "/l/", "/l/%ff%fe", "/l/%00", "/l/..%2f..%2fetc", "/l/%E2%84%AA23456789", "/l/a\\b", "/l/" + "x" * 8000,
        "/l/https:%2F%2Fevil.example", "/l/abc%0d%0aLocation:%20x", "/l/bbbbbbbbb/extra", "/l/\u00e9",
    ],
)  # fmt: skip
async def test_an_odd_address_is_a_404(phone: httpx2.AsyncClient, path: str) -> None:
    answer = await phone.get(path)
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("query", ["?to=https://evil.example", "?utm_source=evil&sl=AAAA", "?%ff=%00", "?a" * 2000])
async def test_no_visitor_changes_where_a_link_leads(phone: httpx2.AsyncClient, link: Link, query: str) -> None:
    answer = await phone.get(
        f"/l/{link.slug}{query}", headers={"X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    )
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"http://127.0.0.1:8000/go/{link.slug}?sl=")
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "DELETE", "TRACE"])
async def test_other_methods_are_refused(phone: httpx2.AsyncClient, link: Link, method: str) -> None:
    answer = await phone.request(method, f"/l/{link.slug}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    "headers",
    [
        [(b"user-agent", b"\xff\xfe"), (b"referer", b"https://[bad")],
        [(b"user-agent", b""), (b"referer", b"\xc3\x28" * 9000)],
        [(b"user-agent", PHONE.encode()), (b"referer", b"https://" + b"a" * 9000 + b".com/")],
        [],
    ],
)
async def test_odd_headers_do_no_harm(
    redirect: Redirect, db: Database, link: Link, headers: list[tuple[bytes, bytes]]
) -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": f"/l/{link.slug}", "headers": headers, "client": None}
    await redirect(scope, receive, send)  # type: ignore[arg-type]  # A scope with only what the protocol promises.
    assert sent[0]["status"] == 302
    (row,) = await _clicks(db, redirect)
    assert row.referrer_host is None


async def test_a_link_that_is_switched_off_is_a_404(
    phone: httpx2.AsyncClient, db: Database, shop: Shop, link: Link
) -> None:
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(active=False), None)
    assert (await phone.get(f"/l/{link.slug}")).status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_with_the_database_away_an_unknown_link_is_asked_for_again_later(
    settings: Settings, vault: Vault, pages: Pages
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    redirect = Redirect(settings, away, vault, Limit("lost-links", 0), card=pages.card, missing=pages.missing)
    transport = httpx2.ASGITransport(app=redirect)  # type: ignore[arg-type]  # As above.
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/l/bbbbbbbbb")
    await away.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_many_taps_at_once_are_all_kept(
    phone: httpx2.AsyncClient, db: Database, redirect: Redirect, link: Link
) -> None:
    answers = await asyncio.gather(*(phone.get(f"/l/{link.slug}", headers={"DNT": "1"}) for _ in range(300)))
    tokens = {parse_qs(urlsplit(each.headers["location"]).query)["sl"][0] for each in answers}
    assert len(tokens) == 300
    assert len(await _clicks(db, redirect)) == 300


async def test_in_the_real_application_a_tap_ends_on_the_landing_page_and_is_counted(
    visitor: httpx2.AsyncClient, app: Application, db: Database, link: Link
) -> None:
    tap = await visitor.get(f"/l/{link.slug}", headers={"User-Agent": PHONE})
    assert tap.status_code == 302
    landing = await visitor.get(tap.headers["location"], headers={"User-Agent": PHONE})
    assert landing.status_code == 200
    assert "Vase Lune" in landing.text
    assert len(await _clicks(db, app.redirect)) == 1


async def test_in_the_real_application_a_preview_gets_the_products_card_and_a_stranger_a_page(
    visitor: httpx2.AsyncClient, link: Link
) -> None:
    card = await visitor.get(f"/l/{link.slug}", headers={"User-Agent": PREVIEW})
    assert (card.status_code, card.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<meta property="og:title" content="Vase Lune">' in card.text
    lost = await visitor.get("/l/zzzzzzzzz", headers={"User-Agent": PHONE, "Accept-Language": "fr"})
    assert lost.status_code == 404
    assert "<html" in lost.text
    assert 'lang="fr"' in lost.text

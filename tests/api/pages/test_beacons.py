"""Engaged time: told by the page's script, counted once for each tap, and only where it may be."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from sqlmodel import select

from api.pages import arrivals, static
from core import clock, shops
from social.links import proof, token
from social.links.models import Click, ClickApp, Landing, Link
from social.links.spool import Hit
from tests.api.pages.conftest import HTML, Elements, Window
from tests.api.pages.test_arrivals import PHONE

IN_APP = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 360.0.0.30.109 (iPhone15,2; iOS 18_1; fr_FR)"
}
FORM = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8", "sec-fetch-site": "same-origin"}
ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def _consent(window: Window, consent: str) -> None:
    async with window.db.transaction() as session:
        (await shops.get(session, window.shop.id)).consent = consent


async def _tell(window: Window, sl: str, seconds: object, **headers: str) -> Response:
    body = urlencode({"sl": sl, "seconds": seconds})
    return await window.visitor.post(arrivals.BEACON, content=body, headers=FORM | PHONE | headers)


def _tap(window: Window, link: Link, seconds: int = 300) -> str:
    """A token of some time ago."""
    return token.issue(window.app.services.vault, link.number, clock.now() - timedelta(seconds=seconds))


async def _lengths(window: Window) -> list[int | None]:
    await window.app.redirect.folder.fold_now()
    async with window.db.read() as session:
        found = list(await session.exec(select(Landing.seconds)))
    assert await proof.prove(window.db, clock.now().date()) == []
    return found


async def test_the_longest_time_that_a_page_tells_is_its_taps(window: Window) -> None:
    link = await window.link(await window.product())
    text = _tap(window, link)
    for seconds in (3, 40, 12):
        answer = await _tell(window, text, seconds)
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")
        assert "set-cookie" not in answer.headers
    assert await _lengths(window) == [40]


async def test_nobody_has_looked_for_longer_than_since_their_tap(window: Window) -> None:
    link = await window.link(await window.product())
    await _tell(window, _tap(window, link, 20), 1800)
    (seconds,) = await _lengths(window)
    assert seconds is not None
    assert 20 <= seconds <= 30


async def test_what_an_app_showed_without_asking_again_is_a_tap_in_its_browser(window: Window) -> None:
    link = await window.link(await window.product())
    text = _tap(window, link)
    tap = token.read(window.app.services.vault, text, clock.now())
    assert tap is not None
    window.app.redirect.spool.append(Hit(tap.click_id, link.number, 0, "prefetch", "other"))
    ahead = {"sec-purpose": "prefetch;prerender"}
    page = await window.visitor.get(f"/go/{link.slug}", params={"sl": text}, headers=HTML | IN_APP | ahead)
    assert page.status_code == 200
    assert await _lengths(window) == []
    await _tell(window, text, 8, **IN_APP)
    assert await _lengths(window) == [8]
    async with window.db.read() as session:
        (click,) = (await session.exec(select(Click))).all()
        (app,) = (await session.exec(select(ClickApp))).all()
    assert (click.kind, click.in_app, click.device) == ("human", "instagram", "phone")
    assert (app.in_app, app.clicks, app.landings) == ("instagram", 1, 1)


@pytest.mark.parametrize(
    ("consent", "headers"), [("none", {}), ("statistics", {"dnt": "1"}), ("attribution", {"sec-gpc": "1"})]
)
async def test_where_it_may_not_be_counted_nothing_is_asked_for_or_kept(
    window: Window, consent: str, headers: dict[str, str]
) -> None:
    await _consent(window, consent)
    link = await window.link(await window.product())
    text = _tap(window, link)
    page = await window.visitor.get(f"/go/{link.slug}", params={"sl": text}, headers=HTML | headers)
    assert Elements(page.text).named("script", defer="") == [{"src": static.path("page.js"), "defer": ""}]
    assert (await _tell(window, text, 9, **headers)).status_code == 204
    assert [each for each in await _lengths(window) if each is not None] == []


@pytest.mark.parametrize("consent", ["statistics", "attribution"])
async def test_a_page_is_told_where_to_tell(window: Window, consent: str) -> None:
    await _consent(window, consent)
    link = await window.link(await window.product())
    for query in ({"sl": window.click(link)}, {}):  # Without: it was reloaded, and its script knows the tap.
        (script,) = Elements((await window.look(link, **query)).text).named("script", defer="")
        assert script["data-beacon"] == "/go/beacon"


@ONCE
async def test_tokens_that_are_none_and_programs_leave_nothing(window: Window) -> None:
    link = await window.link(await window.product())
    good, vault = _tap(window, link), window.app.services.vault
    old = token.issue(vault, link.number, clock.now() - timedelta(days=31))
    strange = token.issue(vault, link.number ^ 1, clock.now())
    for text in ("", "A" * 51, old, strange, good[:-1] + "!", good + good, "é" * 51):
        assert (await _tell(window, text, 5)).status_code == 204
    for agent in ("curl/8", "Googlebot/2.1", "facebookexternalhit/1.1", ""):
        assert (await _tell(window, good, 5, **{"user-agent": agent})).status_code == 204
    assert await _lengths(window) == []


@ONCE
async def test_junk_and_strangers_are_refused(window: Window) -> None:
    text = _tap(window, await window.link(await window.product()))
    for seconds in ("", "-1", "1801", "9" * 40, "1.5", "٣", "1e3"):
        assert (await _tell(window, text, seconds)).status_code == 400, seconds
    for headers, status in (
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
    ):
        assert (await _tell(window, text, 5, **headers)).status_code == status
    assert (await _tell(window, "x" * 9000, 5)).status_code == 413
    twice = await window.visitor.post(arrivals.BEACON, content=f"sl={text}&seconds=5&seconds=6", headers=FORM | PHONE)
    assert twice.status_code == 400
    assert (await window.visitor.get(arrivals.BEACON, headers=HTML)).status_code in (404, 405)
    assert await _lengths(window) == []


@ONCE
async def test_one_address_tells_so_often_and_no_more(window: Window) -> None:
    limit = window.app.services.rates.beacons
    soon = clock.monotonic() + limit.window / 2
    for _ in range(limit.quota):
        limit.take("127.0.0.1", soon)
    answer = await _tell(window, _tap(window, await window.link(await window.product())), 5)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


@ONCE
async def test_the_address_to_be_shared_names_the_page_and_nobodys_tap(window: Window) -> None:
    product, home = await window.product(), window.app.settings.public_url
    link, other = await window.link(product), await window.product(title="Vase", options=[], variants=[])
    page = await window.look(link, sl=window.click(link), utm_source="instagram", fbclid="x")
    assert Elements(page.text).named("link", rel="canonical") == [
        {"rel": "canonical", "href": f"{home}/go/{link.slug}"}
    ]
    page = await window.look(link, sl=window.click(link), product=other.product_id)
    (canonical,) = Elements(page.text).named("link", rel="canonical")
    assert canonical["href"] in (f"{home}/go/{link.slug}", f"{home}/go/{link.slug}?product={other.product_id}")

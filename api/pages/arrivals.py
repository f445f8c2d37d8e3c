"""Who lands by a tap: the view is counted, and where the shop may keep it, the tap is kept in a cookie.

The cookie holds the tokens of the last five taps and is sent back alone to the pages that sell: it is set once for
`/go` and once for the shop's own pages. Who objects (Global Privacy Control, Do Not Track) is counted, and nothing
else: a cookie from before is not read, and taken away.
"""

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from api import customers
from api.dependencies import HttpRequest
from api.pages.places import Way
from api.services import Services
from core import clock
from core.db import AsyncSession
from core.shops import Shop
from social.links import links, token, touches, visitors
from social.links.token import Click

BEACON = "/go/beacon"
# Legal in a cookie, and in no token.
_BETWEEN = "."


async def land(
    request: HttpRequest, services: Services, shop: Shop, tap: Click | None, click: str
) -> tuple[Cookie, ...]:
    """Count that a page of the shop was shown, where a tap has led to it; the cookies that keep the tap's token
    (`click`), or an old one no more.
    """
    if tap is None:
        return _cookie(request, services, shop, "")
    method = "HEAD" if request.scope["state"].get("head") else "GET"  # The border has made the one of the other.
    visit = visitors.look(method, dict(request.scope["headers"]))
    visitor = None
    if visit.kind == "human":
        visitor = await customers.tapping(request.scope, services, shop, tap.at)
    services.landings.note(tap, visit, clock.milliseconds(), visitor)
    return _cookie(request, services, shop, click)


async def led(session: AsyncSession, way: Way, tap: Click | None) -> bool:
    """Whether this tap has led to this page: a link's is reached by its own, any other by those on its shop's links."""
    if tap is None:
        return False
    if way.link is not None:
        return tap.link_number == way.link.number
    return await links.owns(session, way.shop, tap.link_number)


def keeping(answer: Response[bytes], cookies: tuple[Cookie, ...]) -> Response[bytes]:
    """The answer with these cookies."""
    for each in cookies:
        answer.set_cookie(each)
    return answer


def measured(way: Way, *, told: bool, objects: bool) -> Way:
    """The same way, with where its page may tell its time in sight: the shop counts visitors, and this one lets it.

    A token that has not led to this page has nothing to tell; `told` where there is none, or it has.
    """
    may = way.shop.consent != "none" and not objects and told
    return msgspec.structs.replace(way, beacon=BEACON) if may else way


def kept(request: HttpRequest, shop: Shop) -> tuple[str, ...]:
    """The tokens of earlier taps that the visitor's browser holds, as far as they may be used; anybody's invention."""
    return _tokens(request, shop) if _may_keep(request, shop) else ()


def _cookie(request: HttpRequest, services: Services, shop: Shop, text: str) -> tuple[Cookie, ...]:
    """The cookies that keep this token too, or take away what must not be kept; none where nothing changes."""
    held = _tokens(request, shop)
    if not _may_keep(request, shop):
        return _cookies(services, shop, (), 0) if held else ()
    now = clock.now()
    found = touches.remember(services.vault, text, held, now)
    if found == held:
        return ()
    newest = token.read(services.vault, found[0], now) if found else None
    seconds = int(touches.lasting(newest.at, now).total_seconds()) if newest else 0
    return _cookies(services, shop, found, seconds)


def _may_keep(request: HttpRequest, shop: Shop) -> bool:
    return shop.consent == "attribution" and not visitors.objects(dict(request.scope["headers"]))


def _tokens(request: HttpRequest, shop: Shop) -> tuple[str, ...]:
    value = request.cookies.get(_name(shop), "")
    return tuple(value.split(_BETWEEN, touches.KEPT)[: touches.KEPT]) if value else ()


def _name(shop: Shop) -> str:
    """One for each shop, so that shops at one address learn nothing from one another."""
    return f"sl-{shop.id}"


def _cookies(services: Services, shop: Shop, tokens: tuple[str, ...], seconds: int) -> tuple[Cookie, ...]:
    secure = services.settings.public_url.startswith("https://")
    return tuple(
        Cookie(_name(shop), path, _BETWEEN.join(tokens), max_age=seconds, secure=secure, httponly=True, samesite="lax")
        for path in ("/go", f"/s/{shop.slug}")
    )

"""Who lands by a tap: the view is counted, and where the shop may keep it, the tap is kept in a cookie.

The cookie holds the tokens of the last five taps and is sent back to landing pages alone. Who objects (Global Privacy
Control, Do Not Track) is counted, and nothing else: a cookie from before is not read, and taken away.
"""

from http.cookies import SimpleCookie

import msgspec

from api.dependencies import HttpRequest
from api.pages.places import Way
from api.services import Services
from core import clock
from core.shops import Shop
from social.links import token, touches, visitors

BEACON = "/go/beacon"
_PATH = "/go"
# Legal in a cookie, and in no token.
_BETWEEN = "."


def land(request: HttpRequest, services: Services, way: Way) -> dict[str, str]:
    """Count that this page was shown, where a tap has led to it; the header that keeps the tap, or an old one no more.

    A page of a link is reached by taps on that link alone; a cart's by any.
    """
    tap = token.read(services.vault, way.click, clock.now()) if way.click else None
    if tap is None or (way.link is not None and tap.link_number != way.link.number):
        return _cookie(request, services, way.shop, "")
    method = "HEAD" if request.scope["state"].get("head") else "GET"  # The border has made the one of the other.
    visit = visitors.look(method, dict(request.scope["headers"]))
    services.landings.note(tap, visit, clock.milliseconds())
    return _cookie(request, services, way.shop, way.click)


def measured(request: HttpRequest, way: Way) -> Way:
    """The same way, with where its page may tell its time in sight: the shop counts visitors, and this one lets it."""
    may = way.shop.consent != "none" and not visitors.objects(dict(request.scope["headers"]))
    return msgspec.structs.replace(way, beacon=BEACON) if may else way


def kept(request: HttpRequest, shop: Shop) -> tuple[str, ...]:
    """The tokens of earlier taps that the visitor's browser holds, as far as they may be used; anybody's invention."""
    return _tokens(request, shop) if _may_keep(request, shop) else ()


def _cookie(request: HttpRequest, services: Services, shop: Shop, text: str) -> dict[str, str]:
    """The header that keeps this token too, or takes away what must not be kept; empty where nothing changes."""
    held = _tokens(request, shop)
    if not _may_keep(request, shop):
        return _header(services, shop, (), 0) if held else {}
    now = clock.now()
    found = touches.remember(services.vault, text, held, now)
    if found == held:
        return {}
    newest = token.read(services.vault, found[0], now) if found else None
    seconds = int(touches.lasting(newest.at, now).total_seconds()) if newest else 0
    return _header(services, shop, found, seconds)


def _may_keep(request: HttpRequest, shop: Shop) -> bool:
    return shop.consent == "attribution" and not visitors.objects(dict(request.scope["headers"]))


def _tokens(request: HttpRequest, shop: Shop) -> tuple[str, ...]:
    value = request.cookies.get(_name(shop), "")
    return tuple(value.split(_BETWEEN, touches.KEPT)[: touches.KEPT]) if value else ()


def _name(shop: Shop) -> str:
    """One for each shop, so that shops at one address learn nothing from one another."""
    return f"sl-{shop.id}"


def _header(services: Services, shop: Shop, tokens: tuple[str, ...], seconds: int) -> dict[str, str]:
    jar = SimpleCookie({_name(shop): _BETWEEN.join(tokens)})
    written = jar[_name(shop)]
    written["path"], written["max-age"], written["samesite"], written["httponly"] = _PATH, seconds, "Lax", True
    if services.settings.public_url.startswith("https://"):
        written["secure"] = True
    return {"set-cookie": written.OutputString()}

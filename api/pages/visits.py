"""Somebody asks for a page that sells: the words by which it is made, and what of it is theirs alone.

Who asks in the same words is shown the same page (`core/memory.py`). The parameters that tell where a visitor comes
from, their click token among them, the host that they came from and the page's nonce are no words: marks stand for them
while the page is made (`remembered`), so that nothing of one visitor's can come to another's.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TypeAlias
from urllib.parse import urlencode

import msgspec
from litestar import Response

from api import clients
from api.dependencies import HttpRequest
from api.pages import arrivals, frames, nonce, places, remembered
from api.pages.frames import NOBODYS, Browser
from api.pages.places import Way
from api.pages.remembered import Own
from api.pages.rendering import Page
from api.services import Services
from core import clock
from core.db import AsyncSession
from core.settings import Settings
from core.shops import Shop
from social.links import origin, token, visitors
from social.links.token import Click

# Parts of the trail that a page is made by: the picture that was tapped in the gallery, the language that was chosen.
_WORDS = frozenset(("via", frames.CHOICE))


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what for.

    `query` is as it was sent; in `shared` a mark stands for the `signs` of where the visitor comes from. `tap` is what
    their click token says; `source` the host that they came from; `previewing` is a program that makes a card;
    `objects` who asks not to be tracked; `household` who may try so many discount codes.
    """

    query: Mapping[str, str]
    shared: Mapping[str, str]
    signs: Mapping[str, str]
    tap: Click | None
    source: str
    browser: Browser
    previewing: bool
    objects: bool
    household: str

    @classmethod
    def of(cls, request: HttpRequest, services: Services) -> "Visit":
        """The one that makes this request."""
        query, headers = origin.once(request.query_params.multi_items()), dict(request.scope["headers"])
        signs = {name: value for name, value in places.trail_of(query).items() if name not in _WORDS}
        shared = {name: value for name, value in query.items() if name not in signs}
        previewing = is_preview(request)
        return cls(
            query=query,
            shared=shared | {remembered.SIGN: remembered.SAID} if signs else shared,
            signs=signs,
            tap=token.read(services.vault, signs["sl"], clock.now()) if "sl" in signs else None,
            source=source_of(services.settings, headers.get(b"referer", b"").decode("latin-1"), query),
            # A card is kept, and shown to people whose languages nobody knows: it speaks the shop's.
            browser=NOBODYS if previewing else Browser.of(request),
            previewing=previewing,
            objects=visitors.objects(headers),
            household=clients.household(request.scope),
        )

    @property
    def click(self) -> str:
        """The click token, or nothing."""
        return self.signs.get("sl", "")

    @property
    def marks(self) -> Own:
        """The marks that stand on a page for what this visitor has."""
        return Own(
            nonce=remembered.NONCE,
            click=remembered.CLICK if self.click else "",
            source=remembered.SOURCE if self.source else "",
        )

    @property
    def words(self) -> Hashable:
        """All that a page is made by, but for its path."""
        tapped = self.tap.link_number if self.tap else None
        return (*self.shared.items(), tapped, self.marks, self.browser, self.previewing, self.objects)

    def own(self, page: str) -> Own:
        """What stands on a page for this visitor; `page` is its nonce."""
        return Own(nonce=page, click=self.click, source=self.source, trail=urlencode(self.signs))

    def personal(self, way: Way) -> Way:
        """A way that was found by the shared words, with what the marks stand for: for a page of their own."""
        frame = places.frame_of(way.shop, self.query, self.browser)
        return msgspec.structs.replace(way, trail=places.trail_of(self.query), frame=frame)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A page for a visit: with marks, or nobody else's.

    `name` is what its nonce is made for, `page` the nonce that came back with who has been away to pay; `led` says that
    their tap led here.
    """

    answer: Page | Response[bytes]
    shop: Shop
    name: str
    page: str
    led: bool


# The page, or another answer, which nobody has landed on.
Make: TypeAlias = Callable[[AsyncSession, Visit], Awaitable[Shown | Response[bytes]]]


async def answer(request: HttpRequest, services: Services, path: Hashable, make: Make) -> Response[bytes]:
    """The page at this path, and who came is counted; `make` makes it where it is not known, or not true any more."""
    visit = Visit.of(request, services)

    async def made(session: AsyncSession) -> Shown | Response[bytes]:
        found = await make(session, visit)
        if not isinstance(found, Shown) or not isinstance(found.answer, Page) or found.page:
            session.spoil()
        return found

    shown = await services.memory.get((path, visit.words), clock.now(), made)
    if not isinstance(shown, Shown):
        return shown
    page = shown.answer
    if isinstance(page, Page):
        page = page.answer(visit.own(shown.page or nonce.issue(services.vault, shown.name, clock.now())))
    tap = visit.tap if shown.led else None
    return arrivals.keeping(page, await arrivals.land(request, services, shown.shop, tap, visit.click))


def is_preview(request: HttpRequest) -> bool:
    """Whether a link preview asks, which gets a card."""
    return visitors.classify("GET", dict(request.scope["headers"])) == "preview"


def source_of(settings: Settings, referrer: str, query: Mapping[str, str]) -> str:
    """The host that somebody came from: what a permalink has seen, where the browser says nothing that we know.

    Our own is none: a page that its script has loaded anew has itself for a referrer.
    """
    host = origin.host_of(referrer) or ""
    if host and origin.network_of_host(host) is not None:
        return host
    own = origin.host_of(settings.public_url)
    seen = (origin.host_of(f"https://{query.get('from', '')}/"), host)
    return next((each for each in seen if each and each != own), "")

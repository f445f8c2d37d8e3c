"""`POST /go/beacon`: for how long the page of a tap was in sight, told by our own script.

The token of the tap is all that it carries. Like a hit it goes into the spool, and is counted once for each tap; what
cannot count (a forged or old token, a visitor who objects, a program) is answered like the rest and forgotten.
"""

from litestar import Response, post
from litestar.types import HTTPScope

from api import clients, customers
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.limits import Account
from api.pages import arrivals, forms
from api.services import Services
from core import clock
from core.errors import BadRequest
from social.links import landings, links, token, visitors


@post(arrivals.BEACON, operation_id="tellEngagement", opt={"scope": PUBLIC}, include_in_schema=False, status_code=204)
async def beacon(request: HttpRequest, services: AppServices) -> Response[None]:
    """Take in `sl` and whole `seconds`, 1800 at most. Refuses ForeignForm, BadRequest and TooManyRequests."""
    Account().take(services.rates.beacons, clients.household(request.scope), clock.monotonic())
    fields = await forms.read(request, services.settings)
    text = fields.get("seconds", "")
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) > landings.LONGEST_SECONDS:
        raise BadRequest(f"Seconds are a number from 0 to {landings.LONGEST_SECONDS}.")
    headers = dict(request.scope["headers"])
    if not visitors.objects(headers):
        await _note(services, fields.get("sl", ""), int(text), request.scope)
    return Response(None, status_code=204, headers={"cache-control": "no-store"})


async def _note(services: Services, text: str, seconds: int, scope: HTTPScope) -> None:
    headers, now = dict(scope["headers"]), clock.now()
    tap = token.read(services.vault, text, now)
    if tap is None:
        return
    async with services.db.read() as session:
        shop = await links.shop_of(session, tap.link_number)
        if shop is None or shop.consent == "none":
            return
    visitor = await customers.tapping(scope, services, shop, tap.at)
    # Nobody has looked at a page for longer than there was one to look at.
    since = max(0, int((now - tap.at).total_seconds()) + 1)
    services.landings.engage(tap, visitors.look("GET", headers), clock.milliseconds(), min(seconds, since), visitor)

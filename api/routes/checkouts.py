"""`/v1/checkouts`: from a basket to a page to pay at."""

from contextlib import nullcontext

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from api import customers, guesses
from api.dependencies import AppServices, CurrentKey, CurrentShop, CurrentUnit, DbSession, HttpRequest
from api.unit import KeyRequired
from checkout import checkouts, return_address
from checkout.discounts.redemptions import Claim
from checkout.expecting import Expected
from checkout.placing import Intent
from checkout.schemas import CheckoutCreate, CheckoutOut, OriginIn
from core import clock
from core.wire import UNSET
from social.links import origin, visitors
from social.links.origin import Evidence


class CheckoutController(Controller):
    """A basket that can be paid."""

    path = "/v1/checkouts"
    tags = ("Checkout",)

    @post(
        operation_id="createCheckout",
        opt={"scope": "checkout:write", "storefront": True, "idempotency_key_required": True},
    )
    async def create(
        self,
        data: JSONBody[CheckoutCreate],
        services: AppServices,
        shop: CurrentShop,
        key: CurrentKey,
        unit: CurrentUnit,
        request: HttpRequest,
    ) -> CheckoutOut:
        """Hold the stock and open a page to pay at.

        Needs an `Idempotency-Key`: after an error, repeat the request with the same one. A `discount_code` that is not
        good is refused; a publishable key learns of no difference between codes that never were and those that ended.
        """
        if unit.idempotency_key is None:
            raise KeyRequired("Send an Idempotency-Key, new for each basket.", header="Idempotency-Key")
        settings, trusted = services.settings, not key.publishable
        now = clock.now()
        async with services.db.read() as session:
            found = await origin.resolve(session, shop, services.vault, _evidence(data, request, trusted=trusted), now)
            reference = data.customer_reference or None
            # Behind a secret key stands the shop's own server: what it says counts, and not what it looks like.
            customer = (
                await customers.known(session, request, services.vault, shop, reference if trusted else None, now)
                if key.publishable or reference
                else None
            )
        intent = Intent(
            items=data.items,
            origin=found,
            utm=_utm(data.origin),
            key=unit.idempotency_key,
            success_url=return_address.check(data.success_url or None, settings, shop, trusted=trusted),
            cancel_url=return_address.check(data.cancel_url or None, settings, shop, trusted=trusted),
            ship_to=data.ship_to or None,
            discount=Claim(code=data.discount_code or None, customer=customer),
            buyer=customers.household(request, services.vault, shop, now) if key.publishable else None,
            expected=Expected(total=None if data.expected_total is UNSET else data.expected_total),
        )
        trying = data.discount_code and key.publishable
        with guesses.counted(request, services.rates, shop) if trying else nullcontext():
            made = await checkouts.start(services.gateway, services.db, settings, shop, intent, now, unit)
        return CheckoutOut.of(made)

    @get("/{checkout_id:str}", operation_id="getCheckout", opt={"scope": "checkout:write", "storefront": True})
    async def read(self, checkout_id: FromPath[str], session: DbSession, shop: CurrentShop) -> CheckoutOut:
        """One checkout."""
        return CheckoutOut.of(await checkouts.get(session, shop, checkout_id))

    @post("/{checkout_id:str}/expire", operation_id="expireCheckout", status_code=200, opt={"scope": "checkout:write"})
    async def expire(self, checkout_id: FromPath[str], services: AppServices, shop: CurrentShop) -> CheckoutOut:
        """End an open checkout and give its stock back."""
        return CheckoutOut.of(await checkouts.expire(services.gateway, services.db, shop, checkout_id, clock.now()))


def _utm(given: OriginIn) -> dict[str, str]:
    named = msgspec.structs.asdict(given)
    return {name: value for name, value in named.items() if name.startswith("utm_") and value is not UNSET}


def _evidence(data: CheckoutCreate, request: HttpRequest, *, trusted: bool) -> Evidence:
    """What the front end says; the browser that asks is the buyer's where no server of the shop's stands between."""
    given = data.origin
    agent = None if trusted else request.headers.get("user-agent")
    objects = not trusted and visitors.objects(dict(request.scope["headers"]))
    told = Evidence.of_address(given.landing_url or "", given.referrer or None, agent)
    return msgspec.structs.replace(
        told,
        click_token=given.click_token or told.click_token,
        kept=() if objects else tuple(given.touches or ()),
        code=data.discount_code or None,
        utm_source=given.utm_source or told.utm_source,
    )

"""By what the same customer is known again before they pay: a hash, and nothing where they object."""

from datetime import UTC, datetime

from litestar.types import HTTPScope

from api import clients
from api.dependencies import HttpRequest
from api.services import Services
from core.db import AsyncSession
from core.secrets import Vault
from core.shops import Shop
from social.links import salts, token, visitors


async def known(
    session: AsyncSession, request: HttpRequest, vault: Vault, shop: Shop, reference: str | None, now: datetime
) -> str | None:
    """The customer whom the shop's own server names, for ever; a visitor, for the rest of the UTC day.

    A visitor's is the hash that clicks have, under the salt that is thrown away.
    """
    if reference is not None:
        return vault.sign("discount customer", f"{shop.id} {reference}".encode(), 16).hex()
    headers = dict(request.scope["headers"])
    address, salt = clients.address(request.scope), await salts.today(session, now)
    if salt is None or not address or visitors.objects(headers):
        return None
    return visitors.visitor_day(salt, address, headers.get(b"user-agent", b""), shop.id.encode()).hex()


async def tapping(scope: HTTPScope, services: Services, shop: Shop, at: datetime) -> bytes | None:
    """The hash that this visitor's taps on the shop's links have by the salt of that day, where one may be kept."""
    headers = dict(scope["headers"])
    client = scope["client"]
    if shop.consent == "none" or client is None or visitors.objects(headers):
        return None
    # Known to a server that answers taps; on the day that it starts, and elsewhere, the database knows.
    salt = services.salts.of(salts.day_of(token.milliseconds(at)))
    if salt is None:
        async with services.db.glance() as session:
            salt = await salts.today(session, at)
    if salt is None:
        return None
    place = visitors.place(services.settings.public_url, shop.id)
    return visitors.visitor_day(salt, client[0], headers.get(b"user-agent", b""), place)


def household(request: HttpRequest, vault: Vault, shop: Shop, now: datetime) -> str | None:
    """The address that asks, as a keyed hash of this UTC day and shop: what limits hoarding, and tells nothing else."""
    address = clients.household(request.scope)
    day = now.astimezone(UTC).date()
    return vault.sign("checkout buyer", f"{shop.id} {day} {address}".encode(), 16).hex() if address else None

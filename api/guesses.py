"""Discount codes that strangers try: so many a minute from one address, so many an hour in one shop, one answer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from api import clients
from api.dependencies import HttpRequest
from api.limits import Account, Rates
from checkout.discounts import discounts
from checkout.discounts.errors import DiscountNotApplicable
from core import clock
from core.db import AsyncSession
from core.shops import Shop


@contextmanager
def counted(request: HttpRequest, rates: Rates, shop: Shop) -> Iterator[None]:
    """Let one code be tried inside.

    The place is taken before the try and given back where the code was good, so that no number of tries at once gets
    past the limit. Refuses TooManyRequests; veils DiscountNotApplicable, so that a code that has ended looks like one
    that never was.
    """
    account: Account = request.scope["state"]["account"]
    limits = ((rates.bad_codes, clients.household(request.scope)), (rates.bad_codes_of_shop, shop.id))
    with ExitStack() as good:
        for limit, who in limits:
            account.take(limit, who, clock.monotonic())
            good.callback(limit.give_back, who)
        try:
            yield
        except DiscountNotApplicable as refusal:
            if refusal.guessed:
                good.pop_all()
            raise refusal.veiled() from None


async def known(session: AsyncSession, rates: Rates, shop: Shop, code: str, visitor: str) -> str | None:
    """A code that came with an address, or None where the shop has no such code.

    The same limits as above; beyond them no code is looked at, and nobody is turned away for it: they can still buy.
    """
    session.spoil()  # What one visitor may still try is nobody else's answer.
    now = clock.monotonic()
    taken = []
    for limit, who in ((rates.bad_codes, visitor), (rates.bad_codes_of_shop, shop.id)):
        is_full = bool(limit.take(who, now).wait)
        if not is_full:
            taken.append((limit, who))
    good = len(taken) == 2 and await discounts.by_code(session, shop, code) is not None
    if good or len(taken) < 2:
        for limit, who in taken:
            limit.give_back(who)
    return code if good else None

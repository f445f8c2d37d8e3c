"""Discount codes that strangers try: so many a minute from one address, so many an hour in one shop, one answer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from api import clients
from api.dependencies import HttpRequest
from api.limits import Account, Rates
from checkout.discounts.errors import DiscountNotApplicable
from core import clock
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

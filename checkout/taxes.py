"""Tax: computed by Stripe where the shop says so, and part of its prices or not."""

from checkout.stripe.delivery import TaxBehavior
from core.shops import Shop


def behavior(shop: Shop) -> TaxBehavior | None:
    """How Stripe counts tax in this shop's prices; None where it is not to count any."""
    if not shop.stripe_tax:
        return None
    return "inclusive" if shop.prices_include_tax else "exclusive"

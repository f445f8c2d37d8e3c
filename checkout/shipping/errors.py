"""What is refused around shipping."""

from core.errors import Conflict, Invalid, NotFound


class ShippingRateNotFound(NotFound):
    """There is no such shipping rate."""

    slug = "shipping-rate-not-found"


class UnknownCountry(Invalid):
    """Nothing can be shipped to this country through Stripe's page."""

    slug = "unknown-country"


class BadBrackets(Invalid):
    """The brackets of a rate ascend, and only the last one may be open."""

    slug = "bad-brackets"


class TooManyShippingRates(Conflict):
    """This shop has as many shipping rates as it can."""

    slug = "too-many-shipping-rates"


class NotShippedThere(Conflict):
    """The shop does not ship this basket to this country."""

    slug = "not-shipped-there"


class FulfilmentNotFound(NotFound):
    """This order has no such parcel."""

    slug = "fulfilment-not-found"


class FulfilmentHoldNotFound(NotFound):
    """This order was never held back like that."""

    slug = "fulfilment-hold-not-found"


class HeldByDispute(Conflict):
    """A dispute holds this order back."""

    slug = "held-by-dispute"


class HeldByReview(Conflict):
    """An open review holds this order back."""

    slug = "held-by-review"


class NotToBeShipped(Conflict):
    """This order must not be shipped now."""

    slug = "not-to-be-shipped"


class NothingToShip(Conflict):
    """There are not so many pieces left to pack."""

    slug = "nothing-to-ship"


class GivenBackInside(Conflict):
    """Pieces in this parcel were given back."""

    slug = "given-back-inside"


class WrongStep(Conflict):
    """A parcel cannot go there from where it is."""

    slug = "wrong-step"

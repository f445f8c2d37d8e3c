"""What checkout refuses."""

from core.errors import BadRequest, Conflict, Fact, Invalid, NotFound, TooManyRequests, Unavailable


class CheckoutNotFound(NotFound):
    """There is no such checkout."""

    slug = "checkout-not-found"


class OrderNotFound(NotFound):
    """There is no such order."""

    slug = "order-not-found"


class PaymentProviderUnavailable(Unavailable):
    """The payment provider does not answer."""

    slug = "payment-provider-unavailable"

    def __init__(
        self, detail: str = "", *, retry_after: int = 5, is_stored: bool = False, is_answer: bool = False, **facts: Fact
    ) -> None:
        super().__init__(detail, retry_after=retry_after, **facts)
        self.is_stored, self.is_answer = is_stored, is_answer


class PaymentProviderRefused(Conflict):
    """The payment provider refuses this request."""

    slug = "payment-provider-refused"


class PaymentsNotConnected(Conflict):
    """This shop is not connected to Stripe."""

    slug = "payments-not-connected"
    passes = True


class NotForSale(Conflict):
    """Something in this basket is not for sale."""

    slug = "not-for-sale"


class PriceChanged(Conflict):
    """The price is not the one that was shown."""

    slug = "price-changed"


class ShippingChanged(Conflict):
    """Shipping does not cost what was shown."""

    slug = "shipping-changed"


class TotalTooSmall(Invalid):
    """The total is below what can be charged."""

    slug = "total-too-small"


class TotalTooLarge(Invalid):
    """The total is above what can be charged."""

    slug = "total-too-large"


class CheckoutClosed(Conflict):
    """This checkout has ended."""

    slug = "checkout-closed"


class BadSignature(BadRequest):
    """The event was not signed with a secret that we know."""

    slug = "bad-signature"


class BadEvent(BadRequest):
    """What was signed is no event."""

    slug = "bad-event"


class BadReturnAddress(Invalid):
    """A buyer may not be sent to this address."""

    slug = "bad-return-address"


class TooManyOpenCheckouts(TooManyRequests):
    """One visitor has set aside too much that is not paid."""

    slug = "too-many-open-checkouts"


class NothingToRecover(Conflict):
    """This order was paid, can still be, or was cancelled."""

    slug = "nothing-to-recover"


class RefundNotFound(NotFound):
    """This order has no such refund."""

    slug = "refund-not-found"


class ReviewNotFound(NotFound):
    """This order has no such review."""

    slug = "review-not-found"


class LineNamedTwice(Invalid):
    """Each line of an order is named once."""

    slug = "line-named-twice"


class AmbiguousRefund(Invalid):
    """A refund is of an amount, or of pieces."""

    slug = "ambiguous-refund"


class NothingToRefund(Conflict):
    """There is no money left to give back."""

    slug = "nothing-to-refund"


class RefundTooLarge(Conflict):
    """More is to be given back than is left."""

    slug = "refund-too-large"

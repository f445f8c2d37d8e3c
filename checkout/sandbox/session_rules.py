"""What Stripe demands of a session's parameters beyond their types: which go together, and for how long it may live."""

from checkout.sandbox.cards import DEBITS
from checkout.sandbox.errors import parameter, unsupported
from checkout.sandbox.parameters import absent
from checkout.sandbox.session_parameters import SessionCreate

HALF_HOUR = 30 * 60
DAY = 24 * 60 * 60
# A request is on its way for a moment: Stripe's own bounds have the same tolerance.
TOLERANCE = 60


def check(params: SessionCreate, now: int) -> None:
    """Refuse what Stripe refuses, and what this server would silently not do."""
    _mode(params)
    _urls(params)
    _buyer(params)
    _discounts(params)
    _beyond_us(params)
    if params.expires_at is not None:
        _expiry(params.expires_at, now)


def payment_methods(params: SessionCreate, currency: str) -> list[str]:
    """How this session may be paid: cards, and the bank debit of its currency."""
    offered = ["card", *(debit.type for debit in DEBITS if debit.currency == currency)]
    allowed = params.allowed_payment_method_types
    excluded = params.excluded_payment_method_types or []
    left = [method for method in offered if (allowed is None or method in allowed) and method not in excluded]
    if not left:
        raise parameter(
            "No valid payment method types for this Checkout Session. Please ensure that you have activated payment "
            "methods compatible with your chosen currency in your dashboard.",
            "allowed_payment_method_types" if allowed is not None else "excluded_payment_method_types",
        )
    return left


def _mode(params: SessionCreate) -> None:
    if params.mode is None:
        raise absent("mode")
    if params.mode != "payment":
        raise unsupported(f"Checkout Sessions in `{params.mode}` mode.", "mode")
    if params.ui_mode not in (None, "hosted_page"):
        raise unsupported(f"Checkout Sessions with ui_mode `{params.ui_mode}`.", "ui_mode")


def _urls(params: SessionCreate) -> None:
    if params.return_url is not None:
        raise parameter("`return_url` can only be set when `ui_mode` is `embedded_page` or `elements`.", "return_url")
    if params.success_url is None:
        raise absent("success_url")


def _buyer(params: SessionCreate) -> None:
    if params.customer is not None and params.customer_email is not None:
        raise parameter("You may only specify one of these parameters: customer, customer_email.", "customer")
    if params.customer is not None and params.customer_creation is not None:
        raise parameter("`customer_creation` cannot be used with `customer`.", "customer_creation")


def _discounts(params: SessionCreate) -> None:
    if params.discounts and params.allow_promotion_codes is not None:
        raise parameter(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.", "allow_promotion_codes"
        )
    for place, discount in enumerate(params.discounts or []):
        path = f"discounts[{place}]"
        if (discount.coupon is None) == (discount.promotion_code is None):
            raise parameter("You must specify exactly one of `coupon` or `promotion_code`.", path)


def _beyond_us(params: SessionCreate) -> None:
    if params.invoice_creation is not None and params.invoice_creation.enabled:
        raise unsupported("invoices.", "invoice_creation[enabled]")


def _expiry(expires_at: int, now: int) -> None:
    if expires_at < now + HALF_HOUR - TOLERANCE:
        raise parameter(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at"
        )
    if expires_at > now + DAY + TOLERANCE:
        raise parameter(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at"
        )

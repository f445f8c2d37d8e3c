"""Stripe's test cards and test bank accounts, and what happens to each (docs.stripe.com/testing, checked 2026-11)."""

from dataclasses import dataclass
from typing import Literal

from checkout.sandbox.errors import StripeError

Settlement = Literal["at once", "succeeds later", "fails later"]
Fate = Literal[
    "",
    "available at once",
    "refund pending",
    "refund fails",
    "fraudulent",
    "product_not_received",
    "inquiry",
    "warning",
    "review",
]


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is refused, in Stripe's codes and words."""

    code: str
    message: str
    decline_code: str | None = None
    advice_code: str | None = None

    def problem(self) -> StripeError:
        """The 402 that says so."""
        problem = StripeError(
            self.message, status=402, kind="card_error", code=self.code, decline_code=self.decline_code
        )
        problem.advice_code = self.advice_code
        return problem


@dataclass(frozen=True, slots=True)
class Means:
    """What a buyer pays with. The number itself is never kept."""

    type: str
    last4: str
    brand: str = ""
    decline: Decline | None = None
    settlement: Settlement = "at once"
    fate: Fate = ""
    challenge: bool = False
    wallet: str = ""


@dataclass(frozen=True, slots=True)
class Debit:
    """A delayed payment method, offered for one currency."""

    type: str
    currency: str
    label: str
    field: str
    succeeds: str
    fails: str


DEBITS = (
    Debit("sepa_debit", "eur", "SEPA bank debit", "IBAN", "AT321904300235473204", "AT861904300235473202"),
    Debit("us_bank_account", "usd", "US bank account", "Account number", "000123456789", "000111111116"),
    Debit("bacs_debit", "gbp", "Bacs bank debit", "Account number", "00012345", "33333335"),
)

DECLINED = "Your card was declined."
FUNDS = "Your card has insufficient funds."
BROKEN = "An error occurred while processing your card. Try again in a little bit."
# docs.stripe.com/declines/codes: what a shop should do next.
AGAIN, NEVER, CHECK = "try_again_later", "do_not_try_again", "confirm_card_data"
DECLINES = {
    "4000000000000002": Decline("card_declined", DECLINED, "generic_decline", AGAIN),
    "4000000000009995": Decline("card_declined", FUNDS, "insufficient_funds", AGAIN),
    "4000000000009987": Decline("card_declined", DECLINED, "lost_card", NEVER),
    "4000000000009979": Decline("card_declined", DECLINED, "stolen_card", NEVER),
    "4000000000000069": Decline("expired_card", "Your card has expired.", advice_code=CHECK),
    "4000000000000127": Decline("incorrect_cvc", "Your card's security code is incorrect.", advice_code=CHECK),
    "4000008400001629": Decline("card_declined", DECLINED, "generic_decline", AGAIN),
    "4000008400001280": Decline("card_declined", DECLINED, "processing_error", AGAIN),
    "4000008260003178": Decline("card_declined", FUNDS, "insufficient_funds", AGAIN),
    "4000000000000119": Decline("processing_error", BROKEN, advice_code=AGAIN),
}
INCORRECT_NUMBER = Decline("incorrect_number", "Your card number is incorrect.", advice_code=CHECK)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test "
    "cards, visit: https://stripe.com/docs/testing.",
    "test_mode_live_card",
)
ACCEPTED = {
    "4242424242424242": "visa",
    "4000056655665556": "visa",
    "5555555555554444": "mastercard",
    "2223003122003222": "mastercard",
    "5200828282828210": "mastercard",
    "378282246310005": "amex",
    "6011111111111117": "discover",
}
# A telephone that pays with a card of its own.
WALLET = Means("card", "4242", "visa", wallet="apple_pay")
FATES: dict[str, Fate] = {
    "4000000000000077": "available at once",
    "4000000000007726": "refund pending",
    "4000000000005126": "refund fails",
    "4000000000000259": "fraudulent",
    "4000000000002685": "product_not_received",
    "4000000000001976": "inquiry",
    "4000000000005423": "warning",
    "4000000000009235": "review",
}
# The bank of these asks on a page of its own (3-D Secure), whatever comes of it.
CHALLENGED = ("4000000000003220", "4000002500003155", "4000002760003184", "4000008400001629", "4000008260003178")
GENERIC_DECLINE = "4000000000000002"


def recognise(number: str, currency: str) -> Means:
    """What a number stands for: a test card, or the bank account of this currency's debit."""
    plain = number.replace(" ", "").replace("-", "").upper()
    for debit in DEBITS:
        if debit.currency == currency and plain in (debit.succeeds, debit.fails):
            return Means(
                debit.type, plain[-4:], settlement="succeeds later" if plain == debit.succeeds else "fails later"
            )
    if plain in ACCEPTED:
        return Means("card", plain[-4:], ACCEPTED[plain])
    if plain in FATES or plain in DECLINES or plain in CHALLENGED:
        fate, challenge = FATES.get(plain, ""), plain in CHALLENGED
        return Means("card", plain[-4:], "visa", DECLINES.get(plain), fate=fate, challenge=challenge)
    if not _adds_up(plain):
        return Means("card", plain[-4:], "visa", INCORRECT_NUMBER)
    return Means("card", plain[-4:], "visa", NOT_A_TEST_CARD)


def debit_for(currency: str) -> Debit | None:
    """The delayed method of a currency, if this server has one."""
    return next((debit for debit in DEBITS if debit.currency == currency), None)


def _adds_up(number: str) -> bool:
    """The Luhn check that every real card number passes."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0

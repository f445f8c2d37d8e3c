"""Changes of mutmut's that no test can notice, or that none needs to, each with its reason."""

from typing import NamedTuple

_CALCULATION = "checkout/discounts/calculation.py"
_DISCOUNTS = "checkout/discounts/discounts.py"
_REDEMPTIONS = "checkout/discounts/redemptions.py"
_SPEED = "the rows are not in the session: how SQLAlchemy looks for them costs time and changes nothing"
_SHORTCUT = "a shortcut: the long way finds nothing to do"


class Reason(NamedTuple):
    """`after` stands in the changed line of this function; why nobody notices."""

    path: str
    function: str
    after: str
    why: str


REASONS = (
    Reason("core/money.py", "display", 'locale: str = "EN"', "Babel reads the name of a locale in any case"),
    Reason("core/money.py", "display", "currency_digits=None", "`None` is as false as `False`"),
    Reason("checkout/holds.py", "sell", 'status == "XXsoldXX"', _SHORTCUT),
    Reason("checkout/holds.py", "sell", 'status == "SOLD"', _SHORTCUT),
    Reason(_CALCULATION, "_leave_enough", "0 < total <= smallest", "the minimum itself is short of nothing"),
    Reason(_CALCULATION, "_leave_enough", "if (cut) or True", "what is shared out again in full is the same"),
    Reason(_CALCULATION, "_share", "zip(keys, parts, ", "there are as many parts as keys"),
    Reason(_DISCOUNTS, "change", '("XXtermsXX"', "the terms are set again a few lines below"),
    Reason(_DISCOUNTS, "change", '("TERMS"', "the terms are set again a few lines below"),
    Reason(_DISCOUNTS, "_utc", "astimezone(None)", "the column turns every zone into UTC"),
    Reason(_REDEMPTIONS, "_UsedUp.__init__", "super().__init__(None)", "it never leaves its module"),
    Reason(_REDEMPTIONS, "preview", "limit_per_day or 1", "only discounts with a limit are looked at"),
    Reason(_REDEMPTIONS, "_candidates", 'reason or "', "a code that cannot be used has a reason"),
    Reason(_REDEMPTIONS, "_unusable", "discount.used > discount.limit_total", "counting refuses it in the same words"),
    Reason(_REDEMPTIONS, "_take", ".returning(None)", "a row of nothing is a row"),
    Reason(_REDEMPTIONS, "_count", ".returning(None)", "a row of nothing is a row"),
    Reason(_REDEMPTIONS, "_count", 'place | {"XXusedXX": 0}', "0 is the column's default"),
    Reason(_REDEMPTIONS, "_count", 'place | {"USED": 0}', "0 is the column's default"),
    Reason(_REDEMPTIONS, "_take", "synchronize_session=None", _SPEED),
    Reason(_REDEMPTIONS, "_count", "synchronize_session=None", _SPEED),
    Reason(_REDEMPTIONS, "_give_back", "synchronize_session=None", _SPEED),
    Reason(_REDEMPTIONS, "_of_order", "order_by(None)", "the order of locks, which matters to two processes alone"),
    Reason(
        _REDEMPTIONS, "_of_order", "populate_existing=", "nothing has read these rows before in the same transaction"
    ),
    Reason(_REDEMPTIONS, "redeem", 'status == "XXredeemedXX"', _SHORTCUT),
    Reason(_REDEMPTIONS, "redeem", 'status == "REDEEMED"', _SHORTCUT),
)

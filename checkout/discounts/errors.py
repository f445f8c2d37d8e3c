"""What discounts refuse."""

from typing import Literal

from core.errors import Conflict, Invalid, NotFound

Reason = Literal[
    "unknown", "not-started", "ended", "archived", "used-up", "used-up-today", "used-by-this-customer",
    "minimum-amount", "nothing-to-reduce",
]  # fmt: skip
# What a buyer may be told: what the basket lacks. Everything else would say whether a guessed code exists.
_TOLD = frozenset(("minimum-amount", "nothing-to-reduce"))


class DiscountNotFound(NotFound):
    """There is no such discount."""

    slug = "discount-not-found"


class CodeTaken(Conflict):
    """Another discount has this code."""

    slug = "code-taken"


class BadDiscount(Invalid):
    """This discount contradicts itself."""

    slug = "bad-discount"


class DiscountNotApplicable(Conflict):
    """This code takes nothing off this basket."""

    slug = "discount-not-applicable"

    def __init__(self, reason: Reason | Literal["not-valid"], **facts: int) -> None:
        super().__init__("Check the code and what it is for.", reason=reason, **facts)
        self.reason = reason

    @property
    def guessed(self) -> bool:
        """Whether this may be the answer to somebody who tries codes."""
        return self.reason not in _TOLD

    def veiled(self) -> "DiscountNotApplicable":
        """The same for everybody's ears: unknown, ended and used-up codes get one answer."""
        return DiscountNotApplicable("not-valid") if self.guessed else self

"""The figures of one way into the shop, from tap to money, and how each is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.errors import Invalid
from core.money import Money
from core.wire import Out
from insights import wilson
from social.links import seconds

MAX_DAYS = 400
_EPOCH = date(1970, 1, 1)

DEFINITIONS: Mapping[str, str] = {
    "clicks": "Taps by people on the shop's links: no bots, previews, prefetches or HEAD requests; the same visitor on "
    "the same link within 30 seconds counts once. By the UTC day of the tap.",
    "landings": "Those of the clicks whose landing page was shown to a person, each once, counted by the page's own "
    "request. By the UTC day of the tap.",
    "click_loss": "1 - landings / clicks: people who tapped and never saw the page. Null without clicks. Clicks on "
    "links that lead elsewhere than to a landing page are lost by this count.",
    "engaged": "For how many seconds the pages of landings were in sight, half an hour at most, as the page's script "
    "told it: median, and the time that a quarter exceeds (p75), from counts of a few lengths, so that they are off by "
    "the width of one at most. Null below five pages. Not told where the shop keeps nothing of visitors, or they "
    "object. By the UTC day of the tap.",
    "in_app": "Clicks and landings by the app whose browser the tap was in, orders by the one in which the buyer went "
    "to pay: who opens the page in another browser moves over.",
    "checkouts": "Orders that were begun, paid or not. By the UTC day on which they were begun.",
    "paid": "Orders that were paid, whatever became of them later. By the UTC day of payment.",
    "gross": "What Stripe took for the paid orders, shipping and taxes included, in the currency's minor unit.",
    "refunded": "What went back or is going back of gross, whenever that was: it lowers the day of the payment.",
    "lost": "What buyers' banks took back of gross by disputes that were lost, whenever that was; of a dispute in "
    "another currency than the order's, all that is left of the order.",
    "revenue": "gross - refunded - lost. Stripe's fees are not taken off.",
    "conversion": "Paid orders that a link of the shop has brought / clicks, with the bounds between which the true "
    "share lies with 95 % confidence (Wilson's score interval). Null without clicks, and where a range of days cuts "
    "so that it holds more such orders than clicks.",
    "network": "As the order or link says itself; `unknown` where nothing tells, never spread over the others.",
}


class BadRange(Invalid):
    """This range of days cannot be reported."""

    slug = "bad-range"


class ShareOut(Out, kw_only=True, frozen=True):
    """A share from 0 to 1, and the bounds between which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


class EngagedOut(Out, kw_only=True, frozen=True):
    """For how many seconds pages were in sight: half of them for less than `median`, a quarter for more than `p75`.

    Known of so many `pages`; null where those are fewer than five.
    """

    median: float | None
    p75: float | None
    pages: int


class FiguresOut(Out, kw_only=True, frozen=True):
    """From tap to money, each figure as `definitions` says. Money has one amount per currency that was paid in."""

    clicks: int
    landings: int
    click_loss: float | None
    engaged: EngagedOut
    checkouts: int
    paid: int
    conversion: ShareOut | None
    gross: list[Money]
    refunded: list[Money]
    lost: list[Money]
    revenue: list[Money]


@dataclass
class Figures:
    """The same while it is added up. `credited` of the paid orders were brought by a link; money by its currency.

    `stays` are pages by the length of time that they were in sight (`social.links.seconds`).
    """

    clicks: int = 0
    landings: int = 0
    checkouts: int = 0
    paid: int = 0
    credited: int = 0
    gross: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    stays: list[int] = field(default_factory=list)

    def pay(self, currency: str, paid: int, credited: int, gross: int, refunded: int, lost: int) -> None:
        """Add paid orders of one currency."""
        self.paid += paid
        self.credited += credited
        for sums, amount in ((self.gross, gross), (self.refunded, refunded), (self.lost, lost)):
            sums[currency] = sums.get(currency, 0) + amount

    @property
    def revenue(self) -> dict[str, int]:
        """What is left, by currency."""
        return {each: gross - self.refunded[each] - self.lost[each] for each, gross in self.gross.items()}

    def told(self) -> FiguresOut:
        """As it goes out."""
        return FiguresOut(
            clicks=self.clicks,
            landings=self.landings,
            click_loss=max(0.0, 1 - self.landings / self.clicks) if self.clicks else None,
            engaged=EngagedOut(
                median=seconds.quantile(self.stays, 0.5), p75=seconds.quantile(self.stays, 0.75), pages=sum(self.stays)
            ),
            checkouts=self.checkouts,
            paid=self.paid,
            conversion=_share(self.credited, self.clicks),
            gross=_money(self.gross),
            refunded=_money(self.refunded),
            lost=_money(self.lost),
            revenue=_money(self.revenue),
        )


def _share(successes: int, trials: int) -> ShareOut | None:
    if not trials or successes > trials:
        return None
    low, high = wilson.interval(successes, trials)
    return ShareOut(value=successes / trials, low=low, high=high)


def _money(sums: Mapping[str, int]) -> list[Money]:
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


class Days:
    """A range of UTC days, both included; open ends where None."""

    def __init__(self, first: date | None, last: date | None) -> None:
        """Refuses BadRange for a range that ends before it begins or spans more than 400 days."""
        if first and last and not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
            raise BadRange(f"Between 1 and {MAX_DAYS} days, please.", maximum_days=MAX_DAYS)
        self.first, self.last = first, last
        # There is no day after the last one of the calendar.
        self._end = None if last is None or last == date.max else last + timedelta(days=1)

    @property
    def numbers(self) -> tuple[int | None, int | None]:
        """The first day and the one after the last, counted from 1970."""
        return _number(self.first), _number(self._end)

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """Midnight before the first day and after the last."""
        return _midnight(self.first), _midnight(self._end)


def _number(day: date | None) -> int | None:
    return None if day is None else (day - _EPOCH).days


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")

"""Which of a link's destinations a tap gets: by the clock, by rules, by chance. Compiled once, asked at every tap."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

NEVER = 2**63 - 1


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A Location: `before` and `after` stand around the token, `bare` is the whole of it without one."""

    before: bytes
    after: bytes
    bare: bytes


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """From `opens_ms` on until `closes_ms`, in milliseconds since 1970."""

    opens_ms: int = 0
    closes_ms: int = NEVER

    def holds(self, at_ms: int) -> bool:
        """Whether it is open at that moment."""
        return self.opens_ms <= at_ms < self.closes_ms


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who is sent to `to`; an empty set is anybody."""

    countries: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    to: Address

    def fits(self, country: str, device: str) -> bool:
        """Whether a visitor from there, `""` where nobody knows, and with such a device is meant."""
        return (not self.countries or country in self.countries) and (not self.devices or device in self.devices)


class Arms:
    """The arms of an experiment by their weights."""

    def __init__(self, arms: Iterable[tuple[int, Address]]) -> None:
        """Weights of 0 or more, not all of them 0, each with where its arm leads."""
        arms = list(arms)
        self._ends = list(accumulate(weight for weight, _ in arms))
        self._addresses = [to for _, to in arms]
        self.total = self._ends[-1]

    def at(self, point: int) -> tuple[int, Address]:
        """The arm that a point of 0 to `total` - 1 lies in, by its place from 1: each has as many points as weight."""
        place = bisect_right(self._ends, point)
        return place + 1, self._addresses[place]


def point(visitor_day: bytes, link_number: int) -> int:
    """Where a visitor stands in the experiment of a link, 0 to 2^64 - 1: the same all day, and another in each link."""
    return int.from_bytes(hashlib.blake2b(visitor_day + link_number.to_bytes(8), digest_size=8).digest())


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to choose from. `closed` is where taps lead outside of `span`, unless `instead` is open then."""

    usual: Address
    closed: Address
    span: Span = Span()
    instead: tuple[Span, Address] | None = None
    rules: Sequence[Rule] = ()
    arms: Arms | None = None

    def of(self, at_ms: int, country: str, device: str, chance: int) -> tuple[int, Address]:
        """Where a tap leads, and by which arm of the experiment, 0 for none. `chance` is any number from 0 on."""
        if not self.span.holds(at_ms):
            if self.instead is not None and at_ms >= self.span.closes_ms and self.instead[0].holds(at_ms):
                return 0, self.instead[1]
            return 0, self.closed
        for rule in self.rules:
            if rule.fits(country, device):
                return 0, rule.to
        if self.arms is not None:
            return self.arms.at(chance % self.arms.total)
        return 0, self.usual

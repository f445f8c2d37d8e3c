"""What a rule of preflight is: a look at a post as it would be published, and what it finds.

Rules read their limits from the placement, so that a new network has them all. A file in `social/rules/` adds some.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal

import msgspec

from core import registry
from media.jpeg import JpegFacts
from social import rules as members
from social.captions import Shown
from social.network import Placeholder, Placement, Source

Severity = Literal["error", "warning"]
Measure = str | int | float


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is the matter, and where: `field` is a JSON Pointer into the post.

    An error keeps the post from being published or bought from; a warning does not. `source` is where the network
    says so, None where it is the shop's own affair.
    """

    rule: str
    severity: Severity
    field: str
    message: str
    limit: Measure | None = None
    actual: Measure | None = None
    source: Source | None = None


class TagCase(msgspec.Struct, frozen=True):
    """A product point: the item's id in the shop's feed, and whether the crop has lost it."""

    item: str
    title: str
    lost: bool = False


class SlideCase(msgspec.Struct, frozen=True, kw_only=True):
    """One picture as it would be published; `kept` unless the storage has lost it. Sizes in pixels and bytes."""

    alt_text: str
    title: str
    caption: str
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    jpeg: JpegFacts | None
    kept: bool
    tags: tuple[TagCase, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A post as it would be published; `links` are the products', in their order."""

    placement: Placement
    archived: bool
    title: str
    caption: str
    hashtags: tuple[str, ...]
    slides: tuple[SlideCase, ...]
    products: tuple[Shown, ...]
    links: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]


Rule = Callable[[Case], Iterator[Finding]]


class RuleSet(msgspec.Struct, frozen=True):
    """The rules of one file."""

    rules: tuple[Rule, ...]


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """All rules there are, ordered by the name of their file."""
    return registry.gather(members, "RULES", RuleSet)


def findings(case: Case) -> list[Finding]:
    """Everything that is the matter with a post, at once; errors come first."""
    found = [finding for rules in rule_sets() for rule in rules.rules for finding in rule(case)]
    return sorted(found, key=lambda each: each.severity)

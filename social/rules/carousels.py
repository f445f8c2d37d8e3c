"""Several pictures in one post: how many, and of one shape."""

from collections.abc import Iterator

from social.rule import Case, Finding, RuleSet

# A pixel more or less on a side of a thousand is no other shape.
_SAME = 0.005


def count(case: Case) -> Iterator[Finding]:
    """As many pictures as the network takes in one post."""
    slides, rule = len(case.slides), case.placement.carousel
    if slides == 1:
        return
    if rule is None:
        message = f"{case.placement.name} takes one picture."
        yield Finding(
            rule="too-many-slides", severity="error", field="/slides", message=message, limit=1, actual=slides
        )
    elif not rule.min <= slides <= rule.max:
        few = slides < rule.min
        yield Finding(
            rule="too-few-slides" if few else "too-many-slides",
            severity="error",
            field="/slides",
            message=f"{case.placement.name} takes {rule.min} to {rule.max} pictures, not {slides}.",
            limit=rule.min if few else rule.max,
            actual=slides,
            source=rule.source,
        )


def shape(case: Case) -> Iterator[Finding]:
    """All pictures have the first one's proportions where the network would crop them to it."""
    rule = case.placement.carousel
    if rule is None or not rule.one_ratio:
        return
    first = case.slides[0].width / case.slides[0].height
    for number, slide in enumerate(case.slides):
        ratio = slide.width / slide.height
        if abs(ratio / first - 1) > _SAME:
            yield Finding(
                rule="slides-unequal",
                severity="error",
                field=f"/slides/{number}/visual_id",
                message="All pictures of a carousel have the proportions of the first.",
                limit=round(first, 4),
                actual=round(ratio, 4),
                source=rule.source,
            )


RULES = RuleSet((count, shape))

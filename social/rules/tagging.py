"""Product tags: how many, each item once, and still to be seen."""

from collections.abc import Iterator

from social.rule import Case, Finding, RuleSet


def supported(case: Case) -> Iterator[Finding]:
    """Tags are not set where the network takes none."""
    rule = case.placement.tags
    if rule.supported:
        return
    for number, slide in enumerate(case.slides):
        if slide.tags:
            yield Finding(
                rule="tags-not-supported",
                severity="warning",
                field=f"/slides/{number}/tags",
                message=rule.note,
                limit=0,
                actual=len(slide.tags),
                source=rule.source,
            )


def count(case: Case) -> Iterator[Finding]:
    """No more tags than the network takes on a picture and in a post; lost ones are not sent."""
    rule = case.placement.tags
    if not rule.supported:
        return
    counts = [sum(not tag.lost for tag in slide.tags) for slide in case.slides]
    found = [
        (f"/slides/{number}/tags", "on a picture", rule.per_image, each)
        for number, each in enumerate(counts)
        if each > rule.per_image
    ]
    if sum(counts) > rule.per_post:
        found.append(("/slides", "in a post", rule.per_post, sum(counts)))
    for field, where, limit, actual in found:
        yield Finding(
            rule="too-many-tags",
            severity="error",
            field=field,
            message=f"{case.placement.name} takes {limit} product tags {where}, not {actual}.",
            limit=limit,
            actual=actual,
            source=rule.source,
        )


def once(case: Case) -> Iterator[Finding]:
    """No picture names one item of the catalog twice."""
    if not case.placement.tags.supported:
        return
    for number, slide in enumerate(case.slides):
        seen: set[str] = set()
        for place, tag in enumerate(slide.tags):
            if tag.item in seen:
                yield Finding(
                    rule="duplicate-tag",
                    severity="error",
                    field=f"/slides/{number}/tags/{place}",
                    message=f"{tag.title} is tagged twice on this picture.",
                    actual=tag.item,
                    source=case.placement.tags.source,
                )
            seen.add(tag.item)


def seen(case: Case) -> Iterator[Finding]:
    """Every tag's point is on the published picture."""
    for number, slide in enumerate(case.slides):
        for place, tag in enumerate(slide.tags):
            if tag.lost:
                yield Finding(
                    rule="tag-lost",
                    severity="warning",
                    field=f"/slides/{number}/tags/{place}",
                    message=f"The crop does not show {tag.title}: pad the picture, or move its focal point.",
                )


RULES = RuleSet((supported, count, once, seen))

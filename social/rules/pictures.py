"""What the network fetches: type, colours, proportions, pixels, bytes, and the address."""

from collections.abc import Iterator

from social import addresses
from social.rule import Case, Finding, Measure, RuleSet, Severity, SlideCase


def encoding(case: Case) -> Iterator[Finding]:
    """The file is there, and of a type that the network takes."""
    rule = case.placement.image
    for field, slide in _each(case):
        if not slide.kept:
            yield Finding(rule="picture-missing", severity="error", field=field, message="The picture is not stored.")
            continue
        if slide.media_type not in rule.types:
            types = ", ".join(rule.types)
            yield _broken(case, field, "picture-type", f"{case.placement.name} takes {types}.", types, slide.media_type)
        if slide.media_type != "image/jpeg":
            continue
        if slide.jpeg is None:
            yield _broken(case, field, "picture-unreadable", "The file does not begin like a JPEG.")
            continue
        if rule.baseline and not slide.jpeg.baseline:
            yield _broken(case, field, "picture-progressive", "The JPEG must be baseline.", "baseline", "progressive")
        if rule.srgb and not slide.jpeg.srgb:
            message = "Colours other than sRGB are converted, and look different."
            yield _broken(case, field, "picture-colours", message, "sRGB", "other", severity="warning")


def proportions(case: Case) -> Iterator[Finding]:
    """Width / height lies in the range that the network states."""
    rule = case.placement.image
    for field, slide in _each(case):
        ratio = round(slide.width / slide.height, 4)
        for limit, broken in ((rule.ratio_min, "less"), (rule.ratio_max, "more")):
            if limit is not None and (ratio < limit if broken == "less" else ratio > limit):
                message = f"Width / height is {ratio}, {broken} than {limit}."
                yield _broken(case, field, "picture-ratio", message, limit, ratio)


def width(case: Case) -> Iterator[Finding]:
    """The network need not scale the picture."""
    rule = case.placement.image
    for field, slide in _each(case):
        for limit, broken in ((rule.width_min, "enlarged"), (rule.width_max, "made smaller")):
            if limit is not None and (slide.width < limit if broken == "enlarged" else slide.width > limit):
                message = f"The picture will be {broken} to {limit} pixels of width."
                yield _broken(case, field, "picture-width", message, limit, slide.width, severity="warning")


def weight(case: Case) -> Iterator[Finding]:
    """The file has no more bytes than the network takes."""
    most = case.placement.image.max_bytes
    for field, slide in _each(case):
        if slide.bytes > most:
            message = f"{case.placement.name} takes {most} bytes."
            yield _broken(case, field, "picture-too-heavy", message, most, slide.bytes)


def reachable(case: Case) -> Iterator[Finding]:
    """The network can fetch the picture: a public https address, in ASCII where it must be."""
    for field, slide in _each(case):
        if not (addresses.is_https(slide.url) and addresses.is_public(slide.url)):
            message = f"{case.placement.name} fetches the picture itself: serve it from a public https address."
            yield _broken(case, field, "picture-not-public", message, "public https", slide.url)
        if case.placement.image.ascii_url and not slide.url.isascii():
            yield _broken(case, field, "picture-url-not-ascii", "The address must be ASCII.", "ASCII", slide.url)


def _each(case: Case) -> Iterator[tuple[str, SlideCase]]:
    for number, slide in enumerate(case.slides):
        yield f"/slides/{number}/visual_id", slide


def _broken(
    case: Case,
    field: str,
    rule: str,
    message: str,
    limit: Measure | None = None,
    actual: Measure | None = None,
    *,
    severity: Severity = "error",
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        field=field,
        message=message,
        limit=limit,
        actual=actual,
        source=case.placement.image.source,
    )


RULES = RuleSet((encoding, proportions, width, weight, reachable))

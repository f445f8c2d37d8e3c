"""Captions, titles, alternative texts, hashtags and mentions."""

import re
from collections.abc import Iterator

from social import captions
from social.errors import BadHashtag
from social.network import Limit
from social.rule import Case, Finding, RuleSet

_OPEN = re.compile(r"\{\{?\s*[A-Za-z][\w .:-]*\}?\}|\[\[[^\]]+\]\]|%[a-z_]+%")
_ADDRESS = re.compile(r"https?://\S+")


def lengths(case: Case) -> Iterator[Finding]:
    """Each text is within its limit, in the network's own unit."""
    text = case.placement.text
    said = captions.write(case.placement, case.caption, (), case.links[0]).text
    texts = [("caption", text.caption, "/caption", said), ("title", text.title, "/title", case.title)]
    for number, slide in enumerate(case.slides):
        texts.append(("alt-text", text.alt_text, f"/slides/{number}/alt_text", slide.alt_text))
        if case.placement.carousel is not None and case.placement.carousel.texts:
            texts.append(("title", text.title, f"/slides/{number}/title", slide.title))
            texts.append(("caption", text.caption, f"/slides/{number}/caption", slide.caption))
    for name, limit, field, value in texts:
        if limit is not None and not limit.fits(value):
            yield _too_long(case, name, limit, field, value)


def shown(case: Case) -> Iterator[Finding]:
    """No text is written that nobody would see, and none is missing for who cannot see the picture."""
    text = case.placement.text
    if text.caption is None and case.caption:
        yield _warning(case, "text-not-shown", "/caption", f"{case.placement.name} shows no caption.")
    for number, slide in enumerate(case.slides):
        field = f"/slides/{number}/alt_text"
        if text.alt_text is None and slide.alt_text:
            yield _warning(case, "text-not-shown", field, f"{case.placement.name} takes no alternative text.")
        elif text.alt_text is not None and not slide.alt_text.strip():
            yield _warning(case, "alt-text-missing", field, "Nobody who cannot see the picture knows what it shows.")
        elif number > 0 and slide.alt_text and case.placement.carousel and not case.placement.carousel.alt_texts:
            yield _warning(case, "text-not-shown", field, "The first picture's alternative text stands for all.")


def hashtags(case: Case) -> Iterator[Finding]:
    """Each hashtag is one, and there are no more than the network takes, those in the caption included."""
    for number, word in enumerate(case.hashtags):
        try:
            captions.hashtag(word)
        except BadHashtag as refusal:
            yield Finding(rule="bad-hashtag", severity="error", field=f"/hashtags/{number}", message=refusal.detail)
    rule = case.placement.text
    if rule.caption is None:
        return
    in_text = captions.hashtags_in(case.caption)
    if rule.hashtags_max is not None and len(in_text) > rule.hashtags_max:
        yield Finding(
            rule="too-many-hashtags",
            severity="error",
            field="/caption",
            message=f"{case.placement.name} takes {rule.hashtags_max} hashtags, the caption has {len(in_text)}.",
            limit=rule.hashtags_max,
            actual=len(in_text),
            source=rule.source,
        )
    left_out = captions.write(case.placement, case.caption, case.hashtags, case.links[0]).left_out
    if left_out:
        yield Finding(
            rule="hashtags-left-out",
            severity="warning",
            field="/hashtags",
            message=f"There is no room for {' '.join('#' + each for each in left_out)}.",
            limit=rule.hashtags_max,
            actual=len(case.hashtags),
            source=rule.source,
        )


def mentions(case: Case) -> Iterator[Finding]:
    """The caption names no more accounts than the network takes."""
    most, count = case.placement.text.mentions_max, captions.mentions(case.caption)
    if most is not None and count > most:
        yield Finding(
            rule="too-many-mentions",
            severity="error",
            field="/caption",
            message=f"{case.placement.name} takes {most} mentions, this caption has {count}.",
            limit=most,
            actual=count,
            source=case.placement.text.source,
        )


def finished(case: Case) -> Iterator[Finding]:
    """No text holds a placeholder that nobody has filled in."""
    texts = [("/title", case.title), ("/caption", case.caption)]
    for number, slide in enumerate(case.slides):
        for name, value in (("alt_text", slide.alt_text), ("title", slide.title), ("caption", slide.caption)):
            texts.append((f"/slides/{number}/{name}", value))
    for field, value in texts:
        if found := _OPEN.search(value):
            message = f"{found[0]} looks like a placeholder that was not filled in."
            yield Finding(rule="placeholder-in-text", severity="warning", field=field, message=message, actual=found[0])


def tappable(case: Case) -> Iterator[Finding]:
    """No address stands where it is dead text."""
    found = _ADDRESS.search(case.caption)
    if found and case.placement.text.caption is not None and not case.placement.link.caption_clickable:
        yield Finding(
            rule="link-not-clickable",
            severity="warning",
            field="/caption",
            message=case.placement.link.note,
            actual=found[0],
            source=case.placement.link.source,
        )


def _too_long(case: Case, name: str, limit: Limit, field: str, value: str) -> Finding:
    length = limit.length(value)
    return Finding(
        rule=f"{name}-too-long",
        severity="error",
        field=field,
        message=f"{case.placement.name} takes {limit.max} {limit.unit} here, this has {length}.",
        limit=limit.max,
        actual=length,
        source=case.placement.text.source,
    )


def _warning(case: Case, rule: str, field: str, message: str) -> Finding:
    return Finding(rule=rule, severity="warning", field=field, message=message, source=case.placement.text.source)


RULES = RuleSet((lengths, shown, hashtags, mentions, finished, tappable))

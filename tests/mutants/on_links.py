"""Bugs in links, in what is counted of them, and in where orders come from."""

from tests.mutants.mutant import Mutant
from tests.mutants.mutant import one as _one

_L = "tests/social/links/"
ORIGIN = (f"{_L}test_origin.py", f"{_L}test_touches.py")
LANDINGS = (f"{_L}test_landings.py",)
VISITORS = (f"{_L}test_visitors.py",)

LINKS: tuple[Mutant, ...] = (
    _one(
        "a tap is folded again with what the checkpoint forgot",
        "social/links/duplicates.py",
        "hits = [each for each in hits if each.click_id not in stored]",
        "hits = list(hits)",
        (f"{_L}test_clicks.py", *LANDINGS),
    ),
    _one(
        "a second tap after half a minute is still the first one's",
        "social/links/duplicates.py",
        "at_ms - times[place - 1] < DUPLICATE_MS",
        "at_ms - times[place - 1] <= DUPLICATE_MS",
        (f"{_L}test_clicks.py",),
    ),
    _one(
        "a view that was folded before its second tap is counted beside the first one's",
        "social/links/clicks.py",
        "[each for each in new if each.click_id in duplicates]",
        "[]",
        LANDINGS,
    ),
    _one(
        "views do not wait for the taps that another process folds",
        "social/links/clicks.py",
        "if by_id or views:",
        "if by_id:",
        LANDINGS,
        "postgresql",
    ),
    _one(
        "what a second tap tells is given to a third",
        "social/links/landings.py",
        "return before[-1] if before else next(iter(counted), None)",
        "return counted[-1] if counted else None",
        LANDINGS,
    ),
    _one(
        "what an app fetched ahead is never the tap of who is shown it",
        "social/links/landings.py",
        'if tap is not None and tap.kind == "prefetch":',
        'if tap is not None and tap.kind == "nobody":',
        LANDINGS,
    ),
    _one(
        "the longest stay is counted beside the shorter one",
        "social/links/landings.py",
        "tally.stay(row.link_number, view.at_ms, row.seconds, row.in_app, -1)\n            tally",
        "tally",
        LANDINGS,
    ),
    _one(
        "the clicks of all posts are one post's",
        "social/links/tallies.py",
        'source.post_id or "", source.network',
        '"", source.network',
        (f"{_L}test_spans.py",),
    ),
    _one(
        "spans of days are written for the first span only",
        "social/links/tallies.py",
        "for span in SPANS:",
        "for span in SPANS[:1]:",
        (f"{_L}test_spans.py",),
    ),
    _one(
        "days beyond the end of a range are not taken off again",
        "social/links/spans.py",
        "1 if high < end else -1)",
        "1)",
        (f"{_L}test_spans.py",),
    ),
    _one(
        "a torn tail is read on",
        "social/links/spool.py",
        "len(payload) == length and zlib.crc32(payload) == checksum",
        "len(payload) == length",
        (f"{_L}test_spool.py",),
    ),
    _one(
        "a full spool goes on growing",
        "social/links/spool.py",
        "if self.waiting_bytes >= self._cap_bytes:",
        "if self.waiting_bytes >= self._cap_bytes * 100:",
        (f"{_L}test_spool.py",),
    ),
    _one(
        "the salts of visitors are kept for a day longer",
        "social/links/salts.py",
        "<= today - 2",
        "<= today - 3",
        (f"{_L}test_clicks.py", f"{_L}test_retention.py", *VISITORS),
    ),
    _one(
        "raw clicks are kept for a day longer",
        "social/links/retention.py",
        "today - timedelta(days=days)",
        "today - timedelta(days=days + 1)",
        (f"{_L}test_retention.py",),
    ),
    _one(
        "who objects by GPC is hashed",
        "social/links/visitors.py",
        'headers.get(b"sec-gpc") == b"1" or ',
        "",
        (*VISITORS, "tests/api/test_redirect.py"),
    ),
    _one(
        "the last byte of an address goes into the visitor's hash",
        "social/links/visitors.py",
        "inet_pton(AF_INET, address)[:3]",
        "inet_pton(AF_INET, address)",
        VISITORS,
    ),
    _one(
        "two spellings of a token are taken",
        "social/links/token.py",
        "urlsafe_b64encode(raw)[:LENGTH] != text.encode() or not",
        "not",
        (f"{_L}test_token.py",),
    ),
    _one(
        "a token never grows old",
        "social/links/token.py",
        "not now - window <= at <= now + SKEW",
        "not at <= now + SKEW",
        (f"{_L}test_token.py",),
    ),
    _one(
        "a code decides before the tap that was kept",
        "social/links/origin.py",
        "    yield from _signs_of_links(known, page)\n    if carried is not None and evidence.code is not None:\n"
        '        yield Sign("code", carried, "medium", evidence.code)\n',
        "    if carried is not None and evidence.code is not None:\n"
        '        yield Sign("code", carried, "medium", evidence.code)\n    yield from _signs_of_links(known, page)\n',
        ORIGIN,
    ),
    _one(
        "a code that two networks carry is given to the first",
        "social/links/origin.py",
        "return found[0] if len(found) == 1 else None",
        "return found[0]",
        ORIGIN,
    ),
    _one(
        "a host that ends like a network's is that network's",
        "social/links/origin.py",
        'host.endswith(f".{each}")',
        "host.endswith(each)",
        ORIGIN,
    ),
    _one(
        "a link leads on in the moment of its end",
        "social/links/choices.py",
        "self.opens_ms <= at_ms < self.closes_ms",
        "self.opens_ms <= at_ms <= self.closes_ms",
        (f"{_L}test_choices.py",),
    ),
    _one(
        "secrets in an address are handed on",
        "social/links/passing.py",
        "value.isprintable() and not sensitive(name, value)",
        "value.isprintable()",
        (f"{_L}test_permalink.py", "tests/api/pages/test_permalinks.py"),
    ),
    _one(
        "revenue of one network's posts is all networks'",
        "insights/ways.py",
        'return conditions({"network": rows.c.network}, given)',
        "return []",
        ("tests/api/test_funnel.py",),
    ),
    _one(
        "a conversion is told where a range of days cuts through it",
        "insights/figures.py",
        "if not trials or successes > trials:",
        "if not trials:",
        ("tests/api/test_funnel.py",),
    ),
)

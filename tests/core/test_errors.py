"""Refusals: facts with a title, a status and a slug of their own."""

import re
from collections.abc import Iterator

import pytest

from core import errors
from core.errors import Gone, Refusal, TooManyRequests, Unavailable
from tests.house.source import import_everything


def descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """Every refusal of the house."""
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def ours() -> list[type[Refusal]]:
    """Those that the rooms define, once each."""
    import_everything()
    return [kind for kind in set(descendants(Refusal)) if not kind.__module__.startswith("tests")]


def test_the_docstring_is_the_title() -> None:
    assert Gone.title() == "What was here is gone for good"
    assert Gone().detail == "What was here is gone for good."


def test_facts_stay_beside_the_detail() -> None:
    refusal = Gone("It went in May.", month="May")
    assert (refusal.detail, refusal.facts, str(refusal)) == ("It went in May.", {"month": "May"}, "It went in May.")


def test_what_passes_by_itself_says_when_to_come_back() -> None:
    assert TooManyRequests().retry_after == 1
    assert Unavailable("Stripe is away.", retry_after=30).retry_after == 30


def test_every_refusal_has_a_title_a_slug_and_a_client_or_server_status() -> None:
    kinds = ours()
    assert len(kinds) > 20
    assert [kind for kind in kinds if not kind.__doc__ or not kind.title() or kind.title().endswith(".")] == []
    assert [kind for kind in kinds if not re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)] == []
    assert [kind for kind in kinds if not 400 <= kind.status < 600] == []


def test_no_two_refusals_share_a_slug() -> None:
    kinds = ours()
    slugs = [kind.slug for kind in kinds if "slug" in vars(kind)]
    assert sorted(slugs) == sorted(set(slugs))
    assert [kind for kind in kinds if "slug" not in vars(kind)] == [], "a refusal without a slug borrows its parent's"


@pytest.mark.parametrize(("version", "wanted"), [(3, 3), (3, None)])
def test_the_version_that_was_read_may_be_changed(version: int, wanted: int | None) -> None:
    errors.expect(version, wanted)
    assert version == 3, "it did not refuse"


def test_a_stale_version_is_refused_with_the_present_one() -> None:
    with pytest.raises(errors.PreconditionFailed) as refused:
        errors.expect(4, 3)
    assert refused.value.facts == {"version": 4}

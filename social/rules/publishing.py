"""What is left to do before the calls of the kit can be sent."""

from collections.abc import Iterator

from social.rule import Case, Finding, RuleSet


def living(case: Case) -> Iterator[Finding]:
    """The post was not put away."""
    if case.archived:
        yield Finding(rule="post-archived", severity="error", field="/status", message="The post is archived.")


def placeholders(case: Case) -> Iterator[Finding]:
    """Every name in braces in the calls is filled in by who sends them."""
    for each in case.placeholders:
        yield Finding(
            rule="placeholder-open", severity="warning", field="/network", message=each.meaning, actual=each.name
        )


RULES = RuleSet((living, placeholders))

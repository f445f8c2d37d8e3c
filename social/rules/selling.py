"""Whether people who come can buy: products on sale, and links that lead there."""

from collections.abc import Iterator

from social import addresses
from social.captions import Shown
from social.rule import Case, Finding, RuleSet, Severity


def products(case: Case) -> Iterator[Finding]:
    """Every product can be bought now."""
    for number, shown in enumerate(case.products):
        if found := _unsold(shown):
            rule, severity, why = found
            message = f"{shown.title} {why}."
            yield Finding(rule=rule, severity=severity, field=f"/products/{number}", message=message)


def links(case: Case) -> Iterator[Finding]:
    """Every link is one that the network takes and that people can reach."""
    rule = case.placement.link
    for number, url in enumerate(case.links):
        field = f"/products/{number}/url"
        if len(url) > rule.max_length:
            yield Finding(
                rule="link-too-long",
                severity="error",
                field=field,
                message=f"{case.placement.name} takes a link of {rule.max_length} characters.",
                limit=rule.max_length,
                actual=len(url),
                source=rule.source,
            )
        if not addresses.is_public(url):
            message = "Nobody but this machine or network can open the link: set a public address."
            yield Finding(rule="link-not-public", severity="error", field=field, message=message, actual=url)
        if not addresses.is_https(url):
            yield Finding(
                rule="link-not-https",
                severity="error" if rule.https else "warning",
                field=field,
                message="The link is not https.",
                limit="https",
                actual=url,
                source=rule.source,
            )


def _unsold(shown: Shown) -> tuple[str, Severity, str] | None:
    if not shown.living:
        return "product-archived", "error", "is archived, or this variant is"
    if not shown.on_sale:
        return "product-not-active", "error", "is a draft: nobody can open its page"
    if shown.amount is None:
        return "product-without-price", "error", "has no price in the shop's currency"
    if not shown.in_stock:
        return "product-sold-out", "warning", "is sold out"
    return None


RULES = RuleSet((products, links))

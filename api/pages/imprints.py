"""Who sells and on which terms, as every page of a shop says it (docs/legal.md)."""

import re

from api.pages.messages import Messages
from api.pages.views import Fact, Imprint, Terms
from checkout.shipping import countries
from core import legal
from core.legal import Legal, PostalAddressOut
from core.shops import Shop

_DIALLED = re.compile(r"[^0-9+]")
# `+33 (0)4`: the nought is dialled inside of the country alone. Italy's and San Marino's is a part of the number.
_INLAND = re.compile(r"^(\+(?!\s*(?:39|378)\b)[1-9][0-9 .-]*)\(0\)")


def of_shop(shop: Shop, texts: Messages) -> Imprint | None:
    """What stands at the foot of the pages; None for a shop that has said nothing yet."""
    facts = legal.read(shop.legal)
    address = _address(facts.address, texts) if facts.address else ""
    links = (
        (texts.terms_link, facts.terms_url),
        (texts.returns_link, facts.returns_url),
        (texts.privacy_link, facts.privacy_url),
        (texts.withdraw, facts.withdrawal_url),
    )
    told = (
        Fact(name=texts.seller, text=facts.name or ""),
        Fact(name=texts.address, text=address),
        Fact(name=texts.email, text=facts.email or "", url=f"mailto:{facts.email}"),
        Fact(name=texts.phone, text=facts.phone or "", url=_dialled(facts.phone or "")),
        Fact(name=texts.registration, text=facts.registration or "", by_merchant=True),
        Fact(name=texts.vat_number, text=facts.vat_number or ""),
        Fact(name=texts.publisher, text=facts.publisher or ""),
        Fact(name=texts.host, text=facts.host or "", by_merchant=True),
        Fact(name=texts.withdrawal, text=_withdrawal(facts, texts)),
        Fact(name=texts.mediator, text=facts.mediator or "", by_merchant=True),
    )
    found = Imprint(
        identity=" · ".join(each for each in (facts.name or shop.name, address) if each),
        links=tuple((label, url) for label, url in links if url),
        facts=tuple(each for each in told if each.text),
    )
    return found if found.links or found.facts else None


def terms(shop: Shop, texts: Messages) -> Terms:
    """What is said of terms beside the button that buys, and on the order's page."""
    facts = legal.read(shop.legal)
    within = texts.returns_free if facts.return_cost == "shop" else texts.returns_within
    return Terms(
        returns=within.format(n=facts.return_days) if facts.return_days else "",
        returns_url=facts.returns_url or "",
        conditions_url=facts.terms_url or "",
        withdrawal_url=facts.withdrawal_url or "",
    )


def _dialled(phone: str) -> str:
    return "tel:" + _DIALLED.sub("", _INLAND.sub(r"\1", phone))


def _address(where: PostalAddressOut, texts: Messages) -> str:
    town = "\N{NO-BREAK SPACE}".join(each for each in (where.postcode, where.city) if each)
    return ", ".join((*where.lines, town, countries.name(where.country, texts.locale)))


def _withdrawal(facts: Legal, texts: Messages) -> str:
    if not facts.return_days:
        return ""
    cost = {"shop": texts.return_paid, "buyer": texts.return_unpaid}.get(facts.return_cost or "", "")
    return " ".join(each for each in (texts.withdrawal_days.format(n=facts.return_days), cost) if each)

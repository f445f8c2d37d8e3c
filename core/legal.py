"""Who sells, and on which terms: what European and French law want a shop's pages to say (docs/legal.md says where).

Everything may be missing: what the law wants depends on who sells, and only the merchant knows that.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.wire import UNSET, In, Line, Out, Title, UnsetType, Word

# A host in letters (an IDN in its ASCII form), nobody's name before it, nothing that could end an attribute or a line.
HttpsUrl = Annotated[
    str,
    Meta(
        min_length=11,
        max_length=500,
        pattern=r"^https://[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::[0-9]{1,5})?"
        r"(?:[/?#][A-Za-z0-9/._~:?#@!$&'()*+,;=%-]*)?$",
        description="https, and a host in lower case.",
    ),
]
Email = Annotated[
    str,
    Meta(
        min_length=6,
        max_length=254,
        pattern=r"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$",
    ),
]
Phone = Annotated[str, Meta(min_length=6, max_length=30, pattern=r"^\+?[0-9(][0-9 ().-]*[0-9]$")]
VatNumber = Annotated[str, Meta(min_length=4, max_length=15, pattern=r"^[A-Z]{2}[A-Z0-9+*]{2,13}$")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", min_length=2, max_length=2, description="ISO 3166-1 alpha-2.")]
Days = Annotated[int, Meta(ge=1, le=365)]
ReturnCost = Annotated[Literal["buyer", "shop"], Meta(description="Who pays for sending a return.")]
# The Union, and those of the EEA whose law follows the same directives.
EUROPE = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())
LEAST_DAYS = 14
"""Directive 2011/83/EU, article 9: so many days to withdraw from a contract that was made at a distance."""


class PostalAddress(In, kw_only=True):
    """Where the seller is established: street and number in one to three lines."""

    lines: Annotated[list[Title], Meta(min_length=1, max_length=3)]
    postcode: Annotated[str, Meta(max_length=20, pattern=r"^[A-Za-z0-9 -]*$")] = ""
    city: Word
    country: Country


class LegalChange(In, kw_only=True):
    """Who sells and on which terms; what is absent stays, null takes it away.

    `name` is the legal name, `registration` the register and number (SIREN, RCS, capital), `publisher` who answers for
    what is published, `host` who runs the servers, `mediator` the consumer mediator. `return_days` are counted from
    delivery; `withdrawal_url` is the page on which a buyer withdraws from the contract.
    """

    name: Title | UnsetType | None = UNSET
    address: PostalAddress | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    registration: Line | UnsetType | None = UNSET
    vat_number: VatNumber | UnsetType | None = UNSET
    publisher: Title | UnsetType | None = UNSET
    host: Line | UnsetType | None = UNSET
    mediator: Line | UnsetType | None = UNSET
    terms_url: HttpsUrl | UnsetType | None = UNSET
    privacy_url: HttpsUrl | UnsetType | None = UNSET
    returns_url: HttpsUrl | UnsetType | None = UNSET
    withdrawal_url: HttpsUrl | UnsetType | None = UNSET
    return_days: Days | UnsetType | None = UNSET
    return_cost: ReturnCost | UnsetType | None = UNSET


class PostalAddressOut(Out, kw_only=True, frozen=True):
    """Where the seller is established."""

    lines: list[str]
    postcode: str
    city: str
    country: str


class Legal(Out, kw_only=True, frozen=True):
    """Who sells and on which terms, as far as the shop has said it."""

    name: str | None
    address: PostalAddressOut | None
    email: str | None
    phone: str | None
    registration: str | None
    vat_number: str | None
    publisher: str | None
    host: str | None
    mediator: str | None
    terms_url: str | None
    privacy_url: str | None
    returns_url: str | None
    withdrawal_url: str | None
    return_days: int | None
    return_cost: ReturnCost | None


def nothing() -> dict[str, object]:
    """What a new shop says."""
    return dict.fromkeys(Legal.__struct_fields__)


def read(kept: Mapping[str, object]) -> Legal:
    """What a shop's row keeps."""
    return msgspec.convert(kept, Legal)


def changed(kept: Mapping[str, object], data: LegalChange) -> dict[str, object]:
    """What a shop keeps after a change."""
    wanted = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    return {**nothing(), **kept, **msgspec.to_builtins(wanted)}


def missing(facts: Legal, country: str) -> tuple[str, ...]:
    """What a shop of this country that sells to consumers would have to say and does not, by the names of its fields.

    Directive 2000/31/EC, article 5; directive 2011/83/EU, articles 6, 9 and 11a; for France also the Code de la
    consommation, articles L616-1 (mediator), and law 2004-575, article 1-1 (publisher, host).
    """
    if country not in EUROPE:
        return ()
    wanted = ["name", "address", "email", "phone", "terms_url", "privacy_url", "return_days", "withdrawal_url"]
    wanted += ["registration", "publisher", "host", "mediator"] if country == "FR" else []
    absent = [each for each in wanted if not getattr(facts, each)]
    is_short = facts.return_days is not None and facts.return_days < LEAST_DAYS
    return (*absent, *((f"return_days ≥ {LEAST_DAYS}",) if is_short else ()))

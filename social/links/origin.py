"""Where a buyer came from: the first sign that decides, how sure it is, and every sign there was.

Order of networks.md 8.4: signed link, `cart_origin`, click identifier, `utm_source`, referrer, in-app browser,
`fbclid` alone (one of Meta's networks), nothing. What nobody can tell stays `unknown` and is never spread over
the others.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from sqlmodel import select

from core.db import AsyncSession
from core.secrets import Vault
from core.shops import Shop
from social.links import strangers, token, visitors
from social.links.clicks import UNKNOWN
from social.links.models import Link

Method = Literal["token", "link", "cart_origin", "click_id", "utm", "referrer", "in_app", "none"]
Confidence = Literal["explicit", "high", "medium", "low", "none"]

# Meta's checkout addresses say which of its surfaces sent the cart (networks.md 6.1).
_CART_ORIGINS = {"facebook": "facebook", "instagram": "instagram", "meta_shops": "meta"}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing or a checkout brought along; everything but the token may be anybody's invention.

    `click_ids` are the query parameters by their exact names, `fbclid` among them.
    """

    click_token: str | None = None
    cart_origin: str | None = None
    utm_source: str | None = None
    click_ids: Mapping[str, str] = {}
    referrer: str | None = None
    user_agent: str | None = None

    @classmethod
    def of_query(cls, query: Mapping[str, str], referrer: str | None, user_agent: str | None) -> "Evidence":
        """From a landing's address and headers; `sl` carries the token."""
        return cls(
            click_token=query.get("sl"),
            cart_origin=query.get("cart_origin"),
            utm_source=query.get("utm_source"),
            click_ids={name: value for name, value in query.items() if is_click_id(name)},
            referrer=referrer,
            user_agent=user_agent,
        )


class Sign(msgspec.Struct, frozen=True):
    """One thing that points to a network. `value` never holds an identifier of a person."""

    method: Method
    network: str
    confidence: Confidence
    value: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What an order keeps for ever. `click_id` is 32 hexadecimal digits; `evidence` has the deciding sign first.

    `variant` is the arm of the link's experiment, 0 without one.
    """

    network: str = UNKNOWN
    post_id: str | None = None
    link_id: str | None = None
    placement: str | None = None
    campaign: str | None = None
    creator_id: str | None = None
    variant: int = 0
    click_id: str | None = None
    method: Method = "none"
    confidence: Confidence = "none"
    evidence: tuple[Sign, ...] = ()


async def resolve(session: AsyncSession, shop: Shop, vault: Vault, evidence: Evidence, now: datetime) -> Origin:
    """Where the buyer came from. A token of another shop's link, a forged or an old one counts for nothing."""
    click = token.read(vault, evidence.click_token, now) if evidence.click_token else None
    link = None
    if click is not None:
        chosen = select(Link).where(Link.shop_id == shop.id, Link.number == click.link_number)
        link = (await session.exec(chosen)).first()
    signs = tuple(_signs(link, evidence))
    first = signs[0] if signs else Sign("none", UNKNOWN, "none", "")
    origin = Origin(network=first.network, method=first.method, confidence=first.confidence, evidence=signs)
    if link is None or click is None:
        return origin
    return msgspec.structs.replace(
        origin,
        post_id=link.post_id,
        link_id=link.id,
        placement=link.placement,
        campaign=link.campaign,
        creator_id=link.creator_id,
        variant=click.variant,
        click_id=click.click_id.hex(),
    )


def _signs(link: Link | None, evidence: Evidence) -> Iterator[Sign]:
    """Every sign, the strongest first. A link that names no network leaves that to the others."""
    if link is not None and link.network is not None:
        yield Sign("token", link.network, "explicit", link.slug)
    if (network := _CART_ORIGINS.get(evidence.cart_origin or "")) is not None:
        yield Sign("cart_origin", network, "high", evidence.cart_origin or "")
    for name in evidence.click_ids:
        if (network := _click_id_names().get(name)) is not None:
            yield Sign("click_id", network, "high", name)
    source = (evidence.utm_source or "").lower()
    if (network := _utm_sources().get(source)) is not None:
        yield Sign("utm", network, "high", source)
    host = host_of(evidence.referrer or "")
    if host is not None and (network := network_of_host(host)) is not None:
        yield Sign("referrer", network, "medium", host)
    agent = visitors.agent((evidence.user_agent or "").encode("latin-1", "replace"))
    if agent.in_app is not None:
        yield Sign("in_app", agent.in_app, "medium", agent.in_app)
    if "fbclid" in evidence.click_ids:
        yield Sign("click_id", "meta", "low", "fbclid")


@lru_cache(maxsize=4096)
def host_of(referrer: str) -> str | None:
    """The host of a Referer, lower case, or the package of `android-app://PACKAGE/`; None where there is none."""
    try:
        host = urlsplit(referrer[:2048]).hostname
    except ValueError:
        return None
    return host if host and _HOST.fullmatch(host) else None


@lru_cache(maxsize=4096)
def network_of_host(host: str) -> str | None:
    """The network that a host or an Android package belongs to."""
    for network, rule in strangers.rules():
        if host in rule.packages or any(host == each or host.endswith(f".{each}") for each in rule.hosts):
            return network
        if rule.host_pattern is not None and re.search(rule.host_pattern, host):
            return network
    return None


def is_click_id(name: str) -> bool:
    """Whether this is the name of a click identifier that some network adds to addresses."""
    return name in _click_id_names() or name == "fbclid"


@cache
def _click_id_names() -> Mapping[str, str]:
    return {name: network for network, rule in strangers.rules() for name in rule.click_ids}


@cache
def _utm_sources() -> Mapping[str, str]:
    known = {network: network for network, _ in strangers.rules()}
    return known | {source: network for network, rule in strangers.rules() for source in rule.utm_sources}

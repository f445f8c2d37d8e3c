"""Where a buyer came from: the first sign that decides, how sure it is, and every sign there was.

The signs in their order (links.md 2.4 and networks.md 8.4): the signed token of a tap; the link whose page this is;
tokens kept from earlier taps, the newest first; a discount code that only one network's links carry; `cart_origin`,
click identifiers, `utm_source`; the referrer; an in-app browser; `fbclid` alone (one of Meta's networks); nothing.
What nobody can tell stays `unknown` and is never spread over the others.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession
from core.secrets import Vault
from core.shops import Shop
from social import creators
from social.links import strangers, touches, visitors
from social.links.clicks import UNKNOWN
from social.links.models import Link
from social.links.touches import Touch

Method = Literal[
    "token", "link", "cookie", "code", "cart_origin", "click_id", "utm", "referrer", "in_app", "none"
]  # fmt: skip
Confidence = Literal["explicit", "high", "medium", "low", "none"]

# Meta's checkout addresses say which of its surfaces sent the cart (networks.md 6.1).
_CART_ORIGINS = {"facebook": "facebook", "instagram": "instagram", "meta_shops": "meta"}
# More than any campaign has; whoever sends more plays.
_MOST_PARAMETERS = 200
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing or a checkout brought along; everything but the tokens may be anybody's invention.

    `click_ids` are the query parameters by their exact names, `fbclid` among them. `kept` are tokens of earlier taps,
    from a cookie or a front end, the newest first. `code` is a discount's that the buyer typed.
    """

    click_token: str | None = None
    kept: tuple[str, ...] = ()
    code: str | None = None
    cart_origin: str | None = None
    utm_source: str | None = None
    click_ids: Mapping[str, str] = {}
    referrer: str | None = None
    user_agent: str | None = None

    @classmethod
    def of_address(cls, address: str, referrer: str | None, user_agent: str | None) -> "Evidence":
        """From the whole address that somebody landed on, as a front end tells it; an odd one tells nothing."""
        try:
            pairs = parse_qsl(urlsplit(address).query, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            pairs = []
        return cls.of_query(once(pairs), referrer, user_agent)

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
    """What an order keeps for ever. `evidence` has the deciding sign first, `touches` all taps, the oldest first.

    `click_id` (32 hexadecimal digits) and `click_token` are those of the tap that gets the order, and `variant` is the
    arm of its link's experiment, 0 without one.
    """

    network: str = UNKNOWN
    post_id: str | None = None
    link_id: str | None = None
    placement: str | None = None
    campaign: str | None = None
    creator_id: str | None = None
    variant: int = 0
    click_id: str | None = None
    click_token: str | None = None
    method: Method = "none"
    confidence: Confidence = "none"
    evidence: tuple[Sign, ...] = ()
    touches: tuple[Touch, ...] = ()

    @property
    def in_app(self) -> str | None:
        """The network whose app's browser the buyer was in, or None."""
        return next((each.network for each in self.evidence if each.method == "in_app"), None)


async def resolve(
    session: AsyncSession, shop: Shop, vault: Vault, evidence: Evidence, now: datetime, page: Link | None = None
) -> Origin:
    """Where the buyer came from. A token of another shop's link, a forged or an old one counts for nothing.

    `page` is the link whose page the buyer stands on: it says which network and post it was made for, only not which
    tap it was.
    """
    known = await touches.read(session, shop, vault, evidence.click_token, evidence.kept, now)
    carried = await _network_of_code(session, shop, evidence.code)
    signs = tuple(_signs(known, page, evidence, carried))
    first = signs[0] if signs else Sign("none", UNKNOWN, "none", "")
    origin = Origin(
        network=first.network, method=first.method, confidence=first.confidence, evidence=signs, touches=known
    )
    return _credited(origin, known, page)


def shown_by(origin: Origin, link: Link) -> Origin:
    """The same, of a buyer who has tapped the product in the picture of a post in the shop's own gallery.

    The picture has sold it, so its post gets the order unless a tap's own post does. Where the buyer came to the
    gallery from is another matter: the network stays what the signs say, and a tap that is known keeps its link.
    """
    if origin.post_id is not None:
        return origin
    if origin.link_id is not None:
        return msgspec.structs.replace(origin, post_id=link.post_id)
    return msgspec.structs.replace(
        origin,
        post_id=link.post_id,
        link_id=link.id,
        placement="bio",
        campaign=link.campaign,
        creator_id=link.creator_id,
    )


def _credited(origin: Origin, known: Sequence[Touch], page: Link | None) -> Origin:
    """With the post and link that get the order: those of the tap of the address, of the page, or of the last tap."""
    tap = next((each for each in known if each.via == "token"), None)
    if tap is None and page is not None:
        tap = next((each for each in reversed(known) if each.link_id == page.id), None)
        if tap is None:
            return msgspec.structs.replace(
                origin,
                post_id=page.post_id,
                link_id=page.id,
                placement=page.placement,
                campaign=page.campaign,
                creator_id=page.creator_id,
            )
    tap = tap or (known[-1] if known else None)
    if tap is None:
        return origin
    return msgspec.structs.replace(
        origin,
        post_id=tap.post_id,
        link_id=tap.link_id,
        placement=tap.placement,
        campaign=tap.campaign,
        creator_id=tap.creator_id,
        variant=tap.variant,
        click_id=tap.click_id,
        click_token=tap.token,
    )


def _signs(known: Sequence[Touch], page: Link | None, evidence: Evidence, carried: str | None) -> Iterator[Sign]:
    """Every sign, the strongest first."""
    yield from _signs_of_links(known, page)
    if carried is not None and evidence.code is not None:
        yield Sign("code", carried, "medium", evidence.code)
    yield from _signs_of_address(evidence)
    yield from _signs_of_browser(evidence)


def _signs_of_links(known: Sequence[Touch], page: Link | None) -> Iterator[Sign]:
    """A link that names no network leaves that to the others."""
    for tap in known:
        if tap.via == "token" and tap.network is not None:
            yield Sign("token", tap.network, "explicit", tap.slug)
    if page is not None and page.network is not None:
        yield Sign("link", page.network, "high", page.slug)
    for tap in reversed(known):
        if tap.via == "cookie" and tap.network is not None:
            yield Sign("cookie", tap.network, "high", tap.slug)


def _signs_of_address(evidence: Evidence) -> Iterator[Sign]:
    if (network := _CART_ORIGINS.get(evidence.cart_origin or "")) is not None:
        yield Sign("cart_origin", network, "high", evidence.cart_origin or "")
    for name, network in _click_id_names().items():  # In an order of our own: an address may have them in any.
        if name in evidence.click_ids:
            yield Sign("click_id", network, "high", name)
    source = (evidence.utm_source or "").lower()
    if (network := _utm_sources().get(source)) is not None:
        yield Sign("utm", network, "high", source)


def _signs_of_browser(evidence: Evidence) -> Iterator[Sign]:
    host = host_of(evidence.referrer or "")
    if host is not None and (network := network_of_host(host)) is not None:
        yield Sign("referrer", network, "medium", host)
    agent = visitors.visit((evidence.user_agent or "").encode("latin-1", "replace"))
    if agent.in_app is not None:
        yield Sign("in_app", agent.in_app, "medium", agent.in_app)
    if "fbclid" in evidence.click_ids:
        yield Sign("click_id", "meta", "low", "fbclid")


async def _network_of_code(session: AsyncSession, shop: Shop, code: str | None) -> str | None:
    """The network that a discount's code was given out on: where all links that carry it and name one agree.

    Where none does, it is the one where the creator whose code it is is at home.
    """
    if code is None:
        return None
    carrying = (
        select(Link.network)
        .where(Link.shop_id == shop.id, col(Link.discount_code).is_not(None), col(Link.network).is_not(None))
        .where(sa.func.upper(col(Link.discount_code)) == code.upper())
        .distinct()
        .limit(2)
    )
    found = (await session.exec(carrying)).all()
    if not found:
        return await creators.home_of_code(session, shop, code.upper())
    return found[0] if len(found) == 1 else None


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


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; one that comes twice with different values contradicts itself and counts for nothing."""
    found: dict[str, set[str]] = {}
    for name, value in pairs:
        found.setdefault(name, set()).add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


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

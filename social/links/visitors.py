"""Who hit a link: a person, an app that looks ahead, a link preview, a robot. Nobody is turned away for it.

The order that keeps in-app browsers people: named robots, app prefetchers, prefetch headers, in-app browsers,
then the general words of robots. A robot's hit is stored and redirected, but never counted.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Literal, NamedTuple

from social.links import strangers
from social.links.crawlers import GENERIC

Kind = Literal["human", "prefetch", "preview", "bot", "head"]
Device = Literal["phone", "tablet", "computer", "other"]

_LONGEST_AGENT = 1024
# Programs that read a page to show it inside a message or a post: they get the card.
_PREVIEW = re.compile(
    r"facebookexternalhit|meta-externalhit|pinterestbot|pinterest/0\.|pinterest\.com/bot|twitterbot|linkedinbot|slackbot"
    r"|telegrambot|discordbot|snap url preview|snapurlpreview|redditbot|skypeuripreview|vkshare|flipboardproxy"
    r"|bluesky|mastodon/|iframely|embedly|^whatsapp|^viber|^tumblr/",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"facebookcatalog|facebookbot|meta-externalagent|meta-externalads|meta-externalfetcher|meta-webindexer|slack-imgproxy"
    r"|googlebot|storebot-google|google-inspectiontool|adsbot-google|googleother|mediapartners-google"
    r"|feedfetcher-google|tiktokspider|bytespider|snapchatads|bingbot|linespider|applebot",
    re.IGNORECASE,
)
# The network layer of an app, which fetches a page before anybody taps; TikTok's says so by its own name.
_AHEAD = re.compile(
    r"^(?:Pinterest|LinkedIn|Twitter|Viber|Instagram|Facebook|WhatsApp)/[\d.]+ CFNetwork/"
    r"|^com\.zhiliaoapp\.musically/|^com\.ss\.android\.ugc\.trill/|thirdLandingPageFeInfra"
)
_PURPOSES = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_GENERIC = re.compile("|".join(GENERIC), re.IGNORECASE)
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Android")


class Agent(NamedTuple):
    """What a user agent says. `decided` where no header can change the kind."""

    kind: Kind
    decided: bool
    in_app: str | None
    device: Device


class Visit(NamedTuple):
    """What is kept of who came."""

    kind: Kind
    in_app: str | None
    device: Device


def look(method: str, headers: Mapping[bytes, bytes]) -> Visit:
    """Who came, by lower-case header names. The user agent itself is not part of the answer."""
    user_agent = headers.get(b"user-agent", b"")
    if method == "GET" and _PURPOSES.isdisjoint(headers):
        return _visit(user_agent)
    known = agent(user_agent)
    kind = known.kind
    if method == "HEAD":
        kind = "head"
    elif not known.decided and _looks_ahead(headers):
        kind = "prefetch"
    return Visit(kind, known.in_app, known.device)


def classify(method: str, headers: Mapping[bytes, bytes]) -> Kind:
    """What kind of hit it was, by lower-case header names."""
    return look(method, headers).kind


def _looks_ahead(headers: Mapping[bytes, bytes]) -> bool:
    if _PURPOSES.isdisjoint(headers):
        return False
    values = [headers.get(name, b"") for name in _PURPOSES]
    return any(word in value for value in values for word in (b"prefetch", b"preview", b"prerender"))


@lru_cache(maxsize=8192)
def _visit(user_agent: bytes) -> Visit:
    known = agent(user_agent)
    return Visit(known.kind, known.in_app, known.device)


@lru_cache(maxsize=8192)
def agent(user_agent: bytes) -> Agent:
    """What a user agent says; remembered, because the general words cost a third of a millisecond."""
    text = user_agent[:_LONGEST_AGENT].decode("latin-1").strip()
    app = in_app(text)
    device = _device(text)
    if _AHEAD.search(text):
        return Agent("prefetch", True, None, device)
    if _PREVIEW.search(text):
        return Agent("preview", True, None, device)
    if _NAMED.search(text):
        return Agent("bot", True, None, device)
    if app is not None and text.startswith("Mozilla/"):
        return Agent("human", False, app, device)
    if not text or _GENERIC.search(text):
        return Agent("bot", False, None, device)
    return Agent("human", False, app, device)


def in_app(user_agent: str) -> str | None:
    """The network whose in-app browser this is, or None."""
    for network, pattern in _in_app_patterns():
        if pattern.search(user_agent):
            return network
    return None


@cache
def _in_app_patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(network, re.compile(rule.in_app)) for network, rule in strangers.rules() if rule.in_app]


def _device(text: str) -> Device:
    if _TABLET.search(text):
        return "tablet"
    if _PHONE.search(text):
        return "phone"
    return "computer" if text.startswith("Mozilla/") else "other"


def objects(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the visitor asks not to be tracked (Global Privacy Control, Do Not Track): no visitor hash then."""
    return headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1"


def visitor_day(salt: bytes, address: str, user_agent: bytes, place: bytes) -> bytes:
    """Eight bytes that tell visitors of one day apart, and nothing once the day's salt is gone.

    `address` is cut to /24 or /48 first; `place` is the host and the shop, so that shops cannot compare.
    """
    message = b"%b|%b|%b" % (_prefix(address), user_agent, place)
    return hashlib.blake2b(message, key=salt, digest_size=8).digest()


@lru_cache(maxsize=8192)
def _prefix(address: str) -> bytes:
    try:
        parsed = ip_address(address)
    except ValueError:
        return b""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return parsed.packed[:6]
        parsed = parsed.ipv4_mapped
    return parsed.packed[:3]

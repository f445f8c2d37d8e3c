"""Who hit a link: a person, an app that looks ahead, a link preview, a robot. Nobody is turned away for it.

The order that keeps in-app browsers people: app prefetchers, link previews, named robots, monitors, in-app browsers,
then the general words of robots; a header that looks ahead counts with whoever may be a person. A robot's hit is stored
and redirected, but never counted.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from socket import AF_INET, inet_pton
from typing import Literal, NamedTuple

from social.links import strangers
from social.links.crawlers import GENERIC, SIGNS
from social.links.words import Words

Kind = Literal["human", "prefetch", "preview", "bot", "monitor", "head"]
# What may have come of a person, now or in a moment.
PEOPLE: frozenset[Kind] = frozenset(("human", "prefetch"))
Device = Literal["phone", "tablet", "computer", "other"]

_LONGEST_AGENT = 1024
# Programs that read a page to show it inside a message or a post: they get the card.
_PREVIEW = Words(
    (
        "facebookexternalhit", "meta-externalhit", "pinterestbot", r"pinterest/0\.", r"pinterest\.com/bot",
        "twitterbot", "linkedinbot", "slackbot", "telegrambot", "discordbot", "snap url preview", "snapurlpreview",
        "redditbot", "skypeuripreview", "vkshare", "flipboardproxy", "bluesky", "mastodon/", "iframely", "embedly",
        "^whatsapp", "^viber", "^tumblr/",
    )
)  # fmt: skip
_NAMED = Words(
    (
        "facebookcatalog", "facebookbot", "meta-externalagent", "meta-externalads", "meta-externalfetcher",
        "meta-webindexer", "slack-imgproxy", "googlebot", "storebot-google", "google-inspectiontool", "adsbot-google",
        "googleother", "mediapartners-google", "feedfetcher-google", "tiktokspider", "bytespider", "snapchatads",
        "bingbot", "brandverity", "linespider", "applebot",
    )
)  # fmt: skip
# Programs that look whether a page still answers, often every minute and for years.
_MONITORS = Words(
    (
        "uptimerobot", "pingdom", "statuscake", "site24x7", "better uptime bot", "betterstack", "better stack",
        "uptime-kuma", r"uptime\.com", r"updown\.io", "uptimia", "hetrixtools", "freshping", "montastic", "nodeping",
        "datadogsynthetics", "datadog/synthetics", "newrelicpinger", "newrelic synthetics", "checkly", "catchpoint",
        "stackdriver", "cloudwatchsynthetics", "route53-health-check", "route 53 health check", "elb-healthchecker",
        "googlehc/", "cloudflare-healthchecks", "kube-probe", "check_http", "zabbix", "icinga", "prtg", "^monit/",
        "blackbox exporter", "blackbox-exporter", "^prometheus/", "ohdear",
    )
)  # fmt: skip
# The network layer of an app, which fetches a page before anybody taps; TikTok's says so by its own name.
_AHEAD = re.compile(
    r"^(?:Pinterest|LinkedIn|Twitter|Viber|Instagram|Facebook|WhatsApp)/[\d.]+ CFNetwork/"
    r"|^com\.zhiliaoapp\.musically/|^com\.ss\.android\.ugc\.trill/|thirdLandingPageFeInfra"
)
_PURPOSES = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_SAYING = _PURPOSES | {b"sec-gpc", b"dnt"}
_GENERIC = Words(GENERIC, SIGNS)
_WHERE = re.compile(r"\\b|\(\?<!\^\)")
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Android")


class Visit(NamedTuple):
    """What is kept of who came."""

    kind: Kind
    in_app: str | None
    device: Device


def look(method: str, headers: Mapping[bytes, bytes]) -> Visit:
    """Who came, by lower-case header names. The user agent itself is not part of the answer."""
    user_agent = headers.get(b"user-agent", b"")
    if method == "GET" and _PURPOSES.isdisjoint(headers):
        return visit(user_agent)
    kind, app, device = visit(user_agent)
    if method == "HEAD":
        kind = "head"
    elif kind == "human" and _looks_ahead(headers):
        kind = "prefetch"
    return Visit(kind, app, device)


def classify(method: str, headers: Mapping[bytes, bytes]) -> Kind:
    """What kind of hit it was, by lower-case header names."""
    return look(method, headers).kind


def _looks_ahead(headers: Mapping[bytes, bytes]) -> bool:
    if _PURPOSES.isdisjoint(headers):
        return False
    values = [headers.get(name, b"") for name in _PURPOSES]
    return any(word in value for value in values for word in (b"prefetch", b"preview", b"prerender"))


def visit(user_agent: bytes) -> Visit:
    """Who came, as far as the beginning of the user agent says. It is remembered: to look costs as much as a tap."""
    return _visit(user_agent[:_LONGEST_AGENT])


@lru_cache(maxsize=16_384)
def _visit(user_agent: bytes) -> Visit:
    text = user_agent.decode("latin-1").strip()
    app = in_app(text)
    device = _device(text)
    if _AHEAD.search(text):
        return Visit("prefetch", None, device)
    if _PREVIEW.are_in(text):
        return Visit("preview", None, device)
    if _NAMED.are_in(text):
        return Visit("bot", None, device)
    if _MONITORS.are_in(text):
        return Visit("monitor", None, device)
    if app is not None and text.startswith("Mozilla/"):
        return Visit("human", app, device)
    if not text or _GENERIC.are_in(text):
        return Visit("bot", None, device)
    return Visit("human", app, device)


def in_app(user_agent: str) -> str | None:
    """The network whose in-app browser this is, or None."""
    for network, likely, pattern in _in_app_patterns():
        if likely.search(user_agent) and pattern.search(user_agent):
            return network
    return None


@cache
def _in_app_patterns() -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    """Networks by their patterns, before each the same without what asks where a word begins: that finds a first sign
    at once, where the other is tried at each place.
    """
    rules = [(network, rule.in_app) for network, rule in strangers.rules() if rule.in_app]
    return [(network, re.compile(_WHERE.sub("", rule)), re.compile(rule)) for network, rule in rules]


def _device(text: str) -> Device:
    if _TABLET.search(text):
        return "tablet"
    if _PHONE.search(text):
        return "phone"
    return "computer" if text.startswith("Mozilla/") else "other"


def says_nothing(headers: Mapping[bytes, bytes]) -> bool:
    """Whether no header says anything but who came: neither that somebody looks ahead nor that a visitor objects."""
    return _SAYING.isdisjoint(headers)


def objects(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the visitor asks not to be tracked (Global Privacy Control, Do Not Track): no visitor hash then."""
    return headers.get(b"sec-gpc") == b"1" or headers.get(b"dnt") == b"1"


def place(public_url: str, shop_id: str) -> bytes:
    """Where a shop's links are tapped, for `visitor_day`."""
    return f"{public_url}|{shop_id}".encode()


def visitor_day(salt: bytes, address: str, user_agent: bytes, place: bytes) -> bytes:
    """Eight bytes that tell visitors of one day apart, and nothing once the day's salt is gone.

    `address` is cut to /24 or /48 first; `place` is the host and the shop, so that shops cannot compare.
    """
    return blake2b(_prefix(address) + b"|" + user_agent + b"|" + place, key=salt, digest_size=8).digest()


@lru_cache(maxsize=8192)
def _prefix(address: str) -> bytes:
    with suppress(OSError):
        return inet_pton(AF_INET, address)[:3]
    try:
        parsed = ip_address(address)
    except ValueError:
        return b""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return parsed.packed[:6]
        parsed = parsed.ipv4_mapped
    return parsed.packed[:3]

"""What is kept of a user agent that may turn out to be a robot's: the names of programs in it that no browser has.

No version, no device, no system: ordinary browsers and the browsers of apps leave nothing at all. A list of robots
that has grown is run over these names, for as long as raw hits are kept (`social.links.sorting`).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from social.links import visitors
from social.links.visitors import Device, Kind

MOST_NAMES = 3
LONGEST = 64
_LONGEST_AGENT = 1024
_COMMENT = re.compile(r"\([^()]*\)")
_NAME = re.compile(r"(?:^|[\s;(])([A-Za-z][A-Za-z0-9._-]{1,39})/")
_CALLED = re.compile(r"\(compatible; *([A-Za-z][A-Za-z0-9._-]{1,39})")
_BROWSERS = frozenset(
    (
        "mozilla applewebkit khtml gecko version mobile safari chrome chromium crios crmo fxios focus klar firefox "
        "edg edga edgios edge opr opera opt opios opx presto trident msie samsungbrowser ucbrowser ucturbo "
        "yabrowser vivaldi brave ddg duckduckgo gsa silk silk-accelerated huaweibrowser hmscore miuibrowser xiaomi "
        "heytapbrowser vivobrowser vewd qqbrowser mqqbrowser tridentcore seamonkey ubuntu fedora debian linux "
        "android build wv whale naver puffin coast aloha ecosia qwant quark phoenix avast avg ccleaner norton "
        "avira maxthon sleipnir palemoon waterfox librewolf iron konqueror epiphany falkon netscape webkit iphone "
        "ios u like tizen smart-tv"
    ).split()
)
# What these names stand in when they are judged again: a browser of a person in all else.
_WITH = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 {names} Safari/537.36"


class Known(NamedTuple):
    """All that a tap keeps of a user agent; `family` of people alone."""

    kind: Kind
    in_app: str | None
    device: Device
    family: str | None


def known(user_agent: bytes) -> Known:
    """Who came, and the names of programs: remembered together, so that a tap looks its user agent up once."""
    return _known(user_agent[:_LONGEST_AGENT])


@lru_cache(maxsize=16_384)
def _known(user_agent: bytes) -> Known:
    visit = visitors.visit(user_agent)
    return Known(*visit, of(user_agent) if visit.kind in visitors.PEOPLE else None)


@lru_cache(maxsize=2048)
def of(user_agent: bytes) -> str | None:
    """The unusual names in lower case with blanks between, in their order; None where there is none."""
    text = user_agent[:_LONGEST_AGENT].decode("latin-1")
    if visitors.in_app(text) is not None:
        return None
    names = [*_CALLED.findall(text), *_NAME.findall(_COMMENT.sub(" ", text))]
    unusual = dict.fromkeys(each.lower() for each in names if each.lower() not in _BROWSERS)
    return " ".join(list(unusual)[:MOST_NAMES])[:LONGEST].strip() or None


@lru_cache(maxsize=8192)
def kind(names: str) -> Kind:
    """What today's list makes of such names."""
    return visitors.visit(_WITH.format(names=" ".join(f"{each}/1.0" for each in names.split())).encode()).kind

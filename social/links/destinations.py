"""Where a visitor may be sent on to by an address that anybody can write: pages of our own site, and no others.

UCP permalink, "Destination Preference" (2026-08-25): decode once, look, resolve, look again, write anew.
"""

import re
from urllib.parse import unquote, urlsplit

from core.settings import Settings
from social.links import passing
from social.links.wanted import Destination, Pairs

_SCHEME = re.compile("[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LONGEST = 2048


def read(raw: str) -> Destination | None:
    """The page that a raw `continue_to` names; None where it is no path of ours, however it is spelt."""
    if len(raw) > _LONGEST:
        return None
    try:
        text = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return None
    if not text.startswith("/") or text.startswith("//") or "\\" in text or _SCHEME.search(text):
        return None
    # What cannot be printed is a blank other than " ", a control character, or one that poses as nothing at all.
    if " " in text or not text.isprintable():
        return None
    rest, _, fragment = text.partition("#")
    path, _, query = rest.partition("?")
    resolved = _without_dots(path)
    if resolved.startswith("//"):
        return None
    pairs = (each.partition("=") for each in query.split("&") if each)
    return Destination(resolved, passing.passing((name, value) for name, _, value in pairs), fragment)


def address(settings: Settings, destination: Destination, query: Pairs = ()) -> str:
    """The absolute address to send somebody to: our own origin, whatever the path says."""
    parts = urlsplit(settings.public_url)
    written = passing.written((*destination.query, *query))
    return (
        f"{parts.scheme}://{parts.netloc}{passing.path(destination.path)}"
        + (f"?{written}" if written else "")
        + (f"#{passing.path(destination.fragment)}" if destination.fragment else "")
    )


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment == "..":
            del kept[-1:]
        if segment not in (".", ".."):
            kept.append(segment)
        elif last:
            kept.append("")
    return "/" + "/".join(kept)

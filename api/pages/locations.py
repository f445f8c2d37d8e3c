"""Where an answer may send a browser: checked in one place, so that no stored or sent text becomes an open redirect."""

import re
from urllib.parse import urlsplit

from litestar import Response

from api.pages import rendering
from core.errors import Unavailable
from core.settings import Settings

_PLAIN = re.compile(r"[!-~]+")


class UnsafeLocation(Unavailable):
    """The payment page has an address that we do not trust."""

    slug = "unsafe-location"


def payment(url: str, settings: Settings) -> Response[bytes]:
    """303 to the payment page; refuses UnsafeLocation unless it stands on Stripe's host, or on the local Stripe's."""
    parts = urlsplit(url)
    allowed = rendering.payment_origins(settings)
    plain = _PLAIN.fullmatch(url) is not None and "\\" not in url and "@" not in parts.netloc
    if not plain or f"{parts.scheme}://{parts.netloc}" not in allowed:
        raise UnsafeLocation("Nothing was charged.")
    return _see_other(url)


def own(path: str) -> Response[bytes]:
    """303 to a page of ours; `path` is written by us, from parts that hold letters, digits, - and _ only."""
    return _see_other(_ours(path))


def seen(url: str) -> Response[bytes]:
    """303 to an address of our own origin that `social.links.destinations` has written."""
    if _PLAIN.fullmatch(url) is None or "\\" in url:
        raise UnsafeLocation("Nothing was charged.")
    return _see_other(url)


def moved(path: str) -> Response[bytes]:
    """301 to a page of ours that has another address now: search engines move on to that one.

    No browser or cache keeps it: a product that is called as before leads the other way round, and who had kept the
    first answer would go in circles. The address may hold somebody's tap, too. The site that they came from is passed
    on: the page that they get to credits its network.
    """
    headers = {"location": _ours(path), "cache-control": "private, no-store"}
    return Response(b"", status_code=301, media_type="text/plain", headers=headers)


def _ours(path: str) -> str:
    if not path.startswith("/") or path.startswith("//") or _PLAIN.fullmatch(path) is None or "\\" in path:
        raise UnsafeLocation("Nothing was charged.")
    return path


def _see_other(url: str) -> Response[bytes]:
    headers = {
        "location": url,
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
    }
    return Response(b"", status_code=303, media_type="text/plain", headers=headers)

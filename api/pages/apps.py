"""Browsers inside of networks' apps: how to leave them where the phone's wallet is missing.

Which wallets such a browser has depends on the app, its version and the phone, and it cannot be asked without scripts.
Nothing is opened for anybody: an address of another scheme (`intent:`) or a new window is what such browsers block. The
page's own address holds the cart or the link, so that it is the same page wherever it is opened.
"""

from typing import NamedTuple

from api.pages.messages import Messages
from social.links import visitors

_NAMES = {
    "instagram": "Instagram", "threads": "Threads", "messenger": "Messenger", "facebook": "Facebook",
    "pinterest": "Pinterest", "snapchat": "Snapchat", "x": "X", "linkedin": "LinkedIn", "tiktok": "TikTok",
}  # fmt: skip
# Meta's apps call the same entry of their menu by another name (2026-11).
_META = frozenset(("instagram", "threads", "messenger", "facebook"))


class App(NamedTuple):
    """The app that a browser is in, and the wallet that it lacks."""

    network: str
    wallet: str


def of(user_agent: str) -> App | None:
    """The app on a phone or tablet that a person looks from; None for everybody else."""
    known = visitors.visit(user_agent.encode("latin-1", "replace"))
    if known.kind != "human" or known.in_app not in _NAMES or known.device not in ("phone", "tablet"):
        return None
    return App(known.in_app, "Google Pay" if "Android" in user_agent else "Apple Pay")


def hint(app: App | None, texts: Messages) -> str:
    """What helps whoever misses their wallet in the app that they are in; nothing for everybody else."""
    if app is None:
        return ""
    return texts.in_app.format(
        app=_NAMES[app.network],
        wallet=app.wallet,
        entry=texts.open_outside if app.network in _META else texts.open_in_browser,
    )

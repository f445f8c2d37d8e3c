"""Whether an address can be reached by people and by the networks' servers."""

import ipaddress
from urllib.parse import urlsplit

_PRIVATE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_public(url: str) -> bool:
    """Whether the host is not one of this machine or of a private network, as far as its name tells."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_PRIVATE_NAMES)


def is_https(url: str) -> bool:
    """Whether it is spoken to over TLS."""
    return urlsplit(url).scheme == "https"

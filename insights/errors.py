"""What this room refuses, and why."""

from core.errors import Invalid


class AppsByNetworkOnly(Invalid):
    """Apps are counted by network, not by post or link."""

    slug = "apps-by-network-only"

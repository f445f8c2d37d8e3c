"""What links refuse."""

from core.errors import Invalid, NotFound


class LinkNotFound(NotFound):
    """There is no such link."""

    slug = "link-not-found"


class UnknownLinkItem(Invalid):
    """The product, variant or post that the link should carry does not exist."""

    slug = "unknown-link-item"


class UnknownLinkPlacement(Invalid):
    """There is no such placement for a link."""

    slug = "unknown-link-placement"

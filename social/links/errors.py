"""What links refuse."""

from core.errors import BadRequest, Invalid, NotFound


class LinkNotFound(NotFound):
    """There is no such link."""

    slug = "link-not-found"


class UnknownLinkItem(Invalid):
    """The product, variant or post that the link should carry does not exist."""

    slug = "unknown-link-item"


class UnknownLinkPlacement(Invalid):
    """There is no such placement for a link."""

    slug = "unknown-link-placement"


class MalformedPermalink(BadRequest):
    """This link is not written as such links are."""

    slug = "malformed-permalink"


class UnknownShopOfLink(NotFound):
    """This link does not say whose shop it is for.

    An identifier of a variant says it by itself; an SKU may be in several shops of an installation, and then the link
    has to begin with /s/ and the shop's slug.
    """

    slug = "unknown-shop-of-link"

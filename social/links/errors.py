"""What links refuse."""

from core.errors import BadRequest, Conflict, Invalid, NotFound


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


class BadLinkAddress(Invalid):
    """This is no address that a link can lead to."""

    slug = "bad-link-address"


class HostNotVerified(Invalid):
    """The shop has not proved that this host is its own.

    Links lead to other sites only where those show the shop's proof: add the host to `/v1/link-hosts` first.
    """

    slug = "host-not-verified"


class LinkHostNotFound(NotFound):
    """There is no such host on the list."""

    slug = "link-host-not-found"


class LinkHostTaken(Conflict):
    """This host is on the list already."""

    slug = "link-host-taken"


class TooManyLinkHosts(Invalid):
    """A shop's list of hosts is shorter than that."""

    slug = "too-many-link-hosts"


class BadLinkTerms(Invalid):
    """What the link should do cannot be done in this way."""

    slug = "bad-link-terms"


class VariantsAreFixed(Conflict):
    """The arms of an experiment stay what they were.

    Clicks and orders name an arm by its place. Change weights, 0 ends an arm, or add arms at the end.
    """

    slug = "variants-are-fixed"

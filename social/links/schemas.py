"""Links on the wire."""

from datetime import datetime
from typing import Literal

from core.settings import Settings
from core.wire import UNSET, DiscountCode, Id, In, Out, Slug, UnsetType, Word
from social.links import links
from social.links.models import Link

Target = Literal["landing"]


class LinkCreate(In, kw_only=True):
    """A link to a product, or to one variant of it. What it says about its origin never changes afterwards.

    With a `discount_code` buyers get that discount as long as it is good, and the usual price afterwards.
    """

    product_id: Id
    variant_id: Id | None = None
    post_id: Id | None = None
    network: Slug | None = None
    placement: Slug | None = None
    campaign: Word | None = None
    target: Target = "landing"
    discount_code: DiscountCode | None = None


class LinkChange(In, kw_only=True):
    """A link that is switched off answers like one that never was."""

    active: bool | UnsetType = UNSET
    discount_code: DiscountCode | UnsetType | None = UNSET


class LinkOut(Out, kw_only=True, frozen=True):
    """A link; `url` is what goes into the post, `utm` what the landing page's address will carry."""

    id: str
    slug: str
    url: str
    post_id: str | None
    product_id: str
    variant_id: str | None
    network: str | None
    placement: str | None
    campaign: str | None
    target: Target
    discount_code: str | None
    utm: dict[str, str]
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, link: Link, settings: Settings) -> "LinkOut":
        """The link with its addresses."""
        return cls(
            id=link.id, slug=link.slug, url=links.url(settings, link), post_id=link.post_id,
            product_id=link.product_id, variant_id=link.variant_id, network=link.network, placement=link.placement,
            campaign=link.campaign, target="landing", discount_code=link.discount_code, utm=links.utm(link),
            active=link.active, created_at=link.created_at,
        )  # fmt: skip

"""Links on the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from core.settings import Settings
from core.wire import UNSET, DiscountCode, Id, In, Out, Slug, UnsetType, Url, Word
from social.links import checking, hosts, links
from social.links.models import Link, LinkHost
from social.links.terms import Ended, Items, LinkItem, LinkRule, LinkVariant, Moment, Rules, Target, Variants

HostName = Annotated[
    str,
    Meta(
        min_length=4,
        max_length=255,
        pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9][0-9]{0,4})?$",
        description="A host in lower case, with its port where it is not the usual one of https.",
    ),
]


class LinkCreate(In, kw_only=True):
    """A link to a product, or to one variant of it. What it says about its origin never changes afterwards.

    Taps lead to `target`, unless a rule or an arm of the experiment leads elsewhere, from `starts_at` on and until
    `ends_at`, which is not included. Then they lead where `ended` says: to a page that explains it (`page`), with
    other products beside (`similar`), or where another link leads (`link`, `fallback_link_id`). `target_url` belongs
    to the target `external`. The page of `items` is a basket; previews show the product. With a `discount_code` buyers
    get that discount as long as it is good, and the usual price afterwards.
    """

    product_id: Id
    variant_id: Id | None = None
    post_id: Id | None = None
    network: Slug | None = None
    placement: Slug | None = None
    campaign: Word | None = None
    creator_id: Id | None = None
    target: Target = "landing"
    target_url: Url | None = None
    discount_code: DiscountCode | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    ended: Ended = "page"
    fallback_link_id: Id | None = None
    items: Items = []
    rules: Rules = []
    variants: Variants = []


class LinkChange(In, kw_only=True):
    """New terms; what is absent stays. A link that is switched off answers like one that never was.

    Arms of an experiment keep their places: change their weights, or add arms at the end.
    """

    active: bool | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    target_url: Url | UnsetType | None = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    ends_at: Moment | UnsetType | None = UNSET
    ended: Ended | UnsetType = UNSET
    fallback_link_id: Id | UnsetType | None = UNSET
    items: Items | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    variants: Variants | UnsetType = UNSET
    discount_code: DiscountCode | UnsetType | None = UNSET


class LinkOut(Out, kw_only=True, frozen=True):
    """A link; `url` is what goes into the post, `utm` what the landing page's address will carry.

    `landing_url` is the landing page's own address, for networks that take no link that redirects: its taps are no
    clicks, and its orders know the link all the same. `target_url` is where the target `external` leads.
    """

    id: str
    slug: str
    url: str
    landing_url: str
    post_id: str | None
    product_id: str
    variant_id: str | None
    network: str | None
    placement: str | None
    campaign: str | None
    creator_id: str | None
    target: Target
    target_url: str | None
    discount_code: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    ended: Ended
    fallback_link_id: str | None
    items: list[LinkItem]
    rules: list[LinkRule]
    variants: list[LinkVariant]
    utm: dict[str, str]
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, link: Link, settings: Settings) -> "LinkOut":
        """The link with its addresses."""
        return cls(
            id=link.id, slug=link.slug, url=links.url(settings, link), landing_url=links.landing_url(settings, link),
            post_id=link.post_id, product_id=link.product_id, variant_id=link.variant_id, network=link.network,
            placement=link.placement, campaign=link.campaign, creator_id=link.creator_id,
            target=msgspec.convert(link.target, Target), target_url=link.target_url, discount_code=link.discount_code,
            starts_at=link.starts_at, ends_at=link.ends_at, ended=msgspec.convert(link.ended, Ended),
            fallback_link_id=link.fallback_link_id, items=checking.items_of(link), rules=checking.rules_of(link),
            variants=checking.variants_of(link), utm=links.utm(link), active=link.active, created_at=link.created_at,
        )  # fmt: skip


class LinkHostCreate(In, kw_only=True):
    """A host that links should lead to. It counts once it shows the proof."""

    host: HostName


class LinkHostOut(Out, kw_only=True, frozen=True):
    """A host: links may lead there since `verified_at`.

    It has to show `proof` as a line of its own at `proof_url`, and not by a redirect; `failure` says what the last look
    found instead.
    """

    id: str
    host: str
    proof: str
    proof_url: str
    failure: str | None
    created_at: datetime
    verified_at: datetime | None

    @classmethod
    def of(cls, host: LinkHost) -> "LinkHostOut":
        """The host as its shop sees it."""
        return cls(
            id=host.id, host=host.host, proof=host.proof, proof_url=hosts.proof_address(host), failure=host.failure,
            created_at=host.created_at, verified_at=host.verified_at,
        )  # fmt: skip

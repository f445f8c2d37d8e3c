"""Where a link leads, and for whom: its destinations, its rules, the arms of its experiment."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from core.wire import Id, In, Quantity, Url
from social.links.visitors import Device

MOST_ITEMS = 50
MOST_RULES = 20
# The token has a byte for the arm, and 0 is none.
MOST_VARIANTS = 10

Target = Literal["landing", "product", "pay", "external"]
Ended = Literal["page", "similar", "link"]
Moment = Annotated[datetime, Meta(tz=True)]
CountryCode = Annotated[
    str, Meta(min_length=2, max_length=2, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, such as FR.")
]


class LinkItem(In, kw_only=True):
    """So many pieces of one variant, of whichever of the shop's products."""

    variant_id: Id
    quantity: Quantity = 1


class LinkDestination(In, kw_only=True):
    """Where a tap leads: to the link's landing page, to the product's own page (`product`), to the landing page reduced
    to the button that pays (`pay`), or to `url` on a verified host of the shop (`external`).

    `product_id` and `variant_id` are shown instead of the link's own. What is paid by one tap is one variant.
    """

    target: Target = "landing"
    product_id: Id | None = None
    variant_id: Id | None = None
    url: Url | None = None


class LinkRule(In, kw_only=True):
    """Where taps from one of these countries and on one of these devices lead; an empty list is any. One is not empty.

    Countries are known where `VITRINE_COUNTRY_HEADER` names the header by which a proxy tells them, else nowhere.
    """

    countries: Annotated[list[CountryCode], Meta(max_length=60)] = []
    devices: Annotated[list[Device], Meta(max_length=4)] = []
    to: LinkDestination


class LinkVariant(In, kw_only=True):
    """An arm of an experiment: of the taps that no rule takes, `weight` out of the sum of all weights lead there."""

    weight: Annotated[int, Meta(ge=0, le=1000)]
    to: LinkDestination


Items = Annotated[
    list[LinkItem],
    Meta(max_length=MOST_ITEMS, description="A basket that the link leads to, where there are any, instead of a page."),
]
Rules = Annotated[list[LinkRule], Meta(max_length=MOST_RULES, description="The first that fits decides.")]
Variants = Annotated[
    list[LinkVariant],
    Meta(max_length=MOST_VARIANTS, description="Clicks and orders name the arm by its place in this list, from 1."),
]

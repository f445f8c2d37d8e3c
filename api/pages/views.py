"""What each page shows: plain facts, already in the reader's language, nothing of the tables behind them."""

import msgspec
from markupsafe import Markup

from api.pages.brand import Brand
from api.pages.messages import Messages


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The same picture as another file type, in the same widths."""

    media_type: str
    srcset: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with its size in pixels, so that the page does not jump when it comes.

    The focal point is 0..1 of it: what stays in sight where the picture is taller than the screen has room for.
    `srcset` offers the same picture in several widths, where there are any, and `sources` as lighter file types, the
    lightest first.
    """

    url: str
    width: int
    height: int
    alt: str
    focal_x: float = 0.5
    focal_y: float = 0.5
    srcset: str = ""
    sources: tuple[Source, ...] = ()


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """Another language of a page: its code, what it calls itself, and the page's address in it."""

    code: str
    name: str
    url: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the law wants said, and where it leads if it does; `by_merchant` is a text of theirs."""

    name: str
    text: str
    url: str = ""
    by_merchant: bool = False


class Imprint(msgspec.Struct, frozen=True, kw_only=True):
    """Who sells: in one line, the pages that say more (label and address), and all of it."""

    identity: str
    links: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a shop's terms beside the button that buys; empty where the shop says nothing."""

    returns: str = ""
    returns_url: str = ""
    conditions_url: str = ""
    withdrawal_url: str = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What all pages of one shop share.

    `merchants` is the language of the merchant's own words, such as titles, or empty where there are none. `hint` helps
    out of an app's own browser.
    """

    messages: Messages
    shop_name: str = "Vitrine"
    brand: Brand = Brand()
    merchants: str = ""
    languages: tuple[Language, ...] = ()
    hint: str = ""
    imprint: Imprint | None = None
    terms: Terms = Terms()

    @property
    def foreign(self) -> Markup:
        """The attribute of an element with the merchant's words, where they are in another language than the page.

        WCAG 2.2, success criterion 3.1.2: a screen reader must know whose sounds to make.
        """
        if self.merchants in ("", self.messages.language):
            return Markup()
        return Markup(' lang="{}"').format(self.merchants)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One variant as a button: its label inside its group, its price, and how few are left (0: no need to say)."""

    variant_id: str
    number: int
    label: str
    price: str
    compare_at: str
    left: int
    available: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Variants that have all options but the last in common; `label` is what they share."""

    label: str
    choices: tuple[Choice, ...]


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another product of the shop; `url` is empty where it has no page of its own."""

    title: str
    price: str
    url: str
    picture: Picture | None


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What can be bought and what is chosen; prices differ where `several_prices`.

    `page` is the nonce, `click` the click token, `source` the host that the visitor came from, `price` and `agreed`
    what the page says of prices (`api.pages.prices`).
    """

    legend: str
    groups: tuple[Group, ...]
    as_list: bool
    chosen: Choice | None
    several_prices: bool
    quantities: tuple[int, ...]
    quantity: int
    page: str
    click: str
    source: str
    price: str = ""
    agreed: str = ""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A country with what shipping there comes to."""

    code: str
    label: str
    chosen: bool


class Postage(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of shipping and tax before Buy is tapped: one `line`, or `destinations` where they differ.

    `ship_to` is the country that goes with the form, or empty; so is `told`, what was said (`api.pages.prices`).
    """

    taxes: str = ""
    ship_to: str = ""
    told: str = ""
    line: str = ""
    destinations: tuple[Destination, ...] = ()


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product for link previews and search engines; `amount` is a plain decimal such as `19.90`.

    `json_ld` is safe inside HTML. `embed` is where programs get the same for their own pages (oEmbed), or empty.
    """

    title: str
    description: str
    url: str
    picture: Picture | None
    locale: str
    price: str
    amount: str
    currency: str
    in_stock: bool
    vendor: str
    item_id: str
    json_ld: Markup
    embed: str = ""


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """A product that can be bought, or the reason why not (`ended`); `form` is None where nothing can.

    `discounts` says what is taken off the piece that is chosen, `notes` why this is not quite what was asked for.
    `basket_url` leads to a basket that waits elsewhere, `shop_url` to all that the shop shows; either may be empty.
    `url` is the page's address as it may be shared, `indexed` where search engines may find this very page.
    """

    title: str
    paragraphs: tuple[str, ...]
    pictures: tuple[Picture, ...]
    price: str
    compare_at: str
    form: Form | None
    postage: Postage
    discounts: tuple[str, ...]
    ended: str
    notes: tuple[str, ...]
    notice: str
    others: tuple[Other, ...]
    card: Card
    indexed: bool = False
    basket_url: str = ""
    shop_url: str = ""
    url: str = ""


class BasketLine(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a basket. `gone` says why it cannot be bought; else `price` is of all pieces.

    `number` names its field; `left` is how few there are (0: no need to say), `most` how many can be had, `url` the
    page of its product.
    """

    number: int
    title: str
    detail: str
    url: str
    picture: Picture | None
    gone: str = ""
    price: str = ""
    compare_at: str = ""
    piece: str = ""
    left: int = 0
    most: int = 0
    quantities: tuple[int, ...] = ()
    quantity: int = 0


class Ware(msgspec.Struct, frozen=True, kw_only=True):
    """A product that the shop's gallery shows; `number` is that of its point on the picture above, 0 without one.

    The price is the least of several where `several_prices`.
    """

    title: str
    url: str
    price: str
    compare_at: str = ""
    several_prices: bool = False
    sold_out: bool = False
    number: int = 0
    picture: Picture | None = None


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A point on a picture: `place` numbers it on its page, where the style sheet says where it lies."""

    place: int
    ware: Ware


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a post, with the points on it; `place` numbers it on its page."""

    place: int
    picture: Picture
    spots: tuple[Spot, ...]


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A post: its pictures, and what they show."""

    scenes: tuple[Scene, ...]
    wares: tuple[Ware, ...]


class Gallery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what a shop shows: posts, or products. `more_url` and `all_url` are empty where there is no more."""

    heading: str
    lead: str
    description: str
    canonical: str
    first: bool
    locale: str
    picture: Picture | None
    posts: tuple[Posted, ...] = ()
    wares: tuple[Ware, ...] = ()
    more_url: str = ""
    all_url: str = ""


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """Several variants that are bought together; so `many` that their quantities are typed.

    `page` is the nonce, `click` the click token, `source` the host that the visitor came from, `agreed` the `total` in
    the minor unit, before shipping, as the form carries it back; `sums` stand before that total. `url` is the page's
    address as it may be shared.
    """

    heading: str
    lines: tuple[BasketLine, ...]
    many: bool
    gone: tuple[BasketLine, ...]
    sums: tuple[tuple[str, str], ...]
    total: str
    agreed: int
    page: str
    click: str
    source: str
    postage: Postage
    discounts: tuple[str, ...]
    notes: tuple[str, ...]
    notice: str
    others: tuple[Other, ...]
    url: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    title: str
    detail: str
    cost: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its buyer sees it. `refresh` is the address to look at again by itself, or empty.

    `sums` stand before the total, which is called `total_name`: what was added and taken off. `paid` and `refunded` are
    empty where there is nothing to say: what was paid is said where it is not the total. `again` is the button by which
    an order that was not paid is taken up again, or empty, `again_url` where its form goes, and `again_total` the total
    that it stands beside, in the minor unit.
    """

    number: str
    heading: str
    sentence: str
    sign: str
    lines: tuple[Line, ...]
    sums: tuple[tuple[str, str], ...]
    total_name: str
    total: str
    paid: str
    refunded: str
    refresh: str
    again: str
    again_total: int
    again_url: str
    notice: str
    action: str
    action_url: str
    keep: bool


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and a few sentences; `facts` stand below as a table, `reference` in small print."""

    heading: str
    sentences: tuple[str, ...]
    number: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    reference: str = ""

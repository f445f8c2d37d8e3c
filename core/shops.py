"""Shops are the tenants: every verb takes one, every table names one."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import babel
import msgspec
import sqlalchemy as sa
from msgspec import Meta
from slugify import slugify
from sqlmodel import Field, col, select

from core import clock, ids, legal, money
from core.db import AsyncSession, Json, Table, UtcDateTime, table_of
from core.errors import Conflict, Invalid, NotFound, expect
from core.legal import Legal, LegalChange
from core.secrets import Vault
from core.wire import UNSET, Colour, Id, In, Locale, Out, Stock, Title, UnsetType, WebOrigin

MAX_ORIGINS = 20
Origins = Annotated[
    list[WebOrigin],
    Meta(max_length=MAX_ORIGINS, description="Where the shop's front end runs: its publishable keys work there only."),
]


class ShopSlugTaken(Conflict):
    """Another shop has this slug."""

    slug = "shop-slug-taken"


class UnknownLocale(Invalid):
    """Nobody writes like that: there are no rules for this language in this country."""

    slug = "unknown-locale"


class BadOrigin(Invalid):
    """A front end is served over https, from a port that its scheme does not imply."""

    slug = "bad-origin"


class Shop(Table, table=True):
    """A merchant's shop; colours are `#rrggbb` and dress its visuals and pages.

    `stripe_account` is the connected account that the shop's payments go to, where the key is a platform's (Stripe
    Connect). `oversold_policy` says what happens to a paid order whose stock is gone: `wait` for a person, or `refund`
    what is missing. `delayed_payments` says when methods whose money is certain only after days may be used. `consent`
    says what may be kept of visitors: `none`, what `statistics` need, or what `attribution` needs. `legal` is who
    sells, and on which terms (`core.legal.read`).
    """

    __tablename__ = "shop"
    __table_args__ = (
        sa.CheckConstraint("fonts IN ('classic', 'modern')", name="fonts"),
        sa.CheckConstraint("corners IN ('round', 'soft', 'square')", name="corners"),
        sa.CheckConstraint("tone IN ('calm', 'bold')", name="tone"),
        sa.CheckConstraint("oversold_policy IN ('wait', 'refund')", name="oversold_policy"),
        sa.CheckConstraint("consent IN ('none', 'statistics', 'attribution')", name="consent"),
        sa.CheckConstraint("delayed_payments IN ('always', 'unless_scarce', 'never')", name="delayed_payments"),
    )
    id: str = Field(primary_key=True)
    slug: str = Field(unique=True)
    name: str
    currency: str
    locale: str = "fr"
    country: str = "FR"
    background_colour: str = "#ffffff"
    ink_colour: str = "#1d1b19"
    accent_colour: str = "#b4552d"
    fonts: str = "classic"
    corners: str = "soft"
    tone: str = "calm"
    display_font_id: str | None = None
    text_font_id: str | None = None
    logo_asset_id: str | None = None
    origins: list[str] = Field(default_factory=list, sa_type=Json)
    stripe_key_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    stripe_webhook_secrets_sealed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    stripe_account: str | None = None
    oversold_policy: str = "wait"
    delayed_payments: str = "unless_scarce"
    consent: str = "statistics"
    prices_include_tax: bool = True
    stripe_tax: bool = False
    low_stock_at: int | None = None
    legal: dict[str, object] = Field(default_factory=legal.nothing, sa_type=Json)
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)


Fonts = Annotated[
    Literal["classic", "modern"],
    Meta(description="Of visuals: headings with serifs above plain text, or the same plain letters for everything."),
]
Corners = Annotated[Literal["round", "soft", "square"], Meta(description="Of what lies on visuals: cards, buttons.")]
Tone = Annotated[
    Literal["calm", "bold"], Meta(description="Whether words on visuals lie on the background's colour or the accent.")
]
DisplayFont = Annotated[Id, Meta(description="A font of the shop's own for headings on visuals.")]
TextFont = Annotated[Id, Meta(description="A font of the shop's own for everything else on visuals.")]
LogoAsset = Annotated[Id, Meta(description="The shop's sign on white, shown on visuals in place of its name.")]
OversoldPolicy = Annotated[
    Literal["wait", "refund"],
    Meta(description="What happens to a paid order whose stock is gone: wait for a person, or refund what is missing."),
]
DelayedPayments = Annotated[
    Literal["always", "unless_scarce", "never"],
    Meta(description="When payment methods whose money is certain only after days may be used: they hold stock."),
]
Consent = Annotated[
    Literal["none", "statistics", "attribution"],
    Meta(
        description="What the shop may keep of visitors: counts alone; a hash that nobody can undo after two days; or "
        "also a cookie with the tokens of the last five taps. Whoever objects (GPC, Do Not Track) is only counted."
    ),
]

PricesIncludeTax = Annotated[bool, Meta(description="Whether the catalog's prices hold the tax that buyers pay.")]
StripeTax = Annotated[bool, Meta(description="Whether Stripe Tax computes the tax; it must be set up at Stripe first.")]


class ShopChange(In, kw_only=True):
    """New settings; what is absent stays.

    `stock.low` is told when a variant without a threshold of its own falls to `low_stock_at`; null: never.
    """

    name: Title | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    background_colour: Colour | UnsetType = UNSET
    ink_colour: Colour | UnsetType = UNSET
    accent_colour: Colour | UnsetType = UNSET
    fonts: Fonts | UnsetType = UNSET
    corners: Corners | UnsetType = UNSET
    tone: Tone | UnsetType = UNSET
    display_font_id: DisplayFont | UnsetType | None = UNSET
    text_font_id: TextFont | UnsetType | None = UNSET
    logo_asset_id: LogoAsset | UnsetType | None = UNSET
    origins: Origins | UnsetType = UNSET
    oversold_policy: OversoldPolicy | UnsetType = UNSET
    delayed_payments: DelayedPayments | UnsetType = UNSET
    consent: Consent | UnsetType = UNSET
    prices_include_tax: PricesIncludeTax | UnsetType = UNSET
    stripe_tax: StripeTax | UnsetType = UNSET
    low_stock_at: Stock | UnsetType | None = UNSET
    legal: LegalChange | UnsetType = UNSET


class ShopOut(Out, kw_only=True, frozen=True):
    """A shop's settings and brand kit; colours are `#rrggbb`."""

    id: str
    slug: str
    name: str
    currency: str
    locale: str
    country: str
    background_colour: str
    ink_colour: str
    accent_colour: str
    fonts: Fonts
    corners: Corners
    tone: Tone
    display_font_id: str | None
    text_font_id: str | None
    logo_asset_id: str | None
    origins: list[str]
    oversold_policy: OversoldPolicy
    delayed_payments: DelayedPayments
    consent: Consent
    prices_include_tax: PricesIncludeTax
    stripe_tax: StripeTax
    low_stock_at: int | None
    legal: Legal
    created_at: datetime

    @classmethod
    def of(cls, shop: Shop) -> "ShopOut":
        """The shop without its secrets."""
        return msgspec.convert(shop, cls, from_attributes=True)


async def create(
    session: AsyncSession, name: str, currency: str, *, slug: str = "", locale: str = "fr", country: str = "FR"
) -> Shop:
    """Open a shop that sells in `currency`; refuses ShopSlugTaken, UnknownCurrency, UnknownLocale."""
    money.exponent(currency)
    _check_locale(locale)
    slug = slug or slugify(name)[:100] or "shop"
    if (await session.exec(select(Shop.id).where(Shop.slug == slug))).first():
        raise ShopSlugTaken(f"There is a shop {slug!r} already.", slug=slug)
    shop = Shop(
        id=ids.new("shop"),
        slug=slug,
        name=name,
        currency=currency,
        locale=locale,
        country=country,
        created_at=clock.now(),
    )
    session.add(shop)
    await session.flush()
    return shop


def _check_locale(locale: str) -> None:
    """Every page and every price of the shop is written by this locale's rules: without them there would be none."""
    try:
        babel.Locale.parse(locale)
    except (babel.UnknownLocaleError, ValueError):
        raise UnknownLocale(f"There is no locale {locale!r}; name the language alone.", locale=locale) from None


async def get(session: AsyncSession, shop_id: str) -> Shop:
    """The shop with this id; refuses NotFound."""
    shop = await session.find(Shop, _BY_ID, shop_id)
    if shop is None:
        raise NotFound("No such shop.")
    return shop


async def by_slug(session: AsyncSession, slug: str) -> Shop:
    """The shop with this slug; refuses NotFound."""
    found = await session.fresh(Shop, _BY_SLUG, {"slug": slug})
    if not found:
        raise NotFound(f"There is no shop {slug!r}.", slug=slug)
    return found[0]


async def only(session: AsyncSession) -> Shop | None:
    """The shop of an installation that has one, None where it has several, or none yet."""
    some = (await session.exec(select(Shop).limit(2))).all()
    return some[0] if len(some) == 1 else None


async def every(session: AsyncSession) -> list[Shop]:
    """All shops of this installation, the oldest first: for its operator."""
    return list((await session.exec(select(Shop).order_by(col(Shop.id)))).all())


async def change(session: AsyncSession, shop: Shop, data: ShopChange, version: int | None) -> Shop:
    """Change settings.

    Refuses UnknownLocale, BadOrigin, and PreconditionFailed when somebody else was faster than `version`.
    """
    if data.locale is not UNSET:
        _check_locale(data.locale)
    if data.origins is not UNSET:
        data.origins = list(dict.fromkeys(check_origin(each) for each in data.origins))
    current = (await session.exec(select(Shop).where(Shop.id == shop.id).with_for_update())).one()
    expect(current.version, version)
    for name, value in msgspec.structs.asdict(data).items():
        if value is not UNSET:
            setattr(current, name, legal.changed(current.legal, value) if name == "legal" else value)
    current.version += 1
    session.add(current)
    await session.flush()
    return current


def check_origin(origin: str) -> str:
    """The origin itself, which has the shape of one.

    Refuses BadOrigin for plain http elsewhere than on this machine, and for a spelling that browsers never send.
    """
    try:
        parts = urlsplit(origin)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise BadOrigin("This is no origin.", origin=origin) from None
    if port == {"http": 80, "https": 443}[parts.scheme]:
        raise BadOrigin("Leave the scheme's own port out: browsers do.", origin=origin)
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise BadOrigin("Use https; plain http is for this machine only.", origin=origin)
    return origin


async def is_origin(session: AsyncSession, origin: str) -> bool:
    """Whether any shop lists this origin; compared sign by sign, so `null` and look-alikes are none."""
    if not origin.startswith(("http://", "https://")) or '"' in origin or len(origin) > 255:
        return False
    listed = sa.cast(col(Shop.origins), sa.String).contains(f'"{origin}"', autoescape=True)
    return any(origin in each for each in (await session.exec(select(Shop.origins).where(listed).limit(100))).all())


def connect_stripe(shop: Shop, vault: Vault, key: str, webhook_secrets: list[str], account: str | None = None) -> None:
    """Keep the shop's Stripe credentials, sealed. Several webhook secrets are good at once (rotation).

    `account` (`acct_…`) is the connected account to act for, where the key is a platform's.
    """
    shop.stripe_account = account
    shop.stripe_key_sealed = vault.seal(key.encode())
    shop.stripe_webhook_secrets_sealed = vault.seal("\n".join(webhook_secrets).encode())


def stripe_key(shop: Shop, vault: Vault) -> str | None:
    """The shop's Stripe key in clear, or None where none is kept."""
    return vault.recall(shop.stripe_key_sealed).decode() if shop.stripe_key_sealed else None


def is_live(shop: Shop, vault: Vault) -> bool:
    """Whether the shop's key moves real money: Stripe's test keys say so themselves."""
    return "_live_" in (stripe_key(shop, vault) or "")[:8]


async def consents(session: AsyncSession, shop_ids: Collection[str]) -> dict[str, str]:
    """What these shops keep of visitors, by their ids."""
    if not shop_ids:
        return {}
    return dict((await session.exec(select(Shop.id, Shop.consent).where(col(Shop.id).in_(shop_ids)))).all())


_BY_ID = sa.select(table_of(Shop)).where(col(Shop.id) == sa.bindparam("key"))
_BY_SLUG = sa.select(table_of(Shop)).where(col(Shop.slug) == sa.bindparam("slug"))
_CONNECTED = sa.select(table_of(Shop)).where(col(Shop.stripe_webhook_secrets_sealed).is_not(None))
_THIS_CONNECTED = _CONNECTED.where(col(Shop.id) == sa.bindparam("shop"))


async def connected(session: AsyncSession, shop_id: str | None = None) -> list[Shop]:
    """The shops that Stripe may send events to: all of them, or the one with this id alone."""
    if shop_id is None:
        return await session.fresh(Shop, _CONNECTED, {})
    return await session.fresh(Shop, _THIS_CONNECTED, {"shop": shop_id})


class Signer(NamedTuple):
    """As much of a shop as tells whether it has signed something, for when many are asked."""

    id: str
    stripe_account: str | None
    stripe_webhook_secrets_sealed: bytes | None


_SIGNERS = sa.select(col(Shop.id), col(Shop.stripe_account), col(Shop.stripe_webhook_secrets_sealed)).where(
    col(Shop.stripe_webhook_secrets_sealed).is_not(None)
)


async def signers(session: AsyncSession) -> list[Signer]:
    """Every shop that Stripe may send events to."""
    return [Signer(*row) for row in await (await session.connection()).execute(_SIGNERS)]


def stripe_webhook_secrets(shop: Shop | Signer, vault: Vault) -> list[str]:
    """The secrets that Stripe may sign this shop's events with."""
    sealed = shop.stripe_webhook_secrets_sealed
    return [line for line in vault.recall(sealed).decode().split("\n") if line] if sealed else []

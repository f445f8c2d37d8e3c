"""`vitrine shop`: shops, the tenants of an installation."""

import asyncio
import re
from typing import TextIO

import click

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LOCALE = re.compile(r"[a-z]{2}(?:_[A-Z]{2})?")
COUNTRY = re.compile(r"[A-Z]{2}")
_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{1,64}")


@click.group()
def shop() -> None:
    """Shops."""


@shop.command("create")
@click.argument("name")
@click.option("--currency", required=True, metavar="EUR", help="What it sells in, as ISO 4217 calls it.")
@click.option("--slug", default="", metavar="TEXT", help="Its short name; made from NAME unless given.")
@click.option("--locale", default="fr", show_default=True, help="Language of pages and prices: fr, or fr_CA.")
@click.option("--country", default="FR", show_default=True, help="Where it is, as ISO 3166 calls it.")
@click.option("--stripe-key-file", type=click.File(), metavar="FILE", help="Its Stripe secret key; - is stdin.")
@click.option("--stripe-webhook-secret-file", type=click.File(), metavar="FILE", help="Its webhook signing secret.")
@click.option("--stripe", is_flag=True, help="Ask for both at the terminal, without showing them.")
def create(
    name: str,
    currency: str,
    slug: str,
    locale: str,
    country: str,
    stripe_key_file: TextIO | None,
    stripe_webhook_secret_file: TextIO | None,
    stripe: bool,
) -> None:
    """Open a shop. Prints its id.

    Secrets never travel as arguments, which other users of the machine can read: name files, or be asked.
    """
    name = name.strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise click.BadParameter("1 to 200 printable characters.", param_hint="NAME")
    _check("--slug", slug, SLUG, empty=True)
    _check("--locale", locale, LOCALE)
    _check("--country", country, COUNTRY)
    key = stripe_key_file.read().strip() if stripe_key_file else ""
    secret = stripe_webhook_secret_file.read().strip() if stripe_webhook_secret_file else ""
    if stripe:
        key = key or click.prompt("Stripe secret key (sk_…)", hide_input=True, err=True)
        secret = secret or click.prompt("Webhook signing secret (whsec_…)", hide_input=True, err=True)
    _check_stripe(key, secret)
    from api.cli import terminal

    shop_id, slug = asyncio.run(_create(name, currency.upper(), slug, locale, country, key, secret))
    facts = {"name": name, "slug": slug, "Stripe": "connected" if key else "not connected yet"}
    terminal.show("A new shop", facts | {"next": f"vitrine key create --shop {slug}"})
    terminal.give(shop_id)


@shop.command("connect-stripe")
@click.argument("slug")
@click.option("--stripe-key-file", type=click.File(), metavar="FILE", help="Its new Stripe secret key; - is stdin.")
@click.option("--stripe-webhook-secret-file", type=click.File(), metavar="FILE", help="Its new webhook signing secret.")
@click.option("--keep-old-webhook-secret", is_flag=True, help="Take events signed with the old one as well: rotation.")
@click.option("--account", metavar="ACCT", help="Account (acct_…) that a platform's key acts for; `none`: its own.")
def connect(
    slug: str,
    stripe_key_file: TextIO | None,
    stripe_webhook_secret_file: TextIO | None,
    keep_old_webhook_secret: bool,
    account: str | None,
) -> None:
    """Give the shop SLUG new Stripe credentials. What no file names stays as it is, or is asked for."""
    key = stripe_key_file.read().strip() if stripe_key_file else ""
    secret = stripe_webhook_secret_file.read().strip() if stripe_webhook_secret_file else ""
    if account is not None and account != "none":
        _check("--account", account, _ACCOUNT)
    if not stripe_key_file and not stripe_webhook_secret_file and account is None:
        key = click.prompt("Stripe secret key (sk_…)", hide_input=True, err=True)
        secret = click.prompt("Webhook signing secret (whsec_…)", hide_input=True, err=True)
    _check_stripe(key or "sk_test_", secret or "whsec_")
    from api.cli import terminal

    known, acting_for = asyncio.run(_connect(slug, key, secret, keep_old_webhook_secret, account))
    facts = {"shop": slug, "webhook secrets": str(known), "account": acting_for or "the key's own"}
    terminal.show("Connected to Stripe", facts)
    terminal.give(slug)


async def _connect(slug: str, key: str, secret: str, keep: bool, account: str | None) -> tuple[int, str | None]:
    from checkout.books import rounds
    from core import clock, settings, shops
    from core.db import Database
    from core.secrets import Vault

    config = settings.load()
    database, vault = Database(config.database), Vault(config.secret_keys)
    try:
        async with database.transaction() as session:
            found = await shops.by_slug(session, slug)
            old_key, old = shops.stripe_key(found, vault) or "", shops.stripe_webhook_secrets(found, vault)
            if not (key or old_key) or not (secret or old):
                raise click.UsageError("Stripe needs both: the secret key, and the webhook's signing secret.")
            signing = ([secret] if secret else []) + (old[:1] if keep and secret else [] if secret else old)
            acting_for = found.stripe_account if account is None else None if account == "none" else account
            shops.connect_stripe(found, vault, key or old_key, signing, acting_for)
            await rounds.begin_for(session, found, clock.now())
            return len(signing), acting_for
    finally:
        await database.close()


def _check(option: str, value: str, pattern: re.Pattern[str], *, empty: bool = False) -> None:
    if not (pattern.fullmatch(value) or (empty and not value)):
        raise click.BadParameter(f"{value!r} does not look like {pattern.pattern}.", param_hint=option)


def _check_stripe(key: str, secret: str) -> None:
    if bool(key) != bool(secret):
        raise click.UsageError("Stripe needs both: the secret key, and the webhook's signing secret.")
    if not key:
        return
    if not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        raise click.UsageError("A Stripe secret key starts with sk_ or rk_, and test_ or live_.")
    if not secret.startswith("whsec_"):
        raise click.UsageError("A webhook signing secret starts with whsec_.")
    from core import settings

    if "_live_" in key and settings.load().local_stripe:
        raise click.UsageError("VITRINE_STRIPE_API_BASE names a local server: a live key must never be sent there.")


async def _create(
    name: str, currency: str, slug: str, locale: str, country: str, key: str, secret: str
) -> tuple[str, str]:
    from core import clock, settings, shops
    from core.db import Database
    from core.secrets import Vault

    config = settings.load()
    database = Database(config.database)
    try:
        async with database.transaction() as session:
            made = await shops.create(session, name, currency, slug=slug, locale=locale, country=country)
            if key:
                from checkout.books import rounds

                shops.connect_stripe(made, Vault(config.secret_keys), key, [secret])
                await rounds.begin_for(session, made, clock.now())
            return made.id, made.slug
    finally:
        await database.close()

"""`vitrine doctor`: every part of an installation asked once, from where the server would ask."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

import msgspec
import sqlalchemy as sa

from api.operations import tables
from api.running.failure import of_database
from api.services import Services
from checkout.stripe import health
from core import clock, jobs, legal, migrations, settings, shops
from core.errors import Refusal
from core.settings import DEVELOPMENT_KEY, Settings
from core.webhooks import endpoints
from media.storage import storage
from media.typesetting import fonts
from social.links import folding, gleaner, proof

State = Literal["ok", "warning", "failure"]

LATE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)
FEW_BYTES, VERY_FEW_BYTES = 2 * 2**30, 200 * 2**20
YOUNG = timedelta(hours=1)
FAILING = timedelta(hours=1)
_NAMED = 3


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it is, and what to do where it is not well. Never a secret."""

    subject: str
    state: State
    words: str


Check = Callable[[Services], AsyncIterator[Finding]]


def run() -> list[Finding]:
    """Everything that there is to find with the environment's settings."""
    return asyncio.run(examine(settings.load()))


async def examine(config: Settings) -> list[Finding]:
    """Everything that there is to find; a part that is away costs its own findings only."""
    services = Services(config)
    found = []
    try:
        for check in CHECKS:
            try:
                found += [each async for each in check(services)]
            except (sa.exc.SQLAlchemyError, Refusal, OSError, ValueError) as error:
                found.append(Finding(check.__name__.replace("_", " "), "failure", _why(error)))
    finally:
        await services.close()
    return found


def _why(error: Exception) -> str:
    if isinstance(error, sa.exc.DBAPIError):
        return of_database(error)
    words = error.detail if isinstance(error, Refusal) else str(error).splitlines()[0]
    return f"{type(error).__name__}: {words}"


async def the_settings(services: Services) -> AsyncIterator[Finding]:
    """Whether this is meant for strangers, and ready for them."""
    config = services.settings
    is_public = config.public_url.startswith("https://")
    words = "" if is_public else " is not https: networks and Stripe want that"
    yield Finding("public address", "ok" if is_public else "warning", config.public_url + words)
    if DEVELOPMENT_KEY in config.secret_keys:
        yield Finding("secret keys", "warning", "the development key, which everybody knows")
    if config.local_stripe:
        yield Finding("Stripe's address", "warning", f"{config.stripe_api_base} is not Stripe: nobody really pays")


async def the_database(services: Services) -> AsyncIterator[Finding]:
    """Reachable, migrated, and of our time."""
    began = clock.monotonic()
    await services.db.ping()
    yield Finding("database", "ok", f"answers in {(clock.monotonic() - began) * 1000:.0f} ms")
    async with services.db.read() as session:
        revision = await session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        newest = migrations.revisions()[0]
        words = f"{revision} instead of {newest}: run `vitrine migrate`"
        yield _judge("schema", revision == newest, newest, words)
        if not services.db.is_sqlite:
            theirs = (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
            yield _skew("clock against the database", theirs - clock.now())


def _judge(subject: str, is_well: bool, good: str, bad: str) -> Finding:
    return Finding(subject, "ok", good) if is_well else Finding(subject, "failure", bad)


async def the_shops(services: Services) -> AsyncIterator[Finding]:
    """Sealed values open, and Stripe takes each shop's key."""
    async with services.db.read() as session:
        every = await shops.every(session)
    if not every:
        yield Finding("shops", "warning", "none yet: `vitrine shop create`")
    for shop in every:
        subject = f"shop {shop.slug}"
        try:
            key, signing = shops.stripe_key(shop, services.vault), shops.stripe_webhook_secrets(shop, services.vault)
        except ValueError:
            yield Finding(subject, "failure", "its Stripe key is sealed with a key that VITRINE_SECRET_KEYS lacks")
            continue
        if not key:
            yield Finding(subject, "warning", "not connected to Stripe: `vitrine shop connect-stripe`")
            continue
        many = f"{len(signing)} webhook secret{'s' * (len(signing) > 1)}"
        yield _judge(subject, bool(signing), many, "no webhook secret: payments would not be heard of")
        try:
            date = await health.ask(services.gateway, shop)
        except Refusal as refusal:
            yield Finding(f"{subject} at Stripe", "failure", refusal.detail)
            continue
        yield Finding(f"{subject} at Stripe", "ok", "Stripe takes its key")
        if date:
            yield _skew("clock against Stripe", parsedate_to_datetime(date) - clock.now())


async def the_law(services: Services) -> AsyncIterator[Finding]:
    """What shops that sell do not say of themselves, though the law wants it of most of them."""
    async with services.db.read() as session:
        selling = await shops.connected(session)
    for shop in selling:
        absent = legal.missing(legal.read(shop.legal), shop.country)
        words = f"does not say {', '.join(absent)}: docs/legal.md" if absent else "says who sells and on which terms"
        yield Finding(f"legal notice of {shop.slug}", "warning" if absent else "ok", words)


def _skew(subject: str, difference: timedelta) -> Finding:
    seconds = abs(difference.total_seconds())
    return Finding(subject, "ok" if abs(difference) <= SKEW else "failure", f"{seconds:.1f} s apart")


async def the_letters(_: Services) -> AsyncIterator[Finding]:
    """Letters can be joined and put in order."""
    words = "FriBiDi is missing (Debian: `apt install libfribidi0`): Arabic and Thai come out wrong on pictures"
    yield _judge("texts on pictures", fonts.shapes(), "shaped by HarfBuzz", words)


async def the_pictures(services: Services) -> AsyncIterator[Finding]:
    """The storage takes, gives and forgets; every row has its picture, and every local picture its row."""
    key, content = storage.new_key("v", secrets.token_hex(16)), secrets.token_bytes(64)
    await services.storage.put(key, content)
    same = await services.storage.get(key) == content
    await services.storage.delete(key)
    where = services.settings.storage
    yield _judge("storage", same, f"{where}: takes, gives and forgets", f"{where}: gives other bytes than it took")
    async with services.db.read() as session:
        named = {key async for key in tables.pictures(session, await tables.shapes(session))}
    missing = [key for key in sorted(named) if not await services.storage.exists(key)]
    yield _judge("pictures of rows", not missing, f"all {len(named)} are there", _few("missing", missing))
    if where == "local":
        spare = await asyncio.to_thread(_spare, services.settings.media_dir, named)
        yield Finding("pictures without a row", "warning" if spare else "ok", _few("spare", spare) if spare else "none")


def _few(what: str, names: list[str]) -> str:
    return f"{len(names)} {what}: {', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}"


def _spare(folder: Path, named: set[str]) -> list[str]:
    old = (clock.now() - YOUNG).timestamp()
    return sorted(
        path.name
        for path in folder.glob("*/*")
        if storage.is_key(path.name) and path.name not in named and path.stat().st_mtime < old
    )


async def the_disk(services: Services) -> AsyncIterator[Finding]:
    """Room for the spool, for SQLite and for local pictures."""
    for place in dict.fromkeys((services.settings.data_dir, services.settings.spool_dir)):
        there = next(each for each in (place, *place.absolute().parents) if each.exists())
        free = shutil.disk_usage(there).free
        state: State = "failure" if free < VERY_FEW_BYTES else "warning" if free < FEW_BYTES else "ok"
        yield Finding(f"disk of {place}", state, f"{free / 2**30:.1f} GiB free")


async def the_work(services: Services) -> AsyncIterator[Finding]:
    """Jobs are done soon, and none was given up."""
    async with services.db.read() as session:
        oldest, dead = await jobs.backlog(session)
    yield _judge("jobs given up", not dead, "none", _few("kinds", dead))
    late = timedelta(0) if oldest is None else clock.now() - oldest
    minutes = late.total_seconds() / 60
    yield _judge("jobs that wait", late <= LATE, "none is late", f"due for {minutes:.0f} min: does a worker run?")


async def the_clicks(services: Services) -> AsyncIterator[Finding]:
    """The spool is folded soon after the tap."""
    async with services.db.read() as session:
        folded = await folding.folded(session)
    waiting, oldest = 0, timedelta(0)
    segments = [path for spool in gleaner.spools(services.settings) for path in spool.glob("*.hits")]
    for path in segments:
        found = path.stat()
        behind = found.st_size - folded.get(path.name, 0)
        if behind > 0:
            waiting += behind
            oldest = max(oldest, timedelta(seconds=clock.now().timestamp() - found.st_mtime))
    words = f"{waiting} bytes wait"
    minutes = oldest.total_seconds() / 60
    bad = f"{words} since {minutes:.0f} min: does a {services.settings.click_folding} run here?"
    yield _judge("clicks in the spool", oldest <= LATE, words, bad)


async def the_sums(services: Services) -> AsyncIterator[Finding]:
    """Yesterday's sums of clicks are what its raw hits add up to."""
    day = proof.days(clock.now(), 1)[0]
    found = await proof.prove(services.db, day)
    words = "; ".join(each.words for each in found[:_NAMED])
    bad = f"{len(found)} differ: {words}{' …' if len(found) > _NAMED else ''}; see `vitrine links verify`"
    yield _judge("sums of clicks", not found, f"those of {day} are what the raw hits add up to", bad)


async def the_webhooks(services: Services) -> AsyncIterator[Finding]:
    """Merchants hear of their events: no endpoint was given up, and none has failed for an hour."""
    async with services.db.read() as session:
        disabled, failing = await endpoints.unwell(session, clock.now() - FAILING)
    for subject, found in (("webhook endpoints disabled", disabled), ("webhook endpoints that fail", failing)):
        words = _few("in all", [f"{each.id} of {each.shop_id}" for each in found]) if found else "none"
        yield Finding(subject, "warning" if found else "ok", words)


CHECKS: tuple[Check, ...] = (
    the_settings, the_database, the_shops, the_law, the_letters, the_pictures, the_disk, the_work, the_webhooks,
    the_clicks, the_sums,
)  # fmt: skip

"""What `vitrine up` keeps in its data folder, so that the next start goes on where this one was."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

from api.running import ports
from core import keys, settings, shops
from core.db import AsyncSession, Database
from core.secrets import Vault
from core.settings import PREFIX, Settings
from core.shops import Shop

SHOP_NAME = "Maison Vitrine"
SHOP_SLUG = "maison-vitrine"
FIRST_PORT = 8000


class DataInUse(OSError):
    """Another `vitrine up` runs on this data folder."""


@dataclass(frozen=True)
class Plan:
    """How to start. `port`: None for the usual one, 0 for any; empty addresses for SQLite and a local Stripe here."""

    port: int | None
    data: Path
    database_url: str = ""
    sandbox_url: str = ""
    currency: str = "EUR"
    locale: str = "fr"


class Kept(msgspec.Struct, kw_only=True):
    """The file `up.json`, for its owner's eyes: ports, paths of links, tokens that the database has digests of."""

    port: int
    sandbox_port: int
    stripe_key: str
    webhook_secret: str
    shop_id: str = ""
    secret_key: str = ""
    publishable_key: str = ""
    sandbox_url: str = ""
    webhook_url: str = ""
    webhook_endpoint: str = ""
    is_seeded: bool = False
    links: dict[str, str] = {}


@contextmanager
def locked(plan: Plan) -> Iterator["Installation"]:
    """The installation in the plan's data folder, where nobody else runs meanwhile; raises DataInUse.

    The lock goes with the process, however that ends.
    """
    plan.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (plan.data / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataInUse(f"Another `vitrine up` runs on {plan.data}.") from None
        yield Installation(plan)


class Installation:
    """One data folder with its settings, its ports and its shop."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.data = plan.data.absolute()
        self._file = self.data / "up.json"
        self.kept = self._remembered()
        self.kept.port = ports.choose(plan.port, self.kept.port or (FIRST_PORT if plan.port is None else None))
        if not plan.sandbox_url:
            self.kept.sandbox_port = ports.choose(None, self.kept.sandbox_port or None)
            self.kept.sandbox_url = f"http://{ports.HOST}:{self.kept.sandbox_port}"
        self.environment = self._environment()
        self.settings: Settings = settings.load(self.environment)

    @property
    def base_url(self) -> str:
        """Where the server answers on this machine."""
        return f"http://{ports.HOST}:{self.kept.port}"

    @property
    def sandbox_url(self) -> str:
        """Where the Stripe-compatible server answers."""
        return self.plan.sandbox_url.rstrip("/") or self.kept.sandbox_url

    def save(self) -> None:
        """Write what is kept, whole or not at all."""
        write_private(self._file, msgspec.json.format(msgspec.json.encode(self.kept)))

    async def furnish(self) -> None:
        """See to it that the shop, its keys and its Stripe credentials are in the database."""
        database, vault = Database(self.settings.database), Vault(self.settings.secret_keys)
        try:
            async with database.transaction() as session:
                shop = await self._known(session) or await self._new(session)
                shops.connect_stripe(shop, vault, self.kept.stripe_key, [self.kept.webhook_secret])
                # Before the commit: tokens are shown once, and a file that names a shop which never came to be is
                # found out at the next start.
                self.save()
        finally:
            await database.close()

    async def _known(self, session: AsyncSession) -> Shop | None:
        key = await keys.find(session, self.kept.secret_key)
        return await shops.get(session, key.shop_id) if key and key.shop_id == self.kept.shop_id else None

    async def _new(self, session: AsyncSession) -> Shop:
        try:
            shop = await shops.create(session, SHOP_NAME, self.plan.currency, slug=SHOP_SLUG, locale=self.plan.locale)
        except shops.ShopSlugTaken:
            slug = f"{SHOP_SLUG}-{secrets.token_hex(3)}"
            shop = await shops.create(session, SHOP_NAME, self.plan.currency, slug=slug, locale=self.plan.locale)
        _, self.kept.secret_key = await keys.create(session, shop, label="vitrine up")
        _, self.kept.publishable_key = await keys.create(session, shop, label="vitrine up", publishable=True)
        self.kept.shop_id = shop.id
        self.kept.is_seeded, self.kept.links = False, {}
        return shop

    def _remembered(self) -> Kept:
        if self._file.exists():
            return msgspec.json.decode(self._file.read_bytes(), type=Kept)
        return Kept(
            port=0,
            sandbox_port=0,
            stripe_key=f"sk_test_{secrets.token_hex(24)}",
            webhook_secret=f"whsec_{secrets.token_hex(24)}",
        )

    def _environment(self) -> dict[str, str]:
        """The environment of the server and the worker: this process' own, with what `up` decides."""
        environment = dict(os.environ)
        environment[f"{PREFIX}DATA_DIR"] = str(self.data)
        environment[f"{PREFIX}STRIPE_API_BASE"] = self.sandbox_url
        environment.setdefault(f"{PREFIX}PUBLIC_URL", self.base_url)
        if self.plan.database_url:
            environment[f"{PREFIX}DATABASE_URL"] = self.plan.database_url
        if not environment.get(f"{PREFIX}SECRET_KEYS"):
            environment[f"{PREFIX}SECRET_KEYS"] = self._secret_key()
        return environment

    def _secret_key(self) -> str:
        file = self.data / "secret.key"
        if not file.exists():
            write_private(file, Fernet.generate_key())
        return file.read_text().strip()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all, also if the power goes."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def ready(installation: Installation, pid: int) -> Mapping[str, str | int]:
    """What the ready file says."""
    kept = installation.kept
    return {
        "base_url": installation.base_url,
        "sandbox_url": installation.sandbox_url,
        "secret_key": kept.secret_key,
        "publishable_key": kept.publishable_key,
        "webhook_secret": kept.webhook_secret,
        "shop_id": kept.shop_id,
        "pid": pid,
    }

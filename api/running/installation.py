"""What `vitrine up` keeps in its data folder, so that the next start goes on where this one was."""

import fcntl
import itertools
import os
import secrets
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

from api.running import joining, ports
from api.running.joining import Access
from api.running.kept import Kept, write_private
from core import keys, settings, shops
from core.db import AsyncSession, Database
from core.secrets import Vault
from core.settings import PREFIX, Settings
from core.shops import Shop

SHOP_NAME = "Maison Vitrine"
SHOP_SLUG = "maison-vitrine"
FIRST_PORT = 8000
DATA = Path("vitrine-data")


class DataInUse(OSError):
    """Another `vitrine up` runs on this data folder."""


@dataclass(frozen=True)
class Plan:
    """How to start. `port`: None for the usual one, 0 for any; empty addresses for SQLite and a local Stripe here.

    `join` names the ready file of the instance whose shop, database, pictures and local Stripe this one shares.
    """

    port: int | None
    data: Path | None = None
    database_url: str = ""
    sandbox_url: str = ""
    currency: str = "EUR"
    locale: str = "fr"
    join: Path | None = None


@contextmanager
def locked(plan: Plan, taken: Callable[[], None] = lambda: None) -> Iterator["Installation"]:
    """The installation in the plan's data folder, where nobody else runs meanwhile; raises DataInUse.

    `taken` is called as soon as the lock is held, which goes with the process, however that ends. Who joins gets a
    folder of its own in that of the first: the first that is free, so that it finds again what it left there. Raises
    NothingToJoin.
    """
    access = joining.read(plan.join) if plan.join else None
    for folder in _folders(plan, access):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / "up.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            taken()
            yield Installation(plan, folder, access)
            return
    raise DataInUse(f"Another `vitrine up` runs on {plan.data or DATA}.")


def _folders(plan: Plan, access: Access | None) -> Iterable[Path]:
    if access is None or plan.data:
        return (plan.data or DATA,)
    return (Path(access.data) / "instances" / str(number) for number in itertools.count(2))


class Installation:
    """One data folder with its settings, its ports and its shop."""

    def __init__(self, plan: Plan, data: Path, access: Access | None = None) -> None:
        self.plan = plan
        self.data = data.absolute()
        self._access = access
        self._file = self.data / "up.json"
        self.kept = self._remembered()
        self.kept.port = ports.choose(plan.port, self.kept.port or (FIRST_PORT if plan.port is None else None))
        if not plan.sandbox_url and access is None:
            self.kept.sandbox_port = ports.choose(None, self.kept.sandbox_port or None)
            self.kept.sandbox_url = f"http://{ports.HOST}:{self.kept.sandbox_port}"
        self.environment = self._environment() if access is None else self._shared(access)
        self.settings: Settings = settings.load(self.environment)

    @property
    def is_guest(self) -> bool:
        """Whether it shares the shop of another instance, which pays for the local Stripe."""
        return self._access is not None

    @property
    def shared_data(self) -> Path:
        """The first one's folder, below which those who join have theirs."""
        return Path(self._access.data) if self._access else self.data

    @property
    def base_url(self) -> str:
        """Where the server answers on this machine."""
        return f"http://{ports.HOST}:{self.kept.port}"

    @property
    def sandbox_url(self) -> str:
        """Where the Stripe-compatible server answers."""
        return self.plan.sandbox_url.rstrip("/") or self.kept.sandbox_url

    def save(self) -> None:
        """Write what is kept, whole or not at all; and the settings, for a shell that wants to run other commands."""
        write_private(self._file, msgspec.json.format(msgspec.json.encode(self.kept)))
        ours = {name: value for name, value in self.environment.items() if name.upper().startswith(PREFIX)}
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(ours.items())]
        write_private(self.data / "vitrine.env", "".join(lines).encode())

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
        known = msgspec.json.decode(self._file.read_bytes(), type=Kept) if self._file.exists() else None
        if self._access is not None:
            return msgspec.structs.replace(self._access.kept, port=known.port if known else 0)
        return known or Kept(
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
        environment.setdefault(f"{PREFIX}CLICK_FOLDING", "worker")  # It runs beside the server, on the same folder.
        if not environment[f"{PREFIX}PUBLIC_URL"].startswith("https://"):
            environment.setdefault(f"{PREFIX}OUTBOUND_LOOPBACK", "true")  # Webhooks to a program on the same laptop.
        if self.plan.database_url:
            environment[f"{PREFIX}DATABASE_URL"] = self.plan.database_url
        if not environment.get(f"{PREFIX}SECRET_KEYS"):
            environment[f"{PREFIX}SECRET_KEYS"] = self._secret_key()
        return environment

    def _shared(self, access: Access) -> dict[str, str]:
        """The first one's settings, so that both answer alike; clicks wait in a folder of our own."""
        return {**os.environ, **access.environment, f"{PREFIX}CLICK_SPOOL_DIR": str(self.data / "spool")}

    def _secret_key(self) -> str:
        file = self.data / "secret.key"
        if not file.exists():
            write_private(file, Fernet.generate_key())
        return file.read_text().strip()


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

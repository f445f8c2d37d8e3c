"""What one process of Vitrine runs on, built once from its settings."""

import httpx2

import checkout.giving_back  # Money goes back by itself whichever process hears of it.
import checkout.published  # noqa: F401  # What the rooms publish goes out from every process.
from api.limits import Rates
from api.readiness import Watch
from checkout.books.rounds import FirstRound
from checkout.stripe.client import Gateway
from core.db import PATIENT, Database, Patience
from core.jobs import Resources
from core.memory import Memory
from core.outbound import Outbound
from core.secrets import Vault
from core.settings import Settings
from media.fetching import Fetcher
from media.pool import Limits, PicturePool
from media.storage import storage
from media.storage.storage import Storage
from media.uploads import Sweeper
from social.cards import Painter
from social.links.landings import Landings
from social.links.salts import Salts


class Services:
    """The database, the vault and the rooms' engines; opened at start-up, closed at the end."""

    def __init__(
        self,
        settings: Settings,
        *,
        stripe_transport: httpx2.AsyncBaseTransport | None = None,
        patience: Patience = PATIENT,
    ) -> None:
        """`stripe_transport` carries requests to Stripe; tests hand in a local twin in the same process.

        `patience` is how long it waits for the database.
        """
        self.settings = settings
        self.db = Database(settings.database, patience=patience, writers=settings.writers_at_once)
        self.memory = Memory(self.db)
        self.vault = Vault(settings.secret_keys)
        self.gateway = Gateway(settings, self.vault, self.db, stripe_transport)
        self.outbound = Outbound(loopback=settings.outbound_loopback)
        self.rates = Rates(settings)
        self.landings = Landings()
        self.salts = Salts()
        self.storage: Storage = storage.connect(settings)
        self.pool = PicturePool(settings.picture_workers, limits=_limits(settings))
        self.fetcher = Fetcher(self.outbound, settings.picture_max_bytes)
        self.first_round = FirstRound(self.gateway, self.db, self.vault)
        self.watch = Watch(settings, self.db, self.storage, self.first_round, self.landings)

    @property
    def resources(self) -> Resources:
        """The same things as jobs ask for them."""
        painter = Painter(self.storage, self.pool)
        return Resources(
            self.settings, self.db, self.vault, self.gateway, self.outbound, Sweeper(self.storage), painter
        )

    async def open(self) -> None:
        """Start what runs in the background of a server."""
        self.first_round.open()

    async def close(self) -> None:
        """Stop it again, and give connections back."""
        await self.first_round.close()
        await self.pool.close()
        await self.storage.close()
        await self.gateway.close()
        await self.outbound.close()
        await self.db.close()


def _limits(settings: Settings) -> Limits:
    return Limits(upload_bytes=settings.picture_max_bytes, shop_bytes=settings.shop_storage_bytes)

"""While too many write, whoever comes to write is told so at the door, before their key is looked at.

The database refuses them as well (`core.db.Overloaded`); here it costs next to nothing, so that those inside get on.
"""

from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, problems
from core.db import Database, Overloaded
from core.settings import Settings

_READS = frozenset(("GET", "HEAD", "OPTIONS"))


class Door(asgi.Middleware):
    """Lets those in who only read, and those who write as long as there is room; pages say in their own words no."""

    def __init__(self, app: ASGIApp, db: Database, settings: Settings) -> None:
        super().__init__(app)
        self._db = db
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503."""
        if self._db.is_crowded and scope["method"] not in _READS and scope["path"].startswith("/v1/"):
            await problems.send(Overloaded("Everybody wants something at this moment."), scope, send, self._settings)
            return
        await self.app(scope, receive, send)

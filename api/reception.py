"""Files come in so many at a time: whoever comes when all places are taken is asked back before a byte is read."""

from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, problems
from api.auth import Caller
from core.errors import TooManyRequests
from core.settings import Settings
from media.places import Places

FORMS = ("/v1/assets", "/v1/fonts", "/v1/imports")


class Reception(asgi.Middleware):
    """Counts the forms with files that are being read, waiting for their turn or worked on, in all and of one shop."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(app)
        self._settings = settings
        self._places = Places(settings.uploads_at_once)

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Let the form in, or answer 429."""
        caller = scope["state"].get("caller")
        if scope["method"] != "POST" or scope["path"] not in FORMS or not isinstance(caller, Caller):
            await self.app(scope, receive, send)
            return
        with self._places.one(caller.shop.id) as found:
            if found:
                await self.app(scope, receive, send)
                return
        most = self._places.most
        detail = f"At most {most} files are taken in at a time, half of them of one shop."
        full = TooManyRequests(detail, retry_after=2, policy="uploads", limit=most)
        await problems.send(full, scope, send, self._settings)

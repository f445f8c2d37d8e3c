"""Files come in so many at a time: whoever comes when all places are taken is asked back before a byte is read."""

from litestar.types import ASGIApp, HTTPScope, Receive, Send

from api import asgi, problems
from core.errors import TooManyRequests
from core.settings import Settings

FORMS = ("/v1/assets", "/v1/fonts", "/v1/imports")


class Reception(asgi.Middleware):
    """Counts the forms with files that are being read, waiting for their turn or worked on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(app)
        self._settings = settings
        self._inside = 0

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Let the form in, or answer 429."""
        if scope["method"] != "POST" or scope["path"] not in FORMS:
            await self.app(scope, receive, send)
            return
        most = self._settings.uploads_at_once
        if self._inside >= most:
            full = TooManyRequests(f"{most} files are being taken in.", retry_after=2, policy="uploads", limit=most)
            await problems.send(full, scope, send, self._settings)
            return
        self._inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._inside -= 1

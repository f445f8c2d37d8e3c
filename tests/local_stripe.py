"""The local Stripe in the test's own process, asked over ASGI; webhooks travel when the test says so."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx2

from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import SandboxSettings, WebhookTarget
from tests.stripe_judge import Judge

if TYPE_CHECKING:
    from api.app import Application


class Webhook(NamedTuple):
    """One delivery as it left: the exact bytes and their signature."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class LocalStripe:
    """`http` speaks to the twin, `webhooks` are the deliveries made so far."""

    def __init__(self, folder: Path, address: str, webhook: WebhookTarget) -> None:
        """State goes into `folder`; `address` is what the hosted page's links begin with."""
        settings = SandboxSettings(state=folder / "stripe.db", webhooks=(webhook,), base_url=address, redirect_wait=0.0)
        self.judge = Judge(strict=True)
        self.twin: Sandbox = create_sandbox(settings, deliver=self.judge.hearing(self._deliver))
        self.transport = httpx2.ASGITransport(app=self.judge.before(self.twin))  # type: ignore[arg-type]  # ASGI messages, typed narrowly.
        self.http = httpx2.AsyncClient(transport=self.transport, base_url=address)
        self.webhooks: list[Webhook] = []
        self._receiver: httpx2.AsyncClient | None = None

    @asynccontextmanager
    async def delivering_to(self, app: "Application") -> AsyncIterator[None]:
        """While the block lasts, webhooks reach this application; otherwise they are answered with 200."""
        transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]  # ASGI messages, typed narrowly.
        async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url) as self._receiver:
            yield
        self._receiver = None

    async def pay(self, session_id: str, card: str = "4242424242424242") -> httpx2.Response:
        """Pay on the hosted page, as a person would; a declined card answers 402."""
        return await self.http.post(f"/_local/sessions/{session_id}/pay", json={"card": card})

    async def carry(self) -> int:
        """Deliver the webhooks that are due, once; how many attempts that took."""
        return await self.twin.deliver_due()

    async def again(self, webhook: Webhook) -> httpx2.Response:
        """Deliver one webhook once more, byte for byte."""
        assert self._receiver is not None, "no application listens"
        return await self._receiver.post(webhook.url, content=webhook.body, headers=dict(webhook.headers))

    async def close(self) -> None:
        """Let go of connections and of the state file."""
        await self.http.aclose()
        await self.twin.close()

    async def _deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        webhook = Webhook(url, body, headers)
        self.webhooks.append(webhook)
        return (await self.again(webhook)).status_code if self._receiver else 200

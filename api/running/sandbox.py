"""The Stripe-compatible server that payments go to: one that we start, or one that runs already."""

import httpx2
import msgspec

from api.running.installation import SHOP_NAME, Installation
from core.settings import PREFIX

WEBHOOK_PATH = "/webhooks/stripe"
_TIMEOUT = httpx2.Timeout(10, connect=2)


class SandboxRefused(OSError):
    """The server that --sandbox names does not take our webhook endpoint."""


class Endpoint(msgspec.Struct):
    """What `POST /v1/webhook_endpoints` answers, as far as it matters here."""

    id: str
    secret: str


def arguments(installation: Installation) -> list[str]:
    """How to start ours: it keeps its state in the data folder, signs with the shop's webhook secret, and shows
    the shop's name to who pays.
    """
    kept = installation.kept
    return [
        "-m", "checkout.sandbox",
        "--port", str(kept.sandbox_port),
        "--state", str(installation.data / "sandbox.sqlite3"),
        "--webhook-url", f"{installation.base_url}{WEBHOOK_PATH}",
        "--webhook-secret", kept.webhook_secret,
        "--shop-name", SHOP_NAME,
    ]  # fmt: skip


def environment(given: dict[str, str]) -> dict[str, str]:
    """Nothing of Vitrine's settings and secrets: it is a stranger's server."""
    return {name: value for name, value in given.items() if not name.upper().startswith(PREFIX)}


async def register(installation: Installation) -> None:
    """Make the server that --sandbox names send its events here, as one would at Stripe.

    An endpoint that was made before is kept while it is there and leads here. Raises SandboxRefused.
    """
    kept, url = installation.kept, f"{installation.base_url}{WEBHOOK_PATH}"
    headers = {"Authorization": f"Bearer {kept.stripe_key}"}
    async with httpx2.AsyncClient(
        base_url=installation.sandbox_url, headers=headers, timeout=_TIMEOUT, trust_env=False
    ) as client:
        try:
            if kept.sandbox_url == installation.sandbox_url and kept.webhook_endpoint:
                known = await client.get(f"/v1/webhook_endpoints/{kept.webhook_endpoint}")
                if known.status_code == 200 and kept.webhook_url == url:
                    return
                if known.status_code == 200:
                    await client.delete(f"/v1/webhook_endpoints/{kept.webhook_endpoint}")
            answer = await client.post("/v1/webhook_endpoints", data={"url": url, "enabled_events[0]": "*"})
        except httpx2.HTTPError as error:
            raise SandboxRefused(f"{installation.sandbox_url} does not answer: {type(error).__name__}.") from None
    if answer.status_code != 200:
        raise SandboxRefused(f"{installation.sandbox_url} answers {answer.status_code} to a new webhook endpoint.")
    made = msgspec.json.decode(answer.content, type=Endpoint)
    kept.webhook_endpoint, kept.webhook_secret = made.id, made.secret
    kept.webhook_url, kept.sandbox_url = url, installation.sandbox_url

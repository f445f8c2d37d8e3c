"""Standard Webhooks: a secret for each endpoint, and a signature over id, time and body for each message."""

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook

from core.secrets import Vault
from core.webhooks.models import WebhookDelivery, WebhookEndpoint

_SECRET_BYTES = 32
_AGENT = "Vitrine-Webhooks/1"


def new_secret() -> str:
    """`whsec_` and 32 random bytes in Base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def current_secrets(endpoint: WebhookEndpoint, vault: Vault, now: datetime) -> list[str]:
    """The secrets that a message is signed with now, the newest first."""
    sealed = [endpoint.secret_sealed]
    if endpoint.previous_secret_sealed and endpoint.previous_secret_until and now < endpoint.previous_secret_until:
        sealed.append(endpoint.previous_secret_sealed)
    return [vault.unseal(each).decode() for each in sealed]


def headers(delivery: WebhookDelivery, signing: list[str], now: datetime) -> dict[str, str]:
    """The headers of one try: the id is the event's and stays, the time is that of the try."""
    signatures = [Webhook(each).sign(delivery.event_id, now, delivery.body) for each in signing]
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }

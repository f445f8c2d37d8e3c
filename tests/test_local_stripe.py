"""The local Stripe that tests pay at: the official library, a payment, a signed webhook."""

import hashlib
import hmac

import httpx2
import pytest

from core.shops import Shop
from tests.conftest import STRIPE_WEBHOOK_SECRET
from tests.local_stripe import LocalStripe

SESSION = {
    "mode": "payment",
    "success_url": "http://127.0.0.1:8000/thanks",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1000",
    "line_items[0][price_data][product_data][name]": "Vase",
}


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_payment_sends_a_webhook_with_the_secret_that_the_shop_knows(sandbox: LocalStripe, shop: Shop) -> None:
    headers = {"Authorization": "Bearer sk_test_1234567890", "Stripe-Version": "2026-10-28.endive"}
    opened = await sandbox.http.post("/v1/checkout/sessions", data=SESSION, headers=headers)
    assert (await sandbox.pay(opened.json()["id"])).status_code == 200
    assert sandbox.webhooks == []
    assert await sandbox.carry() > 0
    for webhook in sandbox.webhooks:
        fields = httpx2.Headers(dict(webhook.headers))
        stamp, _, signature = fields["stripe-signature"].removeprefix("t=").partition(",v1=")
        signed = f"{stamp}.".encode() + webhook.body
        assert signature == hmac.new(STRIPE_WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()

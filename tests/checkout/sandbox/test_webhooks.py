"""Webhooks: signed, repeated until heard, and disturbed when a test wants it."""

from dataclasses import replace

import httpx2
import msgspec
import pytest
import stripe

from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import SandboxSettings
from tests.checkout.sandbox.calling import SECRET, SHIRT, Receiver, Wall, control, error_of, open_session, pay, post
from tests.checkout.sandbox.conftest import calling
from tests.stripe_judge import Judge


async def test_the_real_library_accepts_the_signature(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    await pay(stripe_api, await open_session(stripe_api))
    await sandbox.deliver_due()
    for delivery in receiver.heard:
        header = delivery.headers["Stripe-Signature"]
        event = stripe.Webhook.construct_event(delivery.body, header, SECRET, tolerance=10**9)
        assert (event.id, event.api_version, event.livemode) == (delivery.event.id, "2026-10-28.endive", False)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header((delivery.body + b" ").decode(), header, SECRET)
        assert delivery.headers["User-Agent"] == "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


async def test_an_event_is_repeated_with_growing_gaps_until_heard(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    session = await open_session(stripe_api)
    await control(stripe_api, f"sessions/{session.id}/expire")
    receiver.status = 503
    signatures = set()
    for gap in (0.5, 1.0, 2.0, 4.0):
        assert await sandbox.deliver_due() == 1
        signatures.add(receiver.heard[-1].headers["Stripe-Signature"])
        wall.time += gap - 0.01
        assert await sandbox.deliver_due() == 0
        wall.time += 0.01
    receiver.status = 204
    assert await sandbox.deliver_due() == 1
    wall.time += 86_400
    assert await sandbox.deliver_due() == 0
    assert len({delivery.event.id for delivery in receiver.heard}) == 1
    assert len(signatures) >= 3  # whole seconds apart: fresh each time


@pytest.mark.parametrize("status", [301, 404, 500])
async def test_only_a_2xx_counts(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall, status: int
) -> None:
    session = await open_session(stripe_api)
    await control(stripe_api, f"sessions/{session.id}/expire")
    receiver.status = status
    await sandbox.deliver_due()
    wall.time += 1
    assert await sandbox.deliver_due() == 1


async def test_after_three_days_it_gives_up(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    session = await open_session(stripe_api)
    await control(stripe_api, f"sessions/{session.id}/expire")
    receiver.away = True
    await sandbox.deliver_due()
    wall.time += 3 * 86_400
    await sandbox.deliver_due()
    wall.time += 3600
    assert await sandbox.deliver_due() == 0
    listed = msgspec.json.decode((await stripe_api.get("/_local/webhooks")).content)["data"]
    assert [(each["state"], each["answer"], each["attempts"]) for each in listed] == [
        ("failed", "ConnectionRefusedError", 2)
    ]


async def test_what_was_not_heard_survives_a_restart_and_a_new_address(
    sandbox: Sandbox,
    stripe_api: httpx2.AsyncClient,
    sandbox_settings: SandboxSettings,
    receiver: Receiver,
    wall: Wall,
) -> None:
    await pay(stripe_api, await open_session(stripe_api))
    receiver.away = True
    await sandbox.deliver_due()
    await sandbox.close()
    wall.time += 60
    receiver.away = False
    target = replace(sandbox_settings.webhooks[0], url="http://shop.test:8001/webhooks")
    again = create_sandbox(replace(sandbox_settings, webhooks=(target,)), deliver=receiver, wall=wall)
    assert await again.deliver_due() == 5
    await again.close()
    assert {delivery.url for delivery in receiver.heard} == {"http://shop.test:8001/webhooks"}


async def test_held_deliveries_come_repeated_and_shuffled(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    await control(stripe_api, "webhooks", {"hold": True})
    for _ in range(3):
        await pay(stripe_api, await open_session(stripe_api))
    assert await sandbox.deliver_due() == 0
    answer = await control(stripe_api, "webhooks", {"release": True, "copies": 3, "seed": 11})
    assert msgspec.json.decode(answer.content)["released"] == 45
    assert await sandbox.deliver_due() == 45
    ids = [delivery.event.id for delivery in receiver.heard]
    assert sorted(ids) == sorted(3 * list(dict.fromkeys(ids)))
    assert ids[:15] != list(dict.fromkeys(ids))


async def test_a_delayed_delivery_waits(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    await control(stripe_api, "webhooks", {"delay": 5, "copies": 2})
    session = await open_session(stripe_api)
    await control(stripe_api, f"sessions/{session.id}/expire")
    assert await sandbox.deliver_due() == 0
    wall.time += 5
    assert await sandbox.deliver_due() == 2
    assert receiver.types == ["checkout.session.expired"] * 2


async def test_events_come_in_no_particular_order(
    stripe_api: httpx2.AsyncClient, sandbox: Sandbox, receiver: Receiver
) -> None:
    orders = set()
    for _ in range(6):
        receiver.heard.clear()
        await pay(stripe_api, await open_session(stripe_api))
        await sandbox.deliver_due()
        orders.add(tuple(receiver.types))
    assert len(orders) > 1


async def test_the_redirect_waits_for_the_answer(living_api: httpx2.AsyncClient, receiver: Receiver) -> None:
    session = await open_session(living_api)
    await pay(living_api, session)
    assert receiver.last("checkout.session.completed").id == session.id


async def test_events_can_be_asked_for(sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver) -> None:
    await pay(stripe_api, await open_session(stripe_api))
    undelivered = await stripe_api.get("/v1/events", params={"delivery_success": "false"})
    assert len(msgspec.json.decode(undelivered.content)["data"]) == 5
    await sandbox.deliver_due()
    found = await stripe_api.get("/v1/events", params={"types[0]": "checkout.session.completed"})
    event = msgspec.json.decode(found.content)["data"][0]
    one = msgspec.json.decode((await stripe_api.get(f"/v1/events/{event['id']}")).content)
    assert (one["pending_webhooks"], one["data"]["object"]["object"]) == (0, "checkout.session")
    heard = next(delivery for delivery in receiver.heard if delivery.event.id == event["id"])
    assert msgspec.json.decode(heard.body)["pending_webhooks"] == 1


async def test_events_are_kept_for_thirty_days(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await pay(stripe_api, await open_session(stripe_api))
    event = msgspec.json.decode((await stripe_api.get("/v1/events")).content)["data"][0]["id"]
    wall.time += 30 * 86_400
    assert msgspec.json.decode((await stripe_api.get("/v1/events")).content)["data"] == []
    assert error_of(await stripe_api.get(f"/v1/events/{event}")).code == "resource_missing"


async def test_an_endpoint_keeps_the_version_that_it_was_made_with(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    wish = {"url": "http://mine.test/old", "enabled_events[0]": "*", "api_version": "2026-05-27.dahlia"}
    await post(stripe_api, "/v1/webhook_endpoints", wish)
    await pay(stripe_api, await open_session(stripe_api))
    await sandbox.deliver_due()
    assert {each.event.api_version for each in receiver.heard if each.url == wish["url"]} == {"2026-05-27.dahlia"}


async def test_an_endpoint_of_the_api_hears_its_own_account_only(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, judge: Judge
) -> None:
    params = {"url": "http://mine.test/h", "enabled_events[0]": "checkout.session.expired"}
    made = msgspec.json.decode((await post(stripe_api, "/v1/webhook_endpoints", params)).content)
    shown = msgspec.json.decode((await stripe_api.get(f"/v1/webhook_endpoints/{made['id']}")).content)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in shown
    async with calling(judge, sandbox, {"Authorization": "Bearer sk_test_other"}) as other:
        theirs = await open_session(other)
    for session in (theirs, await open_session(stripe_api)):
        await control(stripe_api, f"sessions/{session.id}/expire")
    await pay(stripe_api, await open_session(stripe_api))
    await sandbox.deliver_due()
    mine = [delivery for delivery in receiver.heard if delivery.url == "http://mine.test/h"]
    assert [delivery.event.type for delivery in mine] == ["checkout.session.expired"]
    gone = await stripe_api.delete(f"/v1/webhook_endpoints/{made['id']}")
    assert msgspec.json.decode(gone.content)["deleted"] is True
    assert error_of(await stripe_api.get(f"/v1/webhook_endpoints/{made['id']}")).code == "resource_missing"


async def test_requests_are_logged_for_assertions(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    await post(stripe_api, "/v1/checkout/sessions", SHIRT, "key_1")
    logged = msgspec.json.decode((await stripe_api.get("/_local/requests", params={"method": "POST"})).content)["data"]
    assert [(each["path"], each["idempotency_key"], each["status"]) for each in logged] == [
        ("/v1/checkout/sessions", None, 200),
        ("/v1/checkout/sessions", "key_1", 200),
    ]
    assert logged[0]["params"]["metadata"] == session.metadata

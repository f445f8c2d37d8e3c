"""Time, trouble and other accounts: plans for single events, rolled secrets, snapshots, Connect."""

from typing import cast

import httpx2
import msgspec
import pytest
import stripe

from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import (
    KEY,
    SECRET,
    SESSIONS,
    SHIRT,
    Delivery,
    Json,
    Receiver,
    Wall,
    control,
    error_of,
    open_session,
    pay,
    post,
    session_of,
)
from tests.checkout.sandbox.conftest import calling
from tests.stripe_judge import Judge

DONE = "checkout.session.completed"


def genuine(delivery: Delivery, secret: str, wall: Wall) -> bool:
    """Whether the real library takes the signature as fresh."""
    header = delivery.headers["Stripe-Signature"]
    stamped = int(header.split(",")[0].removeprefix("t="))
    try:
        stripe.WebhookSignature.verify_header(delivery.body.decode(), header, secret)
    except stripe.SignatureVerificationError:
        return False
    return wall.time - stamped < 300


def rule(**what: Json) -> dict[str, Json]:
    return {"rules": [{"type": DONE, **what}]}


async def heard(sandbox: Sandbox, receiver: Receiver) -> list[Delivery]:
    await sandbox.deliver_due()
    return [delivery for delivery in receiver.heard if delivery.event.type == DONE]


async def test_one_type_of_event_can_be_lost_and_repeated(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    await control(stripe_api, "webhooks", rule(lost=2, copies=2))
    await pay(stripe_api, await open_session(stripe_api))
    assert await heard(sandbox, receiver) == []
    assert len(receiver.heard) == 4
    await control(stripe_api, "clock", {"advance": 1})
    assert await heard(sandbox, receiver) == []
    await control(stripe_api, "clock", {"advance": 2})
    assert len(await heard(sandbox, receiver)) == 2


@pytest.mark.parametrize("signature", ["wrong", "old"])
async def test_a_signature_can_be_bad(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall, signature: str
) -> None:
    await control(stripe_api, "webhooks", rule(signature=signature))
    await pay(stripe_api, await open_session(stripe_api))
    await sandbox.deliver_due()
    believed = {each.event.type: genuine(each, SECRET, wall) for each in receiver.heard}
    assert [kind for kind, good in believed.items() if not good] == [DONE]


async def test_one_thing_can_make_two_events(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    await control(stripe_api, "webhooks", rule(twins=True))
    await pay(stripe_api, await open_session(stripe_api))
    twins = await heard(sandbox, receiver)
    assert len({each.event.id for each in twins}) == 2
    assert len({each.event.data.object.id for each in twins}) == 1
    await control(stripe_api, f"events/{twins[0].event.id}/resend")
    assert len(await heard(sandbox, receiver)) == 3


async def test_two_secrets_sign_while_one_is_rolled(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, wall: Wall
) -> None:
    rolled = await control(stripe_api, "webhook_endpoints/we_configured_0/roll", {"expires_in": 60})
    new = msgspec.json.decode(rolled.content)["secret"]
    await pay(stripe_api, await open_session(stripe_api))
    (both,) = await heard(sandbox, receiver)
    assert genuine(both, SECRET, wall)
    assert genuine(both, new, wall)
    wall.time += 61
    await pay(stripe_api, await open_session(stripe_api))
    later = (await heard(sandbox, receiver))[-1]
    assert (genuine(later, SECRET, wall), genuine(later, new, wall)) == (False, True)


async def test_a_state_can_be_kept_brought_back_and_emptied(stripe_api: httpx2.AsyncClient) -> None:
    async def count() -> int:
        return len(msgspec.json.decode((await stripe_api.get(SESSIONS)).content)["data"])

    await open_session(stripe_api)
    await control(stripe_api, "snapshots/one")
    await open_session(stripe_api)
    await control(stripe_api, "clock", {"advance": 100})
    assert await count() == 2
    await control(stripe_api, "snapshots/one/restore")
    assert await count() == 1
    await control(stripe_api, "reset")
    assert await count() == 0
    assert (await control(stripe_api, "snapshots/two/restore")).status_code == 404


async def test_requests_are_counted(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    await pay(stripe_api, session)
    for _ in range(2):
        await stripe_api.get(f"{SESSIONS}/{session.id}")
    counted = msgspec.json.decode((await stripe_api.get("/_local/counters")).content)
    assert counted["requests"] == {f"POST {SESSIONS}": 1, f"GET {SESSIONS}/{{id}}": 2}
    assert (counted["statuses"], counted["reads_per_payment"]) == ({"200": 3}, 2.0)


async def test_a_connected_account_has_a_space_and_events_of_its_own(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver, judge: Judge
) -> None:
    for url, connect in (("http://platform.test/own", "false"), ("http://platform.test/connect", "true")):
        await post(stripe_api, "/v1/webhook_endpoints", {"url": url, "enabled_events[0]": DONE, "connect": connect})
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Account": "acct_seller1"}
    async with calling(judge, sandbox, headers) as seller:
        answer = await post(seller, SESSIONS, SHIRT, "one")
        assert answer.headers["Stripe-Account"] == "acct_seller1"
        session = session_of(answer)
        await pay(seller, session)
        assert msgspec.json.decode((await seller.get("/v1/account")).content)["id"] == "acct_seller1"
    assert error_of(await stripe_api.get(f"{SESSIONS}/{session.id}")).code == "resource_missing"
    assert session_of(await post(stripe_api, SESSIONS, SHIRT, "one")).id != session.id
    theirs = await heard(sandbox, receiver)
    assert {each.url for each in theirs} == {"http://shop.test/webhooks", "http://platform.test/connect"}
    assert {cast(dict[str, Json], msgspec.json.decode(each.body))["account"] for each in theirs} == {"acct_seller1"}
    assert (await stripe_api.get("/v1/accounts/acct_seller1")).status_code == 200
    async with calling(judge, sandbox, headers | {"Stripe-Account": "nonsense"}) as nobody:
        assert (await nobody.get("/v1/account")).status_code == 403


async def test_an_endpoint_can_be_changed_and_switched_off(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    params = {"url": "http://mine.test/a", "enabled_events[0]": DONE}
    made = msgspec.json.decode((await post(stripe_api, "/v1/webhook_endpoints", params)).content)
    path = f"/v1/webhook_endpoints/{made['id']}"
    await post(stripe_api, path, {"url": "http://mine.test/b"})
    await pay(stripe_api, await open_session(stripe_api))
    assert "http://mine.test/b" in [each.url for each in await heard(sandbox, receiver)]
    assert msgspec.json.decode((await post(stripe_api, path, {"disabled": "true"})).content)["status"] == "disabled"
    await pay(stripe_api, await open_session(stripe_api))
    assert [each.url for each in await heard(sandbox, receiver)].count("http://mine.test/b") == 1


async def test_countries_say_what_they_take(stripe_api: httpx2.AsyncClient) -> None:
    spec = msgspec.json.decode((await stripe_api.get("/v1/country_specs/DE")).content)
    assert (spec["default_currency"], "jpy" in spec["supported_payment_currencies"]) == ("eur", True)
    first = msgspec.json.decode((await stripe_api.get("/v1/country_specs", params={"limit": 2})).content)
    assert ([each["id"] for each in first["data"]], first["has_more"]) == (["AE", "AT"], True)
    assert error_of(await stripe_api.get("/v1/country_specs/XX")).code == "resource_missing"


async def test_a_key_that_may_only_read_is_told_so(sandbox: Sandbox, judge: Judge) -> None:
    async with calling(judge, sandbox, {"Authorization": "Bearer rk_test_readonly"}) as reader:
        assert (await reader.get(SESSIONS)).status_code == 200
        refused = await post(reader, SESSIONS, SHIRT)
    assert (refused.status_code, "required permissions" in error_of(refused).message) == (403, True)

"""Too much at once: refused as Stripe refuses it, forgotten a second later, never remembered by a key."""

import asyncio
from dataclasses import replace

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import create_sandbox
from checkout.sandbox.settings import LIMITS, Limits, SandboxSettings
from tests.checkout.sandbox.calling import (
    KEY,
    SESSIONS,
    SHIRT,
    Json,
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

REASON = "Stripe-Rate-Limited-Reason"


async def paid(client: httpx2.AsyncClient) -> str:
    return str(session_of(await pay(client, await open_session(client))).payment_intent)


def refused(answers: list[httpx2.Response]) -> list[str | None]:
    """Why each of them was refused, or None."""
    return [answer.headers.get(REASON) if answer.status_code == 429 else None for answer in answers]


async def test_so_many_requests_a_second_and_no_more(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await control(stripe_api, "limits", {"per_second": 2})
    answers = [await stripe_api.get(SESSIONS), await post(stripe_api, SESSIONS, SHIRT), await stripe_api.get(SESSIONS)]
    assert refused(answers) == [None, None, "global-rate"]
    assert (error_of(answers[2]).type, error_of(answers[2]).code) == ("invalid_request_error", "rate_limit")
    stripe_api.headers["Authorization"] = "Bearer sk_test_other"
    assert (await stripe_api.get(SESSIONS)).status_code == 200
    stripe_api.headers["Authorization"] = f"Bearer {KEY}"
    wall.time += 1
    assert (await stripe_api.get(SESSIONS)).status_code == 200


async def test_each_endpoint_and_search_have_limits_of_their_own(stripe_api: httpx2.AsyncClient) -> None:
    search = "/v1/charges/search?query=status:'succeeded'"
    await control(stripe_api, "limits", {"per_endpoint": 2, "per_search": 1})
    answers = [await stripe_api.get(path) for path in (SESSIONS, SESSIONS, SESSIONS, search, search, "/v1/charges")]
    assert refused(answers) == [None, None, "endpoint-rate", None, "endpoint-rate", None]


async def test_a_payment_is_changed_so_often_an_hour(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await control(stripe_api, "limits", {"per_intent_and_hour": 1})
    path = f"/v1/payment_intents/{await paid(stripe_api)}"
    answers = [await post(stripe_api, path, {"description": each}) for each in ("one", "two")]
    assert refused(answers) == [None, "resource-specific"]
    wall.time += 3600
    assert (await post(stripe_api, path, {"description": "three"})).status_code == 200


@pytest.mark.parametrize(
    ("limit", "reason"), [("at_once", "global-concurrency"), ("endpoint_at_once", "endpoint-concurrency")]
)
async def test_so_many_requests_side_by_side(stripe_api: httpx2.AsyncClient, limit: str, reason: str) -> None:
    await control(stripe_api, "limits", {limit: 1})
    await control(stripe_api, "faults", {"latency": 0.2})
    both = await asyncio.gather(*(post(stripe_api, SESSIONS, SHIRT, key) for key in ("one", "two")))
    assert refused(list(both)) == [None, reason]


async def test_a_refused_request_is_not_remembered_by_its_key(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    await control(stripe_api, "limits", {"per_second": 1})
    assert refused([await post(stripe_api, SESSIONS, SHIRT, key) for key in ("one", "two")]) == [None, "global-rate"]
    wall.time += 1
    answer = await post(stripe_api, SESSIONS, SHIRT, "two")
    assert (answer.status_code, answer.headers.get("Idempotent-Replayed")) == (200, None)


async def test_nothing_is_limited_until_somebody_says_so(stripe_api: httpx2.AsyncClient) -> None:
    assert [(await stripe_api.get(SESSIONS)).status_code for _ in range(30)] == [200] * 30
    await control(stripe_api, "limits", {"per_second": 1})
    await control(stripe_api, "reset")
    assert msgspec.json.decode((await stripe_api.get("/_local/limits")).content, type=Limits) == LIMITS["none"]
    assert (LIMITS["test"].per_second, LIMITS["live"].per_second, LIMITS["live"].per_endpoint) == (25, 100, 25)
    assert (await control(stripe_api, "limits", {"per_second": -1})).status_code == 400


async def test_an_object_that_stripe_itself_changes_is_locked(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    intent = await paid(stripe_api)
    await control(stripe_api, "locks", {"object": intent, "seconds": 5})
    wish: dict[str, str] = {"payment_intent": intent, "amount": "100"}
    locked = await post(stripe_api, "/v1/refunds", wish, "k")
    assert (locked.status_code, error_of(locked).code, REASON in locked.headers) == (429, "lock_timeout", False)
    assert (await stripe_api.get(f"/v1/payment_intents/{intent}")).status_code == 200
    wall.time += 5
    assert (await post(stripe_api, "/v1/refunds", wish, "k")).status_code == 200


async def test_two_changes_of_one_object_come_one_after_the_other(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    path = f"{SESSIONS}/{session.id}"
    fault: dict[str, Json] = {"latency": 0.1, "times": 2, "method": "POST"}
    await control(stripe_api, "faults", fault)
    both = await asyncio.gather(*(post(stripe_api, path, {f"metadata[{each}]": "1"}) for each in ("one", "two")))
    assert [answer.status_code for answer in both] == [200, 200]
    changed = session_of(await stripe_api.get(path)).metadata
    assert {"one", "two"} <= set(changed)


async def test_who_waits_too_long_for_an_object_is_told_so(
    sandbox_settings: SandboxSettings, wall: Wall, judge: Judge
) -> None:
    impatient = create_sandbox(replace(sandbox_settings, lock_patience=0.01), wall=wall)
    async with calling(judge, impatient, {"Authorization": f"Bearer {KEY}"}) as client:
        path = f"{SESSIONS}/{(await open_session(client)).id}"
        await control(client, "faults", {"latency": 0.2, "method": "POST"})
        both = await asyncio.gather(*(post(client, path, {f"metadata[{each}]": "1"}) for each in ("one", "two")))
    assert [answer.status_code for answer in both] == [200, 429]
    assert error_of(both[1]).code == "lock_timeout"
    await impatient.close()


async def test_every_refusal_names_its_line_in_the_log(stripe_api: httpx2.AsyncClient) -> None:
    answer = await stripe_api.get(f"{SESSIONS}/cs_test_nobody")
    logged = msgspec.json.decode(answer.content)["error"]["request_log_url"]
    assert logged == f"https://dashboard.stripe.com/test/logs/{answer.headers['Request-Id']}"

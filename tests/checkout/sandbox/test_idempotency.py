"""Idempotency keys, as Stripe keeps them."""

import asyncio

import httpx2
import msgspec

from tests.checkout.sandbox.calling import SESSIONS, SHIRT, Wall, control, error_of, open_session, post, session_of


async def count(client: httpx2.AsyncClient) -> int:
    """How many sessions there are."""
    return len(msgspec.json.decode((await client.get(SESSIONS)).content)["data"])


async def test_the_same_key_gives_the_same_answer_once(stripe_api: httpx2.AsyncClient) -> None:
    first = await post(stripe_api, SESSIONS, SHIRT, "k")
    second = await post(stripe_api, SESSIONS, SHIRT, "k")
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"] != second.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert await count(stripe_api) == 1


async def test_other_parameters_are_refused(stripe_api: httpx2.AsyncClient) -> None:
    await post(stripe_api, SESSIONS, SHIRT, "k")
    answer = await post(stripe_api, SESSIONS, SHIRT | {"client_reference_id": "ord_2"}, "k")
    error = error_of(answer)
    assert (answer.status_code, error.type) == (400, "idempotency_error")
    assert "same parameters" in error.message


async def test_another_endpoint_is_refused(stripe_api: httpx2.AsyncClient) -> None:
    session = session_of(await post(stripe_api, SESSIONS, SHIRT, "k"))
    answer = await post(stripe_api, f"{SESSIONS}/{session.id}/expire", {}, "k")
    assert error_of(answer).type == "idempotency_error"
    assert "same endpoint" in error_of(answer).message


async def test_a_second_request_in_flight_is_told_to_wait(stripe_api: httpx2.AsyncClient) -> None:
    await control(stripe_api, "faults", {"latency": 0.2})
    first, second = await asyncio.gather(*(post(stripe_api, SESSIONS, SHIRT, "k") for _ in range(2)))
    assert first.status_code == 200
    assert (second.status_code, error_of(second).code) == (409, "idempotency_key_in_use")
    assert second.headers["Stripe-Should-Retry"] == "true"
    assert (await post(stripe_api, SESSIONS, SHIRT, "k")).content == first.content


async def test_a_failure_inside_is_remembered(stripe_api: httpx2.AsyncClient) -> None:
    await control(stripe_api, "faults", {"at": "inside", "status": 500})
    failed = await post(stripe_api, SESSIONS, SHIRT, "k")
    again = await post(stripe_api, SESSIONS, SHIRT, "k")
    assert (failed.status_code, again.status_code, again.content) == (500, 500, failed.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(stripe_api) == 0


async def test_failed_validation_is_not_remembered(stripe_api: httpx2.AsyncClient) -> None:
    assert (await post(stripe_api, SESSIONS, SHIRT | {"nonsense": "1"}, "k")).status_code == 400
    assert (await post(stripe_api, SESSIONS, SHIRT, "k")).status_code == 200


async def test_a_refused_expiry_is_remembered(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    path = f"{SESSIONS}/{session.id}/expire"
    await post(stripe_api, path)
    assert (await post(stripe_api, path, {}, "k")).status_code == 400
    assert (await post(stripe_api, path, {}, "k")).headers["Idempotent-Replayed"] == "true"


async def test_keys_belong_to_an_account(stripe_api: httpx2.AsyncClient) -> None:
    mine = session_of(await post(stripe_api, SESSIONS, SHIRT, "k"))
    stripe_api.headers["Authorization"] = "Bearer sk_test_other"
    theirs = session_of(await post(stripe_api, SESSIONS, SHIRT, "k"))
    assert mine.id != theirs.id


async def test_a_key_is_forgotten_after_a_day(stripe_api: httpx2.AsyncClient, wall: Wall) -> None:
    first = session_of(await post(stripe_api, SESSIONS, SHIRT, "k"))
    wall.time += 86_401
    assert session_of(await post(stripe_api, SESSIONS, SHIRT, "k")).id != first.id


async def test_an_endless_key_is_refused(stripe_api: httpx2.AsyncClient) -> None:
    assert error_of(await post(stripe_api, SESSIONS, SHIRT, "k" * 256)).type == "idempotency_error"

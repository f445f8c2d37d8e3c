"""Scripted trouble, and who may script it."""

import httpx2
import msgspec
import pytest

from checkout.sandbox.server import ConnectionDropped, Sandbox
from tests.checkout.sandbox.calling import KEY, SESSIONS, SHIRT, Json, control, error_of, open_session, post


async def known(client: httpx2.AsyncClient) -> int:
    """How many sessions there are."""
    return len(msgspec.json.decode((await client.get("/_local/sessions")).content)["data"])


async def test_before_execution_nothing_happened(stripe_api: httpx2.AsyncClient) -> None:
    await control(stripe_api, "faults", {"at": "before", "status": 503, "headers": {"Retry-After": "1"}})
    answer = await post(stripe_api, SESSIONS, SHIRT, "k")
    assert (answer.status_code, answer.headers["Retry-After"], await known(stripe_api)) == (503, "1", 0)
    assert "Idempotent-Replayed" not in (await post(stripe_api, SESSIONS, SHIRT, "k")).headers


async def test_after_execution_a_retry_finds_the_answer(stripe_api: httpx2.AsyncClient) -> None:
    body: dict[str, Json] = {"error": {"type": "api_error", "message": "later"}}
    await control(stripe_api, "faults", {"at": "after", "status": 500, "body": body, "method": "POST"})
    answer = await post(stripe_api, SESSIONS, SHIRT, "k")
    assert (answer.status_code, error_of(answer).message, await known(stripe_api)) == (500, "later", 1)
    again = await post(stripe_api, SESSIONS, SHIRT, "k")
    assert (again.status_code, again.headers["Idempotent-Replayed"], await known(stripe_api)) == (200, "true", 1)


@pytest.mark.parametrize(("moment", "sessions"), [("before", 0), ("after", 1)])
async def test_the_connection_can_be_cut(stripe_api: httpx2.AsyncClient, moment: str, sessions: int) -> None:
    await control(stripe_api, "faults", {"at": moment, "drop": True, "path": SESSIONS})
    with pytest.raises(ConnectionDropped):
        await post(stripe_api, SESSIONS, SHIRT, "k")
    assert await known(stripe_api) == sessions


async def test_several_faults_wait_in_line_and_can_be_called_off(stripe_api: httpx2.AsyncClient) -> None:
    script = [{"status": 429, "times": 2}, {"status": 503}]
    await stripe_api.post("/_local/faults", json=script)
    statuses = [(await stripe_api.get(SESSIONS)).status_code for _ in range(3)]
    await stripe_api.post("/_local/faults", json=script)
    await stripe_api.delete("/_local/faults")
    assert [*statuses, (await stripe_api.get(SESSIONS)).status_code] == [429, 429, 503, 200]


@pytest.mark.parametrize("body", [b"{", b'{"colour": 1}', b'{"at": "never"}', b"[1]"])
async def test_a_misspelt_order_is_refused(stripe_api: httpx2.AsyncClient, body: bytes) -> None:
    answer = await stripe_api.post("/_local/faults", content=body)
    assert (answer.status_code, "Invalid JSON" in error_of(answer).message) == (400, True)


async def test_local_control_answers_this_machine_only(sandbox: Sandbox) -> None:
    elsewhere = httpx2.ASGITransport(app=sandbox, client=("192.0.2.1", 5000))  # type: ignore[arg-type]  # Litestar's messages are narrower.
    async with httpx2.AsyncClient(transport=elsewhere, base_url="http://stripe.test") as client:
        answer = await client.get("/_local/sessions")
    assert answer.status_code == 403


async def test_local_control_does_not_answer_another_web_page(stripe_api: httpx2.AsyncClient) -> None:
    session = await open_session(stripe_api)
    answer = await stripe_api.post(f"/_local/sessions/{session.id}/pay", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_requests_are_logged_without_the_key(stripe_api: httpx2.AsyncClient) -> None:
    await open_session(stripe_api)
    text = (await stripe_api.get("/_local/requests")).text
    assert SESSIONS in text
    assert KEY not in text


async def test_it_says_that_it_lives(stripe_api: httpx2.AsyncClient) -> None:
    answer = await stripe_api.get("/_local/health")
    assert msgspec.json.decode(answer.content)["status"] == "ok"


@pytest.mark.parametrize("path", ["sessions/cs_test_nobody/pay", "sessions/cs_test_nobody/expire"])
async def test_nobody_pays_what_does_not_exist(stripe_api: httpx2.AsyncClient, path: str) -> None:
    answer = await control(stripe_api, path)
    assert (answer.status_code, error_of(answer).code) == (404, "resource_missing")

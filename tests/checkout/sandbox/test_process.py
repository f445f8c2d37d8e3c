"""The local Stripe as a process of its own, in front of the real library, killed and started again."""

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import stripe

from tests.checkout.sandbox.calling import FORM, KEY, SECRET, SESSIONS, SHIRT

ROOT = Path(__file__).resolve().parents[3]


class Running(NamedTuple):
    """A started server."""

    process: subprocess.Popen[str]
    base_url: str

    def client(self) -> httpx2.Client:
        """Calls with a test key."""
        return httpx2.Client(base_url=self.base_url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)


def create(client: httpx2.Client, key: str) -> str:
    """A session under an idempotency key; the answer as it came, or nothing if there was none."""
    try:
        return client.post(SESSIONS, data=SHIRT, headers=FORM | {"Idempotency-Key": key}).text
    except httpx2.TransportError:
        return ""


@contextmanager
def running(state: Path, *flags: str) -> Iterator[Running]:
    """The server on a free port, ended with the block."""
    command = [sys.executable, "-m", "checkout.sandbox", "--port", "0", "--state", str(state), *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            assert ready["pid"] == process.pid
            yield Running(process, ready["base_url"])
        finally:
            process.kill()


@contextmanager
def shop(status: int) -> Iterator[tuple[str, "queue.Queue[str]"]]:
    """A shop on loopback that answers every webhook with a status and passes on the event's type."""
    heard: queue.Queue[str] = queue.Queue()

    class Webhook(BaseHTTPRequestHandler):
        """Takes one webhook."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stripe.WebhookSignature.verify_header(body.decode(), self.headers["Stripe-Signature"], SECRET, 300)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            heard.put(json.loads(body)["type"])

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/webhooks", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def library(base_url: str) -> stripe.StripeClient:
    """The real library, pointed here and telling nobody."""
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        KEY, base_addresses={"api": base_url}, max_network_retries=2, http_client=stripe.RequestsClient()
    )


def test_the_real_library_does_a_checkout(tmp_path: Path) -> None:
    with running(tmp_path / "s.sqlite3") as server:
        sessions = library(server.base_url).v1.checkout.sessions
        made = [
            sessions.create(
                {
                    "mode": "payment",
                    "success_url": "http://shop.test/thanks",
                    "line_items": [
                        {
                            "price_data": {"currency": "usd", "unit_amount": 1250, "product_data": {"name": "Mug"}},
                            "quantity": 2,
                        }
                    ],
                    "metadata": {"order": str(number)},
                },
                {"idempotency_key": f"order-{number}"},
            )
            for number in range(3)
        ]
        with server.client() as client:
            client.post("/_local/faults", json={"status": 500, "path": f"{SESSIONS}/"})
            client.post(f"/_local/sessions/{made[0].id}/pay", json={})
        paid = sessions.retrieve(made[0].id, {"expand": ["payment_intent.latest_charge", "line_items"]})
        assert (paid.status, paid.payment_status, paid.amount_total, paid.livemode) == ("complete", "paid", 2500, False)
        assert isinstance(paid.payment_intent, stripe.PaymentIntent)
        assert isinstance(paid.payment_intent.latest_charge, stripe.Charge)
        assert paid.payment_intent.latest_charge.paid
        assert sessions.expire(made[1].id).status == "expired"
        assert [each.id for each in sessions.list({"limit": 1}).auto_paging_iter()] == [m.id for m in reversed(made)]
        with pytest.raises(stripe.IdempotencyError):
            sessions.create({"mode": "payment"}, {"idempotency_key": "order-1"})
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            sessions.expire(made[0].id)
        assert "status of `complete`" in str(refusal.value.user_message)


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    with running(tmp_path / "s.sqlite3") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0


def test_nothing_is_lost_or_doubled_by_sigkill(tmp_path: Path) -> None:
    keys = [f"key-{number}" for number in range(60)]
    with running(tmp_path / "s.sqlite3") as server, server.client() as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(partial(create, client), keys)
        first = [next(answers) for _ in range(10)]
        server.process.kill()
        before = dict(zip(keys, [*first, *answers], strict=True))
    with running(tmp_path / "s.sqlite3") as server, server.client() as client:
        after = {key: create(client, key) for key in keys}
        stored = [each["id"] for each in client.get("/_local/sessions").json()["data"]]
    answered = {key: text for key, text in before.items() if text}
    assert len(answered) >= 10
    assert {key: after[key] for key in answered} == answered
    assert len(stored) == len(set(stored)) == len(keys)
    assert sorted(stored) == sorted(json.loads(text)["id"] for text in after.values())


def test_a_webhook_outlives_both_sides(tmp_path: Path) -> None:
    state = tmp_path / "s.sqlite3"
    with (
        shop(500) as (url, heard),
        running(state, "--webhook-url", url, "--webhook-secret", SECRET, "--redirect-wait", "5") as server,
        server.client() as client,
    ):
        session = client.post(SESSIONS, data=SHIRT, headers=FORM).json()["id"]
        client.post(f"/_local/sessions/{session}/pay", json={})
        assert heard.get(timeout=10)
        server.process.kill()
    with shop(200) as (url, heard), running(state, "--webhook-url", url, "--webhook-secret", SECRET):
        assert "checkout.session.completed" in {heard.get(timeout=20) for _ in range(5)}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--key", "sk_live_51"], "refuses live keys"),
        (["--webhook-url", "http://127.0.0.1/"], "needs its --webhook-secret"),
        (["--webhook-url", "http://127.0.0.1/", "--webhook-secret", "x"], "starts with whsec_"),
    ],
)
def test_it_refuses_to_start(tmp_path: Path, flags: list[str], said: str) -> None:
    command = [sys.executable, "-m", "checkout.sandbox", "--port", "0", "--state", str(tmp_path / "s.sqlite3"), *flags]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, said in ended.stderr) == (2, True)


def test_it_refuses_a_taken_port(tmp_path: Path) -> None:
    with running(tmp_path / "a.sqlite3") as server:
        port = server.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "checkout.sandbox", "--port", port, "--state", str(tmp_path / "b.sqlite3")]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, "in use" in ended.stderr) == (2, True)

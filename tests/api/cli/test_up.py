"""`vitrine up`: one parent, three children, and nothing left behind."""

import os
import shlex
import signal
import socket
import stat
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import msgspec
import pytest
from PIL import Image

from api.running import joining
from tests.api.cli.processes import Up, await_end, environment, up, vitrine


def test_it_answers_once_the_ready_file_is_there_and_stops_in_order(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        ready = first.ready
        assert first.get("/v1/shop").json()["id"] == ready.shop_id
        assert httpx2.get(f"{ready.sandbox_url}/_local/health", trust_env=False).status_code == 200
        assert ready.publishable_key.startswith("vt_pk_")
        assert ready.pid in first.children()
        children = first.children()
        assert len(children) == 3
        assert stat.S_IMODE(first.ready_file.stat().st_mode) == 0o600
        assert first.stop() == 0
        assert await_end(children, 0) == []
        assert not first.ready_file.exists()


def test_other_commands_find_the_installation_by_the_settings_that_it_leaves(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        file = tmp_path / "data" / "vitrine.env"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        settings = dict(word.split("=", 1) for line in file.read_text().splitlines() for word in shlex.split(line))
        assert settings["VITRINE_PUBLIC_URL"] == running.ready.base_url
        found = vitrine("doctor", env=environment(**settings))
        assert found.returncode == 0, found.stdout
        assert "Stripe takes its key" in found.stdout


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        session = {"mode": "payment", "success_url": "http://127.0.0.1/", "line_items[0][quantity]": "1"}
        session |= {"line_items[0][price_data][currency]": "eur", "line_items[0][price_data][unit_amount]": "500"}
        session |= {"line_items[0][price_data][product_data][name]": "Bol"}
        made = _stripe(tmp_path, first.ready.sandbox_url, "/v1/checkout/sessions", session)
        assert made.status_code == 200, made.text
        first.stop(signal.SIGINT)
    with up(tmp_path) as second:
        assert (second.ready.base_url, second.ready.sandbox_url) == (first.ready.base_url, first.ready.sandbox_url)
        assert second.ready.secret_key == first.ready.secret_key
        assert second.ready.webhook_secret == first.ready.webhook_secret
        assert second.get("/v1/shop").json()["id"] == first.ready.shop_id
        known = httpx2.get(f"{second.ready.sandbox_url}/_local/sessions", trust_env=False).json()["data"]
        assert [each["id"] for each in known] == [made.json()["id"]]


def test_a_killed_server_takes_the_rest_down_and_says_so(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        assert _upload(running).status_code == 201
        everyone = running.descendants()
        os.kill(running.ready.pid, signal.SIGKILL)
        assert running.process.wait(15) == 1
        assert await_end(everyone, 2) == []
        assert running.process.stderr is not None
        assert "The server was killed by SIGKILL." in running.process.stderr.read()


@pytest.mark.chaos
def test_a_killed_parent_leaves_no_process_and_frees_its_ports(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        assert _upload(running).status_code == 201
        everyone = running.descendants()
        assert len(everyone) > len(running.children()), "pictures are worked on in processes of their own"
        running.stop(signal.SIGKILL)
        assert await_end(everyone, 5) == []
    with up(tmp_path) as again:
        assert (again.ready.base_url, again.ready.sandbox_url) == (running.ready.base_url, running.ready.sandbox_url)
        assert again.ready.shop_id == running.ready.shop_id


def test_two_on_one_folder_are_refused(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        second = vitrine("up", "--port", "0", "--data", str(tmp_path / "data"), "--ready-file", str(tmp_path / "other"))
        assert second.returncode == 1
        assert "Another `vitrine up` runs" in second.stderr
        assert running.get("/livez").status_code == 200


def test_who_is_refused_leaves_the_files_of_the_one_that_runs(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        files = (running.ready_file, joining.beside(running.ready_file))
        before = [each.read_bytes() for each in files]
        command = ("up", "--port", "0", "--data", str(tmp_path / "data"), "--ready-file", str(running.ready_file))
        assert vitrine(*command).returncode == 1
        assert [each.read_bytes() for each in files] == before


@pytest.mark.chaos
def test_the_ready_file_of_one_that_was_killed_goes_even_where_nothing_can_start(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        everyone = running.descendants()
        running.stop(signal.SIGKILL)
        assert await_end(everyone, 5) == []
        assert running.ready_file.exists()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = ("up", "--port", port, "--data", str(tmp_path / "data"), "--ready-file", str(running.ready_file))
        assert vitrine(*command).returncode == 1
    assert not running.ready_file.exists()


def test_a_port_that_is_taken_is_refused_when_asked_for_and_replaced_when_not(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        before = running.ready
        running.stop()
    port = urlsplit(before.base_url).port
    assert port is not None
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = vitrine("up", "--port", str(port), "--data", str(tmp_path / "data"))
        assert refused.returncode == 1
        assert f"Cannot listen on 127.0.0.1:{port}" in refused.stderr
        with up(tmp_path) as elsewhere:
            assert elsewhere.ready.base_url != before.base_url
            assert elsewhere.ready.secret_key == before.secret_key


def test_a_sandbox_that_runs_already_is_told_where_to_send_events(tmp_path: Path) -> None:
    with up(tmp_path / "one") as other, up(tmp_path / "two", "--sandbox", other.ready.sandbox_url) as running:
        assert len(running.children()) == 2
        assert running.ready.sandbox_url == other.ready.sandbox_url
        assert running.ready.webhook_secret.startswith("whsec_")
        assert _endpoints(tmp_path / "two", other.ready.sandbox_url) == [f"{running.ready.base_url}/webhooks/stripe"]
        running.stop()
        with up(tmp_path / "two", "--sandbox", other.ready.sandbox_url) as again:
            assert again.ready.webhook_secret == running.ready.webhook_secret
            assert len(_endpoints(tmp_path / "two", other.ready.sandbox_url)) == 1


def test_a_misspelt_setting_is_named(tmp_path: Path) -> None:
    answer = vitrine("up", "--port", "0", "--data", str(tmp_path), env=environment(VITRINE_DATABSE_URL="x"))
    assert answer.returncode == 2
    assert "VITRINE_DATABSE_URL" in answer.stderr


def test_it_runs_on_postgresql(database_url: str, tmp_path: Path) -> None:
    with up(tmp_path, "--database", database_url) as running:
        assert running.get("/v1/shop").json()["id"] == running.ready.shop_id
        assert running.stop() == 0


def _upload(running: Up) -> httpx2.Response:
    file = BytesIO()
    Image.new("RGB", (64, 64), "#b4552d").save(file, "JPEG")
    return httpx2.post(
        f"{running.ready.base_url}/v1/assets",
        files={"file": ("a.jpg", file.getvalue(), "image/jpeg")},
        headers={"Authorization": f"Bearer {running.ready.secret_key}"},
        trust_env=False,
        timeout=10,
    )


def _key(folder: Path) -> str:
    return str(msgspec.json.decode((folder / "data" / "up.json").read_bytes())["stripe_key"])


def _stripe(folder: Path, sandbox: str, path: str, form: dict[str, str]) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {_key(folder)}"}
    return httpx2.post(f"{sandbox}{path}", data=form, headers=headers, trust_env=False)


def _endpoints(folder: Path, sandbox: str) -> list[str]:
    headers = {"Authorization": f"Bearer {_key(folder)}"}
    answer = httpx2.get(f"{sandbox}/v1/webhook_endpoints", headers=headers, trust_env=False)
    return [each["url"] for each in answer.json()["data"]]

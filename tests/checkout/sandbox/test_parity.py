"""The comparison with Stripe itself: told apart by shape, and not by what stands in it."""

from pathlib import Path

import httpx2
import pytest

from checkout.sandbox import parity
from checkout.sandbox.server import Sandbox, create_sandbox
from checkout.sandbox.settings import SandboxSettings
from tests.checkout.sandbox.conftest import calling
from tests.stripe_judge import Judge


async def test_the_local_stripe_is_like_itself_and_every_call_is_one_of_stripes(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient, judge: Judge, tmp_path: Path
) -> None:
    other = create_sandbox(SandboxSettings(state=tmp_path / "other.sqlite3"))
    async with calling(judge, other, {"Authorization": "Bearer sk_test_other"}) as theirs:
        assert await parity.differences(stripe_api, theirs) == []
    await other.close()
    assert judge.judged == 2 * len(parity.SCENARIO)


async def test_another_status_is_a_difference(stripe_api: httpx2.AsyncClient) -> None:
    away = httpx2.MockTransport(lambda _: httpx2.Response(503, json={}))
    async with httpx2.AsyncClient(transport=away, base_url="http://stripe.test") as theirs:
        found = await parity.differences(stripe_api, theirs)
    assert found[0] == "coupon: 200 here, 503 there"
    assert len(found) == len(parity.SCENARIO)


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"a": 1, "metadata": {"x": "1"}}, {"a": 2, "metadata": {}}, []),
        ({"a": None, "b": [1]}, {"a": "text", "b": []}, []),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [".a.b: only here", ".a.c: only there"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1"}]}, [".a[].b: int here, str there"]),
    ],
)
def test_shapes_are_compared(ours: object, theirs: object, found: list[str]) -> None:
    assert list(parity.compare(ours, theirs)) == found


def test_only_a_test_key_is_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for key in ("", "sk_live_nobody"):
        monkeypatch.setenv(parity.KEY, key)
        assert parity.main() == 2
    assert "test key" in capsys.readouterr().err

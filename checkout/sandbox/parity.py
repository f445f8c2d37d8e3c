"""`python -m checkout.sandbox.parity`: the same calls to the local Stripe and to Stripe's test mode, shapes compared.

Needs a test key in STRIPE_TEST_KEY and the network; nothing of the tests depends on it. What it makes at Stripe is a
few test objects that nobody pays.
"""

import asyncio
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
import msgspec

from checkout.sandbox.server import create_sandbox
from checkout.sandbox.settings import API_VERSION, SandboxSettings

STRIPE = "https://api.stripe.com"
KEY = "STRIPE_TEST_KEY"


class Step(msgspec.Struct, frozen=True):
    """One call; `{name}` in path and parameters is the id that the step of this name got."""

    name: str
    method: str
    path: str
    params: Mapping[str, str] = {}


GOODS = {
    "mode": "payment",
    "success_url": "https://shop.example/thanks?s={{CHECKOUT_SESSION_ID}}",
    "line_items[0][quantity]": "2",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "4900",
    "line_items[0][price_data][product_data][name]": "Linen shirt",
    "metadata[order]": "ord_1",
}
SCENARIO = (
    Step("coupon", "POST", "/v1/coupons", {"percent_off": "10", "duration": "once"}),
    Step("code", "POST", "/v1/promotion_codes", {"promotion[type]": "coupon", "promotion[coupon]": "{coupon}"}),
    Step("customer", "POST", "/v1/customers", {"email": "ada@example.com", "name": "Ada"}),
    Step("session", "POST", "/v1/checkout/sessions", GOODS | {"allow_promotion_codes": "true"}),
    Step("reduced", "POST", "/v1/checkout/sessions", GOODS | {"discounts[0][coupon]": "{coupon}"}),
    Step("lines", "GET", "/v1/checkout/sessions/{session}/line_items"),
    Step("expanded", "GET", "/v1/checkout/sessions/{session}", {"expand[0]": "line_items"}),
    Step("listed", "GET", "/v1/checkout/sessions", {"limit": "1"}),
    Step("expired", "POST", "/v1/checkout/sessions/{session}/expire"),
    Step("again", "POST", "/v1/checkout/sessions/{session}/expire"),
    Step("missing", "GET", "/v1/checkout/sessions/cs_test_nobody"),
    Step("misspelt", "POST", "/v1/checkout/sessions", GOODS | {"line_items[0][nmae]": "x"}),
    Step("no_route", "POST", "/v1/nothing"),
    Step("balance", "GET", "/v1/balance"),
    Step("events", "GET", "/v1/events", {"limit": "1", "type": "checkout.session.expired"}),
    Step("removed", "DELETE", "/v1/coupons/{coupon}"),
)


async def differences(ours: httpx2.AsyncClient, theirs: httpx2.AsyncClient) -> list[str]:
    """Every step on both sides; lines of `step path: what`, none where all shapes are the same."""
    found: list[str] = []
    known: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for step in SCENARIO:
        first, second = [await _ask(client, step, ids) for client, ids in zip((ours, theirs), known, strict=True)]
        if first.status_code != second.status_code:
            found.append(f"{step.name}: {first.status_code} here, {second.status_code} there")
            continue
        bodies = (msgspec.json.decode(first.content), msgspec.json.decode(second.content))
        found += [f"{step.name} {line}" for line in compare(*bodies)]
        for ids, body in zip(known, bodies, strict=True):
            ids[step.name] = str(body.get("id", ""))
    return found


def compare(ours: object, theirs: object, path: str = "") -> Iterator[str]:
    """Where two JSON values differ in shape. Nulls fit everything; of lists the first items are looked at."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if path.rpartition(".")[2] == "metadata":
            return
        for name in sorted({*ours, *theirs}):
            below = f"{path}.{name}"
            if name not in ours:
                yield f"{below}: only there"
            elif name not in theirs:
                yield f"{below}: only here"
            else:
                yield from compare(ours[name], theirs[name], below)
    elif isinstance(ours, list) and isinstance(theirs, list):
        for one, other in zip(ours[:1], theirs[:1], strict=False):
            yield from compare(one, other, f"{path}[]")
    elif ours is not None and theirs is not None and type(ours) is not type(theirs):
        yield f"{path}: {type(ours).__name__} here, {type(theirs).__name__} there"


async def _ask(client: httpx2.AsyncClient, step: Step, ids: Mapping[str, str]) -> httpx2.Response:
    known = defaultdict(lambda: "nobody", ids)
    path = step.path.format_map(known)
    params = {name: value.format_map(known) for name, value in step.params.items()}
    if step.method == "POST":
        return await client.post(path, data=params)
    return await client.request(step.method, path, params=params)


async def _run(key: str) -> int:
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION}
    with tempfile.TemporaryDirectory() as folder:
        sandbox = create_sandbox(SandboxSettings(state=Path(folder) / "stripe.sqlite3"))
        transport = httpx2.ASGITransport(app=sandbox)  # type: ignore[arg-type]  # Litestar types messages more narrowly.
        async with (
            httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as ours,
            httpx2.AsyncClient(base_url=STRIPE, headers=headers, timeout=30) as theirs,
        ):
            found = await differences(ours, theirs)
        await sandbox.close()
    sys.stdout.write("".join(f"{line}\n" for line in found) or f"{len(SCENARIO)} calls, no difference in shape\n")
    return 1 if found else 0


def main() -> int:
    """0 where the shapes are the same, 1 where they are not, 2 without a test key."""
    key = os.environ.get(KEY, "")
    if not key.startswith(("sk_test_", "rk_test_")):
        sys.stderr.write(f"{KEY} must hold a test key of Stripe's.\n")
        return 2
    return asyncio.run(_run(key))


if __name__ == "__main__":
    sys.exit(main())

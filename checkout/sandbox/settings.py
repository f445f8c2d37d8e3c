"""What a sandbox is started with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, structs

Natural = Annotated[int, Meta(ge=0)]
API_VERSION = "2026-10-28.endive"


class LiveKeyRefused(ValueError):
    """The sandbox was given a live key: nothing here may ever touch real money."""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An endpoint that hears every event of every account from the first moment on."""

    url: str
    secret: str


class Limits(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How much an account may ask for; 0 is without limit (docs.stripe.com/rate-limits, checked 2026-11)."""

    per_second: Natural = 0
    per_endpoint: Natural = 0
    per_search: Natural = 0
    per_intent_and_hour: Natural = 0
    at_once: Natural = 0
    endpoint_at_once: Natural = 0


TEST_MODE = Limits(per_second=25, per_endpoint=25, per_search=20, per_intent_and_hour=1_000)
LIMITS = {"none": Limits(), "test": TEST_MODE, "live": structs.replace(TEST_MODE, per_second=100)}


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Everything that can be chosen at start; all durations are seconds.

    `keys` empty means that any `sk_test_…` or `rk_test_…` key is let in, each with a data space of its own.
    `limits` are those of an account; `lock_patience` is how long a request waits while another changes its object.
    `base_url` empty means that hosted pages are linked under the host that the request was sent to.
    """

    state: Path
    keys: tuple[str, ...] = ()
    webhooks: tuple[WebhookTarget, ...] = ()
    base_url: str = ""
    shop_name: str = "Test shop"
    redirect_wait: float = 10.0
    delayed_after: float = 3.0
    retry_first_gap: float = 0.5
    retry_gap_cap: float = 30.0
    retry_max_age: float = 3 * 86_400.0
    delivery_timeout: float = 10.0
    delivery_concurrency: int = 4
    limits: Limits = LIMITS["none"]
    lock_patience: float = 2.0
    seed: int | None = None
    key_prefixes: tuple[str, ...] = field(default=("sk_test_", "rk_test_"))

    def __post_init__(self) -> None:
        for key in self.keys:
            if "_live_" in key:
                raise LiveKeyRefused("The local Stripe-compatible server refuses live keys.")
            if not key.startswith(self.key_prefixes):
                raise ValueError("A key of the local server starts with sk_test_ or rk_test_.")
        for target in self.webhooks:
            if not target.url.startswith(("http://", "https://")) or not target.secret.startswith("whsec_"):
                raise ValueError("A webhook needs an http(s) URL and a secret that starts with whsec_.")

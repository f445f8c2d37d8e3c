"""One request to `/v1` and its answer, as they are worked on, logged and remembered."""

from dataclasses import dataclass, field

import msgspec
from litestar import Request, Response
from litestar.datastructures import State as AppState
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from checkout.sandbox import forms, identifiers
from checkout.sandbox.desk import Desk
from checkout.sandbox.errors import StripeError
from checkout.sandbox.settings import API_VERSION
from checkout.sandbox.state import State

PlainRequest = Request[None, None, AppState]
TheDesk = NamedDependency[SkipValidation[Desk]]
FORM = "application/x-www-form-urlencoded"
DROP_HEADER = "sandbox-drop"


@dataclass(slots=True)
class Exchange:
    """What was asked, and by whom."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    base_url: str
    request_id: str = field(default_factory=lambda: identifiers.new("req"))
    account: str | None = None
    platform: str | None = None
    params: forms.Branch = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """The idempotency key, which only a POST has."""
        return self.headers.get("idempotency-key") if self.method == "POST" else None

    @property
    def endpoint(self) -> str:
        """What a key is bound to."""
        return f"{self.method} {self.path}"

    def decode(self) -> None:
        """Read the parameters from the body of a POST, else from the query string."""
        content_type = self.headers.get("content-type", FORM)
        if self.method == "POST" and self.raw and not content_type.lower().startswith(FORM):
            raise StripeError(f"Invalid request: the content type must be {FORM}.", stored=False)
        self.params = forms.decode(self.raw)


@dataclass(slots=True)
class Answer:
    """What is said."""

    status: int
    body: bytes
    stored: bool = True
    replays: str | None = None
    retry: bool | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def refused(problem: StripeError, exchange: Exchange) -> Answer:
    """An answer that says no."""
    headers = {**problem.headers, **({"WWW-Authenticate": 'Basic realm="Stripe"'} if problem.status == 401 else {})}
    body = problem.body(exchange.request_id)
    return Answer(problem.status, body, stored=problem.stored, retry=problem.retry, headers=headers)


async def read(request: PlainRequest) -> Exchange:
    """Take a request in; nothing is judged yet."""
    query = request.scope["query_string"]
    return Exchange(
        method=request.method,
        path=request.scope["path"],
        headers={name.lower(): value for name, value in request.headers.items()},
        raw=await request.body() if request.method == "POST" else query,
        base_url=str(request.base_url).rstrip("/"),
    )


def respond(exchange: Exchange, answer: Answer) -> Response[bytes]:
    """The answer with Stripe's headers."""
    headers = {
        "Request-Id": exchange.request_id,
        "Stripe-Version": exchange.headers.get("stripe-version", API_VERSION),
        "Cache-Control": "no-cache, no-store",
        **answer.headers,
    }
    if "stripe-account" in exchange.headers:
        headers["Stripe-Account"] = exchange.headers["stripe-account"]
    if exchange.key is not None:
        headers["Idempotency-Key"] = exchange.key
    if answer.replays is not None:
        headers["Idempotent-Replayed"] = "true"
        headers["Original-Request"] = answer.replays
    if answer.retry is not None:
        headers["Stripe-Should-Retry"] = "true" if answer.retry else "false"
    if answer.drop:
        headers[DROP_HEADER] = "1"
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")


def log(state: State, wall: float, exchange: Exchange, answer: Answer) -> None:
    """Remember for assertions what was asked and answered; keys never, parameters always."""
    with state.journal() as db:
        db.execute(
            "INSERT INTO request (id, time, method, path, account, idempotency_key, replayed, status, params) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                exchange.request_id,
                wall,
                exchange.method,
                exchange.path,
                exchange.account,
                exchange.key,
                answer.replays is not None,
                answer.status,
                msgspec.json.encode(exchange.params).decode(),
            ),
        )

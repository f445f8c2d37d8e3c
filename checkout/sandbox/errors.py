"""Stripe's error JSON: one exception that carries status, type, code and parameter."""

from collections.abc import Mapping

import msgspec

DOCUMENTED = "https://stripe.com/docs/error-codes/"
LOGGED = "https://dashboard.stripe.com/test/logs/"


class StripeError(Exception):
    """A refusal that travels as `{"error": {…}}`.

    `stored` says whether an idempotency key remembers it: Stripe keeps every result once the endpoint began, but not
    failed validation, 401, 409 and 429 (docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        stored: bool = True,
        retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.stored = stored
        self.retry = retry
        self.advice_code: str | None = None
        self.headers: Mapping[str, str] = {}
        self.charge: str | None = None
        self.payment_intent: msgspec.Struct | None = None

    def body(self, request_id: str | None = None) -> bytes:
        """The JSON that Stripe would send."""
        error = {
            "advice_code": self.advice_code,
            "charge": self.charge,
            "code": self.code,
            "decline_code": self.decline_code,
            "doc_url": DOCUMENTED + self.code.replace("_", "-") if self.code else None,
            "message": self.message,
            "param": self.param,
            "payment_intent": self.payment_intent,
            "request_log_url": f"{LOGGED}{request_id}" if request_id else None,
            "type": self.kind,
        }
        filled = {name: value for name, value in error.items() if value is not None}
        return msgspec.json.format(msgspec.json.encode({"error": filled}), indent=2)


def parameter(message: str, param: str, code: str | None = None) -> StripeError:
    """A parameter that failed validation, before anything was done."""
    return StripeError(message, param=param, code=code, stored=False)


def missing(kind: str, identifier: str, param: str, status: int = 404) -> StripeError:
    """An object that this account does not have."""
    return StripeError(f"No such {kind}: '{identifier}'", status=status, code="resource_missing", param=param)


def unrecognized(method: str, path: str) -> StripeError:
    """A route that this server does not have."""
    return StripeError(f"Unrecognized request URL ({method}: {path}).", status=404, stored=False)


def unsupported(message: str, param: str) -> StripeError:
    """Something that Stripe can do and this local server cannot: refused, so that nobody believes it happened."""
    return StripeError(f"The local server cannot do this: {message}", param=param, stored=False)

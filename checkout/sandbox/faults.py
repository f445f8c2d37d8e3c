"""Scripted trouble for the next requests: slow, broken, or cut off before or after the work was done."""

from typing import Literal

import msgspec

from checkout.sandbox.errors import StripeError


class Fault(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What happens to the next `times` requests that match.

    `before`: the request never reaches the endpoint. `inside`: the endpoint begins and fails, nothing is done and the
    failure is stored with the idempotency key. `after`: all is done and stored, but the caller gets this instead.
    `drop` cuts the connection in the middle of an answer; `latency` is seconds.
    """

    at: Literal["before", "inside", "after"] = "before"
    times: int = 1
    method: str | None = None
    path: str = "/v1/"
    status: int | None = None
    body: msgspec.Raw = msgspec.Raw(b"null")
    headers: dict[str, str] = {}
    latency: float = 0.0
    drop: bool = False

    def matches(self, method: str, path: str) -> bool:
        """`path` is a prefix."""
        return path.startswith(self.path) and self.method in (None, method)

    @property
    def interrupts(self) -> bool:
        """Whether the caller gets something else than the endpoint's answer."""
        return self.drop or self.status is not None

    def problem(self) -> StripeError:
        """The failure of an endpoint that had begun."""
        return StripeError("An unknown error occurred.", status=self.status or 500, kind="api_error")

    def text(self) -> bytes:
        """The body of the caller's answer."""
        return self.problem().body() if self.body == b"null" else bytes(self.body)


NONE = Fault(times=0)


class Faults:
    """The script, in the order in which it was given; gone with the process."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.taken = 0

    def add(self, fault: Fault) -> None:
        """Wait for the next requests that match."""
        self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault:
        """The fault of this request, used up once."""
        for place, fault in enumerate(self._waiting):
            if fault.matches(method, path):
                left = msgspec.structs.replace(fault, times=fault.times - 1)
                self.taken += 1
                self._waiting[place : place + 1] = [left] if left.times > 0 else []
                return fault
        return NONE

    def clear(self) -> None:
        """Forget the script."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """What is still to come."""
        return list(self._waiting)

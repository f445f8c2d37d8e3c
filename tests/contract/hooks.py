"""What Schemathesis has to know beyond the document. No check is switched off; each exception says why."""

import itertools
import re
from collections.abc import Callable, Mapping

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData, UseAfterFree

_WHOLE_FLOATS = ("Expected `int`, got `float`", "Expected `int | null`, got `float`")
_KEY = re.compile(r"[!-~]{1,255}")
_TAG = re.compile(r"[!-~]{1,100}")
_number = itertools.count(1)


def _semantic(problem: Mapping[str, object], operation: str) -> bool:
    """422 with a fact of its own: no schema can say that a product exists or that a currency is sold in.

    `validation-failed` stays a failure: it would mean that the document promises more than the decoder takes.
    """
    return problem["status"] == 422 and not str(problem["type"]).endswith("/validation-failed")


def _stale(problem: Mapping[str, object], operation: str) -> bool:
    """412: a generated If-Match names a version that nobody read. 410: what it names was archived by a test before."""
    return problem["status"] in (410, 412)


def _whole_float(problem: Mapping[str, object], operation: str) -> bool:
    """422 for `205.0`: JSON Schema calls that an integer, our decoder does not. Amounts and counts are digits."""
    return problem["status"] == 422 and str(problem["detail"]).startswith(
        ("Expected `int`, ", "Expected `int | null`, ")
    )


def _foreign_cursor(problem: Mapping[str, object], operation: str) -> bool:
    """400 for a cursor: text of the right shape that no list gave out."""
    return problem["status"] == 400 and problem.get("parameter") == "cursor"


def _no_moment(problem: Mapping[str, object], operation: str) -> bool:
    """400 for a time: its shape says nothing about the 31st of February."""
    return problem["status"] == 400 and problem.get("parameter") in ("created_from", "created_to")


def _unsigned(problem: Mapping[str, object], operation: str) -> bool:
    """400 for an event without Stripe's signature, which nobody but Stripe can write."""
    return problem["status"] == 400 and operation == "POST /webhooks/stripe"


_REFUSED_RIGHTLY: tuple[Callable[[Mapping[str, object], str], bool], ...] = (
    _semantic,
    _stale,
    _whole_float,
    _foreign_cursor,
    _no_moment,
    _unsigned,
)


@schemathesis.hook
def filter_failure(
    context: HookContext,
    failure: Failure,
    case: Case,  # type: ignore[type-arg]  # Over an operation that is generic over private types.
    response: Response,
) -> bool:
    """Whether a failure is one. What is valid by its shape may be wrong by its meaning, with exactly these problems."""
    if isinstance(failure, MissingHeaderNotRejected):
        # RFC 6585, 3: a change without If-Match is answered 428, which Schemathesis does not count as a refusal.
        return response.status_code != 428
    if isinstance(failure, UseAfterFree) and response.status_code == 200:
        # DELETE archives: the merchant may still read what it was, with the time of its archiving.
        return not response.json().get("archived_at")
    if isinstance(failure, RejectedPositiveData) and "problem+json" in str(response.headers.get("content-type")):
        problem = response.json()
        return not any(rightly(problem, case.operation.label) for rightly in _REFUSED_RIGHTLY)
    return True


@schemathesis.hook
def before_call(
    context: HookContext,
    case: Case,  # type: ignore[type-arg]  # As above.
    kwargs: dict[str, object],
) -> None:
    """A valid Idempotency-Key becomes a fresh one, and every other valid If-Match `*`: so that tests get past them."""
    shown = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    if shown is None or shown.mode.is_negative:
        return
    headers, number = case.headers, next(_number)
    if _KEY.fullmatch(str(headers.get("Idempotency-Key") or "")):
        headers["Idempotency-Key"] = f"contract-{number}"
    if number % 2 and _TAG.fullmatch(str(headers.get("If-Match") or "")):
        headers["If-Match"] = "*"

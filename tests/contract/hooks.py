"""What Schemathesis has to know beyond the document. No check is switched off; each exception says why."""

import atexit
import itertools
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData, UseAfterFree

from tests.contract.known import Goods

_WHOLE_FLOATS = ("Expected `int`, got `float`", "Expected `int | null`, got `float`")
_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_TAG = re.compile(r"[!-~]{1,100}")
_BODY = ParameterLocation.BODY
_number = itertools.count(1)
_folder = Path(os.environ["CONTRACT_FOLDER"])
_goods = Goods(_folder / "goods.json")
_statuses: dict[str, set[int]] = {}


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
    return problem["status"] == 400 and str(problem["type"]).endswith("/bad-signature")


_REFUSED_RIGHTLY: tuple[Callable[[Mapping[str, object], str], bool], ...] = (
    _semantic,
    _stale,
    _whole_float,
    _foreign_cursor,
    _no_moment,
    _unsigned,
)


def _says_it_is_archived(case: Case, response: Response) -> bool:  # type: ignore[type-arg]  # As below.
    """DELETE archives: the merchant may still read what it was, and that it is archived; and what belongs to it."""
    if not case.operation.path.endswith("}"):
        return True
    shown = response.json()
    return bool(shown.get("archived_at") or shown.get("revoked_at") or shown.get("status") == "archived")


def _is_valid_after_all(failure: Failure, case: Case) -> bool:  # type: ignore[type-arg]  # As below.
    """What Schemathesis takes for invalid though it is not.

    Files of ours, which it cannot judge, where all else is valid; headers that nobody knows, which are ignored
    (RFC 9110, 5.1); and spaces around an Idempotency-Key, which are no part of it (5.5).
    """
    if "Invalid component: in header - object with unexpected properties" in failure.message:
        return True
    shown = case.meta.components if case.meta else {}
    if _goods.gave_file(case) and all(not each.mode.is_negative for at, each in shown.items() if at != _BODY):
        return True
    key = str(case.headers.get("Idempotency-Key") or "")
    return "`Idempotency-Key` in header" in failure.message and key != key.strip() and bool(_KEY.fullmatch(key.strip()))


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
    if isinstance(failure, UseAfterFree) and case.method == "GET" and response.status_code == 200:
        return not _says_it_is_archived(case, response)
    if isinstance(failure, AcceptedNegativeData) and response.status_code < 300:
        return not _is_valid_after_all(failure, case)
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
    """Examples and three of four other cases name what exists (`tests/contract/known.py`).

    So that tests get past them, a valid Idempotency-Key becomes a fresh one, and every other valid If-Match `*`.
    """
    number = next(_number)
    _goods.protect(case)
    if number % 4 or (case.meta and case.meta.phase.name == TestPhase.EXAMPLES):
        _goods.put_into(case, kwargs)
    shown = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    if shown is None or shown.mode.is_negative:
        return
    headers = case.headers
    if _KEY.fullmatch(str(headers.get("Idempotency-Key") or "")):
        headers["Idempotency-Key"] = f"contract-{number}"
    if number % 2 and _TAG.fullmatch(str(headers.get("If-Match") or "")):
        headers["If-Match"] = "*"


@schemathesis.hook
def after_call(
    context: HookContext,
    case: Case,  # type: ignore[type-arg]  # As above.
    response: Response,
) -> None:
    """Remember what exists now, and which statuses each operation has answered."""
    label = case.operation.label
    seen = _statuses.setdefault(label, set())
    if label.startswith(f"{case.method.upper()} "):  # Schemathesis probes other methods under the same label.
        seen.add(response.status_code)
    if response.status_code in (200, 201) and response.headers.get("content-type") == ["application/json"]:
        _goods.learn(label, response.text, response.json().get("next_cursor"))


@atexit.register
def report() -> None:
    """Leave the statuses for whoever started the run."""
    (_folder / "statuses.json").write_text(json.dumps({label: sorted(seen) for label, seen in _statuses.items()}))

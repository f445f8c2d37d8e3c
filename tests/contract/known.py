"""Real ids, files and signatures in the place of invented ones."""

import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Protocol

from schemathesis import Case
from schemathesis.core.jsonschema.types import JsonValue
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import Binary

from checkout.sandbox.webhooks import sign

_ID = re.compile(r'"((?:[a-z]{2,8})_[0-9a-z]{26})"')
# Words that no generator finds: what they are called, in bodies, queries and addresses.
_WORDS = {"network": "instagram", "network_slug": "instagram", "template": "price", "placement": "feed"}
_FILES = {"uploadAsset": "picture.jpg", "uploadFont": "letters.ttf", "createImport": "products.csv"}
# What ends a thing besides DELETE, and what keeps an order from being shipped.
_ENDING, _HOLDING = "expireCheckout", "createFulfilmentHold"


class Goods:
    """What the shop under contract has (`tests/contract/goods.py`), and what it answered since."""

    def __init__(self, path: Path) -> None:
        lots = json.loads(path.read_bytes())
        self._kept, self._worn, self._spent = (dict[str, str](lots[name]) for name in ("kept", "worn", "spent"))
        self._checkouts: Iterator[str] = itertools.cycle(lots["checkouts"])
        self._files = {name: Binary((path.parent / file).read_bytes()) for name, file in _FILES.items()}
        self._secret: str = lots["webhook_secret"]
        self._real = {each for lot in (self._kept, self._worn, self._spent) for each in lot.values()}
        self._cursors: dict[str, str] = {}
        self._given: set[str] = set()

    def learn(self, operation: str, answer: str, cursor: object) -> None:
        """The ids of a good answer are real from now on; its cursor leads to the next page of this operation."""
        self._real.update(_ID.findall(answer))
        if isinstance(cursor, str):
            self._cursors[operation] = cursor

    def protect(self, case: Case) -> None:  # type: ignore[type-arg]  # Over private types.
        """Change what is worn or spent instead of what is kept: most of all, do not revoke the key in use."""
        if case.method != "GET":
            for name, value in case.path_parameters.items():
                if value == self._kept.get(_kind(name)):
                    case.path_parameters[name] = self._addressed(case, name)

    def put_into(self, case: Case, kwargs: dict[str, object]) -> None:  # type: ignore[type-arg]  # As above.
        """Let what is valid by its shape name what exists, unless an answer named it."""
        if _is_valid(case, ParameterLocation.PATH):
            for name, value in case.path_parameters.items():
                if (
                    value not in self._real or name == "upload_id"
                ):  # An upload that is only announced cannot be completed.
                    case.path_parameters[name] = self._addressed(case, name) or value
        if _is_valid(case, ParameterLocation.QUERY):
            for name, value in case.query.items():
                case.query[name] = self._named(name, value)
            if "cursor" in case.query:
                case.query["cursor"] = self._cursors.get(case.operation.label, case.query["cursor"])
        if _is_valid(case, ParameterLocation.BODY) and isinstance(case.body, dict):
            file = self._files.get(_operation_id(case))
            case.body = self._filled(case.body, {} if file is None else {"file": file})
            self._given |= set() if file is None else {case.id}
        if _is_valid(case, ParameterLocation.HEADER) and "Stripe-Signature" in case.headers:
            kwargs["auth"] = Signing(self._secret)

    def gave_file(self, case: Case) -> bool:  # type: ignore[type-arg]  # As above.
        """Whether this case carries a file of ours."""
        return case.id in self._given

    def _addressed(self, case: Case, name: str) -> str | None:  # type: ignore[type-arg]  # As above.
        """What to put into the address: the kept thing to be read, the worn one to be changed."""
        if _operation_id(case) == _ENDING:
            return next(self._checkouts)
        method = "DELETE" if _operation_id(case) == _HOLDING else case.method
        lot = {"GET": self._kept, "DELETE": self._spent}.get(method, self._worn)
        return lot.get(_kind(name)) or _WORDS.get(name)

    def _named(self, name: str, value: JsonValue) -> JsonValue:
        """What a member of this name says: the kept thing, a word that exists, or itself."""
        if isinstance(value, str) and value not in self._real:
            return self._kept.get(_kind(name)) or _WORDS.get(name, value)
        if isinstance(value, list) and name.endswith("_ids") and value:
            return [self._kept.get(name.removesuffix("_ids"), value[0])]
        return value

    def _filled(self, body: Mapping[str, JsonValue], more: Mapping[str, JsonValue]) -> JsonValue:
        return {**{name: self._below(self._named(name, value)) for name, value in body.items()}, **more}

    def _below(self, value: JsonValue) -> JsonValue:
        if isinstance(value, dict):
            return self._filled(value, {})
        return [self._below(each) for each in value] if isinstance(value, list) else value


class Prepared(Protocol):
    """A request that is about to be sent."""

    body: bytes | str | None
    headers: MutableMapping[str, str]


class Signing:
    """Signs the bytes of an event as Stripe does."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self, request: Prepared) -> Prepared:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        request.headers["Stripe-Signature"] = sign(body, self._secret, int(time.time()))
        return request


def _kind(name: str) -> str:
    """What a parameter or member of this name identifies."""
    return name.removesuffix("_id")


def _is_valid(case: Case, location: ParameterLocation) -> bool:  # type: ignore[type-arg]  # As above.
    shown = case.meta.components.get(location) if case.meta else None
    return shown is not None and not shown.mode.is_negative


def _operation_id(case: Case) -> str:  # type: ignore[type-arg]  # As above.
    return str(case.operation.definition.raw.get("operationId"))

"""Form bodies and query strings as Stripe nests them: `a[b][0][c]=1`, `a[]=x`."""

import re
from urllib.parse import unquote_plus

from checkout.sandbox.errors import StripeError

Tree = str | dict[str, "Tree"]
Branch = dict[str, Tree]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MAX_PAIRS = 5_000
MAX_DEPTH = 12
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


def decode(text: bytes) -> Branch:
    """The nested parameters of one body; array positions stay keys, as only the schema knows what is an array."""
    root: Branch = {}
    pairs = [pair for pair in text.split(b"&") if pair]
    if len(pairs) > MAX_PAIRS:
        raise _invalid("too many parameters")
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        _plant(root, _steps(_plain(name)), _plain(value))
    return root


def _plain(text: bytes) -> str:
    try:
        plain = unquote_plus(text.decode("ascii"), errors="strict")
    except UnicodeDecodeError as problem:
        raise _invalid("not UTF-8") from problem
    if "\x00" in plain:
        raise _invalid("a null byte")
    return plain


def _steps(name: str) -> list[str]:
    found = NAME.match(name)
    if found is None:
        raise _invalid(f"the parameter name {name[:80]!r}")
    steps = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
    if len(steps) > MAX_DEPTH:
        raise _invalid("nested too deeply")
    return steps


def _plant(root: Branch, steps: list[str], value: str) -> None:
    here = root
    for step in steps[:-1]:
        below = here.setdefault(step or str(len(here)), {})
        if isinstance(below, str):
            raise _invalid(f"{step!r} is both a value and an object")
        here = below
    last = steps[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise _invalid(f"{last!r} is both a value and an object")
    here[last] = value


def _invalid(what: str) -> StripeError:
    return StripeError(f"Invalid request: {what}.", stored=False)

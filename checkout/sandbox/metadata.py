"""Metadata: pairs that the shop keeps with an object; an update adds, replaces, and unsets with an empty string."""

from collections.abc import Mapping


def changed(pairs: Mapping[str, str], change: Mapping[str, str] | None) -> dict[str, str]:
    """The pairs after an update; an empty change unsets all of them."""
    if change is None:
        return dict(pairs)
    merged = {**pairs, **change} if change else {}
    return {name: text for name, text in merged.items() if text != ""}

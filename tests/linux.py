"""What only Linux has or tells, for tests that cannot do without: elsewhere they are skipped, and say why."""

import sys

import pytest

IS_LINUX = sys.platform.startswith("linux")


def needed(what: str) -> None:
    """Skip this test unless it runs on Linux; `what` only Linux has."""
    if not IS_LINUX:
        pytest.skip(_reason(what))


def only(what: str) -> pytest.MarkDecorator:
    """The same as a mark, of a test or of a module."""
    return pytest.mark.skipif(not IS_LINUX, reason=_reason(what))


def _reason(what: str) -> str:
    return f"only Linux has {what}"

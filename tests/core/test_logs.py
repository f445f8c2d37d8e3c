"""Logs: one line per thing, with the request's name, without anybody's data."""

import errno
import io
import json
import logging
import sys
from collections.abc import Iterator
from types import TracebackType

import pytest
import structlog

from core import logs


@pytest.fixture(autouse=True)
def settings_of_the_process() -> Iterator[None]:
    """What other tests have configured comes back afterwards."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was written."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def fail() -> None:
    """Fails as drivers do: with the value in the message."""
    try:
        raise KeyError("marie@example.com")
    except KeyError as error:
        raise ValueError("bad value 'marie@example.com'") from error


def test_a_line_is_json_with_time_level_and_area(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    logs.logger("jobs").info("job done", attempts=2)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["area"], line["attempts"]) == ("job done", "info", "jobs", 2)
    assert str(line["timestamp"]).endswith("Z")


class FullDisk(io.StringIO):
    """A file that takes nothing more."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_on_a_full_disk_loses_lines_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info")
    log = logs.logger("api")
    with monkeypatch.context() as full:
        full.setattr(sys, "stderr", FullDisk())
        log.error("lost", exc_info=ValueError("x"))
    log.info("kept")
    assert [line["event"] for line in lines(capsys)] == ["kept"]


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning")
    logs.logger("jobs").info("job done")
    assert lines(capsys) == []


def test_lines_inside_of_a_request_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    log = logs.logger("api")
    with logs.request_logs("req_1"):
        log.info("inside")
    log.info("outside")
    assert [line.get("request_id") for line in lines(capsys)] == ["req_1", None]


def test_of_an_exception_the_kind_and_the_place_are_written_and_no_message(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    try:
        fail()
    except ValueError as error:
        logs.logger("api").error("unexpected error", exc_info=error)
        logs.logger("api").exception("again")
    first, second = lines(capsys)
    for line in (first, second):
        text = str(line["exception"])
        assert text.index("builtins.KeyError") < text.index("builtins.ValueError")
        assert "test_logs.py" in text
        assert " fail" in text
        assert "marie" not in text


def test_a_chain_that_bites_its_tail_is_described_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert logs.describe(first).count("ValueError") == 1


def test_other_libraries_exceptions_are_written_the_same_way() -> None:
    caught: tuple[type[ValueError], ValueError, TracebackType | None] | None = None
    try:
        fail()
    except ValueError as error:
        caught = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "Task failed", (), caught)
    text = logs.LineFormatter("%(levelname)s %(name)s %(message)s").format(record)
    assert text.startswith("ERROR asyncio Task failed\n")
    assert "builtins.ValueError" in text
    assert "marie" not in text

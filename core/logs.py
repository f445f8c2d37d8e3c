"""Structured logs without personal data: one JSON line per thing that happened, never a body, address or name.

Of an exception we write its kind and where it came from, not its message: drivers and decoders quote the values
that they choke on, and those may be somebody's.
"""

import io
import logging
import sys
import traceback
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(level: str) -> None:
    """Write JSON lines to standard error, from `level` upwards."""
    _structure(logging.getLevelNamesMapping().get(level.upper(), logging.INFO))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Tolerant(io.TextIOBase):
    """Standard error. The log may lie on a disk that is full: then a line is lost, and no answer with it."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _structure(number: int) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _explain,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(cast(TextIO, _Tolerant())),
        cache_logger_on_first_use=False,
    )


def logger(area: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part of the house."""
    if not structlog.is_configured():
        # Left to itself, structlog prints exceptions with every local variable in them.
        _structure(logging.INFO)
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(area=area)
    return bound


def request_logs(request_id: str) -> AbstractContextManager[None]:
    """Inside this block every line names the request."""
    return structlog.contextvars.bound_contextvars(request_id=request_id)


def describe(error: BaseException) -> str:
    """Kind and place of an exception and of those behind it, the first cause first, without any message."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(_place(each) for each in reversed(chain))


def _place(error: BaseException) -> str:
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    lines = [f"{type(error).__module__}.{type(error).__qualname__}"]
    return "\n".join([*lines, *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)])


def _explain(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["exception"] = describe(error)
    return line


class LineFormatter(logging.Formatter):
    """The lines of other people's libraries, with our view of exceptions."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  # logging's name.
        return describe(ei[1]) if ei[1] is not None else ""

"""Structured logs without personal data: one JSON line per thing that happened, never a body, address or name."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Write JSON lines to standard error, from `level` upwards."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def logger(area: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part of the house."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(area=area)
    return bound

"""How processes log: structlog, one line an event, on standard error.

Text with colours in a terminal, JSON elsewhere. What libraries log through the standard library
goes the same way, from warnings upwards.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import structlog

LIBRARIES: Final = logging.WARNING
OURS: Final = ("broker", "gateway", "hub", "producers", "demo")
QUIET: Final = {
    "websockets": logging.CRITICAL,
    "aiormq": logging.CRITICAL,
    "aio_pika": logging.CRITICAL,
    "uvicorn": logging.ERROR,
}
"""A socket that vanishes, a broker that is away: the services log what matters of it themselves."""


def set_up(how: str, level: str) -> None:
    """Log from now on.

    Args:
        how: ``text``, ``json``, or ``auto``: text if standard error is a terminal.
        level: ``debug``, ``info``, ``warning`` or ``error``: the least of ours that is logged.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    text = how == "text" or (how == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if text else "iso", utc=not text),
    ]
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if text
        else [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, LIBRARIES), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(least)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)

"""Logs: ours and the libraries', in one form."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from presently_server.logging import QUIET, set_up


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in (*QUIET, "producers"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def test_each_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("auto", "info")
    structlog.get_logger("hub.line").info("shard_taken_over", slot=7)
    structlog.get_logger("hub.line").debug("not told")
    logging.getLogger("producers.postgres.relay").info("relaying", extra={"database": "shop"})
    logging.getLogger("some.library").warning("odd: %s", 1)
    logging.getLogger("some.library").info("not told")
    logging.getLogger("websockets.server").error("not told")
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in said] == [
        ("shard_taken_over", "info"),
        ("relaying", "info"),
        ("odd: 1", "warning"),
    ]
    assert (said[0]["slot"], said[1]["database"]) == (7, "shop")


def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("json", "info")
    try:
        raise LookupError("gone")
    except LookupError:
        structlog.get_logger("hub").exception("failed")
    [line] = capsys.readouterr().err.splitlines()
    assert "gone" in line
    assert json.loads(line)["event"] == "failed"


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("text", "debug")
    structlog.get_logger("hub").debug("told", slot=7)
    said = capsys.readouterr().err
    assert "told" in said
    assert "slot=7" in said

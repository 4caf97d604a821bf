"""`presently check` in a folder where `presently dev` runs, or ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from presently_server import http
from presently_server.check_dev import check_api
from presently_server.cli import cli
from tests.unit.presently_server.test_status_words import status

GONE = {"api": "http://127.0.0.1:1", "api_key": "k", "postgres": "postgresql://127.0.0.1:1/x"}


def answers(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    monkeypatch.setattr(http, "get", lambda url, key, path: status(**changes))


def test_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    [finding] = check_api("http://here", "k")
    assert (finding.level, "http://here" in finding.what) == ("ok", True)


def test_who_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, relays=[])
    [finding] = check_api("http://here", "k")
    assert (finding.level, finding.what.startswith("relays NONE heard")) == ("FAIL", True)
    answers(monkeypatch, broker=False)
    [finding] = check_api("http://here", "k")
    assert (finding.level, finding.what) == ("FAIL", "no broker")


def test_one_that_was_killed_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".presently").mkdir()
    (tmp_path / ".presently" / "dev.json").write_text(json.dumps(GONE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRESENTLY_AMQP_URL", raising=False)
    result = CliRunner().invoke(cli, ["check"])
    first, *rest = result.stdout.splitlines()
    assert (result.exit_code, first[:4]) == (1, "ok  ")
    assert "needs no settings" in first
    assert "no answer from http://127.0.0.1:1" in rest[0]
    assert "it was killed" in rest[1]


def test_with_a_broker_of_its_own_it_looks_at_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".presently").mkdir()
    (tmp_path / ".presently" / "dev.json").write_text(json.dumps(GONE))
    monkeypatch.chdir(tmp_path)
    env = {"PRESENTLY_AMQP_URL": "amqp://127.0.0.1:1/"}
    assert "settings" in CliRunner().invoke(cli, ["check"], env=env).stdout.splitlines()[0]

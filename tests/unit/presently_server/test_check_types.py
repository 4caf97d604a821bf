"""`presently check types`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from presently_server import check_types, http
from presently_server.cli import cli
from presently_server.handled import Type, captured

SEEN: dict[str, Any] = {
    "records": 7,
    "complete": True,
    "types": [
        {"type": "comment.added", "count": 1, "last_at": 5, "documents": ["article.1"]},
        {"type": "presently.change", "count": 3, "last_at": 5, "documents": ["article.1", "a.~"]},
    ],
}
AT = ("--api", "http://127.0.0.1:1", "--api-key", "x")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Paths asked for; the answer is ``SEEN``."""
    paths: list[str] = []

    def get(url: str, key: str, path: str) -> Any:
        paths.append(path)
        return SEEN

    monkeypatch.setattr(http, "get", get)
    monkeypatch.chdir(tmp_path)
    return paths


def run(handled: object, *more: str, **environment: str) -> Result:
    Path("handled.json").write_text(json.dumps(handled))
    arguments = ["check", "types", "handled.json", *AT, *more]
    return CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)


def test_all_handled_is_exit_code_0_and_says_of_how_many(asked: list[str]) -> None:
    result = run(["comment.added", "presently.change"])
    assert result.exit_code == 0
    assert result.output == (
        "ok    2 of 2 types handled: of those in the last 7 records, of captures and of those "
        "declared\n"
    )
    assert asked == ["/v1/types?records=500"]


def test_each_unhandled_type_is_a_line_and_exit_code_1(asked: list[str]) -> None:
    result = run(["never.said"], "--records", "20")
    assert result.exit_code == 1
    assert result.output.splitlines()[:3] == [
        "FAIL  comment.added  nobody handles it at article.1 (seen once)",
        "FAIL  presently.change  nobody handles it at article.1, a.~ (seen 3 times)",
        "note  never.said  is handled, and was never produced",
    ]
    assert asked == ["/v1/types?records=20"]


def test_a_listener_for_everything_and_an_incomplete_look_are_told(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SEEN, "complete", False)
    result = run(["*"])
    assert result.exit_code == 0
    assert "note  a listener for `event` hears every type" in result.output
    assert "note  not all was read" in result.output


def test_as_json(asked: list[str]) -> None:
    result = run({"comment.added": ["page.*"], "presently.change": ["#"], "x.y": ["#"]}, "--json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert said["unhandled"] == [{"type": "comment.added", "documents": ["article.1"]}]
    assert said["never_produced"] == ["x.y"]
    assert [one["type"] for one in said["produced"]] == ["comment.added", "presently.change"]
    assert (said["records"], said["complete"]) == (7, True)


def test_what_a_backend_will_say_counts_as_produced(asked: list[str]) -> None:
    Path("backend.json").write_text('["comment.deleted", "comment.added"]')
    Path("jobs.json").write_text('{"report.ready": ["page.1"]}')
    more = ("--produced", "backend.json", "--produced", "jobs.json")
    result = run(
        {"comment.added": ["#"], "presently.change": ["#"], "report.ready": ["a.*"]}, *more
    )
    assert result.exit_code == 1
    assert result.output.splitlines()[:2] == [
        "FAIL  comment.deleted  nobody handles it (declared)",
        "FAIL  report.ready  nobody handles it at page.1 (declared)",
    ]
    Path("jobs.json").write_text("[1]")
    result = run([], *more)
    assert (result.exit_code, result.stderr.split(": ")[1]) == (2, "jobs.json")


def test_captures_count_as_produced(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def captures(database: str) -> list[Type]:
        assert database == "postgresql://db/shop"
        return captured([("public.page", "page.{id}")])

    monkeypatch.setattr(check_types, "_captures", captures)
    handled = {"comment.added": ["#"], "presently.change": ["article.*", "a.*"]}
    result = run(handled, PRESENTLY_DATABASE_URL="postgresql://db/shop")
    assert result.exit_code == 1
    assert (
        "presently.change  nobody handles it at page.0 (seen 3 times, captured from public.page)"
        in (result.output)
    )


def test_a_database_that_does_not_answer_is_no_empty_one(asked: list[str]) -> None:
    result = run(["*"], PRESENTLY_DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert result.exit_code == 1
    assert result.stderr.startswith("presently: the database cannot be asked for its captures")
    assert result.stdout == ""


@pytest.mark.parametrize("text", ["{", '"x"', '{"a.b": []}'])
def test_a_file_that_is_no_list_is_a_mistake_that_names_it(text: str, asked: list[str]) -> None:
    Path("handled.json").write_text(text)
    result = CliRunner().invoke(cli, ["check", "types", "handled.json", *AT])
    assert result.exit_code == 2
    assert result.stderr.startswith("presently: handled.json: ")
    assert result.stderr.count("\n") == 1
    assert asked == []


def test_check_itself_is_still_there() -> None:
    result = CliRunner().invoke(cli, ["check", "--help"])
    assert "Settings, broker, database" in result.output
    assert "types" in result.output

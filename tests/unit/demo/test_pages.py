"""The pages' small rules; what they show is in tests/integration/demo."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import demo.articles
import demo.forms
import demo.pages
import demo.people
import demo.settings
from demo.articles import Article, Articles
from demo.pages import as_json, link
from demo.people import PEOPLE

OURS = {"presently", "presently_server", "schemas", "broker", "gateway", "hub", "producers"}


@pytest.mark.parametrize(
    "module", [demo.pages, demo.articles, demo.forms, demo.people, demo.settings]
)
def test_the_save_path_imports_nothing_of_presently(module: object) -> None:
    path = Path(str(module.__file__))  # type: ignore[attr-defined]
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported
    assert not imported & OURS
    assert "demo.tokens" not in path.read_text()


def test_links_keep_the_visitor() -> None:
    assert link(PEOPLE["leela"], "/articles/1") == "/articles/1?as=leela"
    assert link(None, "/") == "/"


def test_a_row_as_json() -> None:
    when = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert as_json(Article(1, "Moon", "…", "draft", 4, "psql", when)) == {
        "id": 1,
        "title": "Moon",
        "body": "…",
        "status": "draft",
        "version": 4,
        "updated_by": "psql",
        "updated_by_name": "psql",
        "updated_at": "2026-11-22T12:30:00+00:00",
    }


async def test_articles_that_were_not_opened_say_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Articles("postgresql://nowhere/x").all()

"""``presently capture``, as somebody types it."""

import asyncio
import os
from collections.abc import Callable

import asyncpg
import pytest
from click.testing import CliRunner

from presently_server.cli import cli

Typed = Callable[..., tuple[int, str]]
TABLES = """
    CREATE TABLE article (id int PRIMARY KEY, title text, updated_by text);
    CREATE TABLE "Order Line" (id int PRIMARY KEY); CREATE VIEW looks AS SELECT 1 AS id;
    CREATE TABLE news () INHERITS (article);
"""


@pytest.fixture
def typed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types a command after ``presently capture``: exit code, and what it said."""

    async def make() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute(TABLES)
        await connection.close()

    asyncio.run(make())
    for name in [name for name in os.environ if name.startswith("PRESENTLY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRESENTLY_DATABASE_URL", database_url)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["capture", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.output

    return run


def test_everything_that_may_be_asked_for(typed: Typed) -> None:
    code, said = typed(
        *("add", '"Order Line"', "--document", "line.{id}", "--document", "order.{id}"),
        *("--columns", "id", "--before", "--collapse", "1000"),
    )
    assert (code, said) == (
        0,
        'every change of "Order Line" is now told at line.{id} and order.{id}\n',
    )
    add = ("add", "article", "--document", "article.{id}")
    code, said = typed(*add, "--columns", "id, title", "--columns", "updated_by")
    assert code == 0
    assert "presently: rows of the tables that inherit from public.article are not told" in said
    assert typed("list") == (
        0,
        'public."Order Line"  line.{id} order.{id}  columns id with their values of before'
        "  actor -  collapse 1000\n"
        "public.article  article.{id}  columns id,title,updated_by  actor -\n",
    )
    code, said = typed(*add, "--columns", "*")
    assert said.endswith(
        "the WHOLE row leaves the database: whoever may read the document sees all of it\n"
    )
    assert typed("remove", "article") == (0, "article is no longer captured\n")
    assert typed("remove", "article") == (1, "presently: article was not captured\n")
    typed("remove", '"Order Line"')
    assert typed("list") == (0, "nothing is captured: presently capture add --help\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "add looks --document x.{id}",
            "public.looks cannot be captured: it is a view (Capture the tables that it shows)",
        ),
        (
            "add article --document article.{nr}",
            "public.article has no column 'nr', which the document asks for"
            " (It has: id, title, updated_by)",
        ),
        ("add article --document a.{id} --columns x", "public.article has no column 'x'"),
        ("add article --document a.{id} --actor x", "public.article has no column 'x'"),
        ("add article --document article", "'article' names no document (2 to 5 words"),
        ("add article --document a.{id} --before", "--before tells what the columns of --columns"),
        ("add article --document a.{id} --collapse 0", "Invalid value for '--collapse'"),
        ("add article --document {title}.{id} --collapse 5", "collapse is not possible with"),
        ("add article", "Missing option '--document'"),
        ("add nowhere --document x.{id}", 'relation "nowhere" does not exist'),
        ("remove nowhere", 'relation "nowhere" does not exist'),
    ],
)
def test_a_mistake_is_one_line(typed: Typed, words: str, line: str) -> None:
    code, said = typed(*words.split())
    assert code == 2
    assert said.startswith(f"presently: {line}")
    assert said.count("\n") == 1

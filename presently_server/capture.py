"""``presently capture``: which tables' changes become events, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from presently_server.database import with_database
from presently_server.mistakes import Failed, Mistake


@click.group(no_args_is_help=False)
def capture() -> None:
    """Say which tables' changes become events.

    \b
    presently capture add public.article --document 'article.{id}' \\
        --columns title,status --actor updated_by
    presently capture list
    presently capture remove public.article

    Every committed change of a captured table is then told, whoever writes it and with whatever.
    By default only the key and the names of changed columns leave the database. The database is
    that of PRESENTLY_DATABASE_URL; docs/capture.md explains everything with examples.
    """


@capture.command(epilog="The same in SQL: SELECT presently.capture(…), docs/capture.md.")
@click.argument("table")
@click.option(
    "--document",
    "documents",
    multiple=True,
    required=True,
    metavar="TEMPLATE",
    help="Where a row is told: 'article.{id}'; {column} is the row's value, encoded. "
    "May be given several times: each is told.",
)
@click.option(
    "--columns",
    "lists",
    multiple=True,
    metavar="NAMES",
    help="Whose values go with the event: title,status; * for all. Without, only their names do.",
)
@click.option(
    "--before",
    is_flag=True,
    help="Also the values that changed columns of --columns had; never those of passwords.",
)
@click.option("--actor", metavar="COLUMN", help="The column that says who wrote.")
@click.option(
    "--collapse",
    type=click.IntRange(min=1),
    metavar="ROWS",
    help="Tell so many rows of one statement; the rest of it as one 'fetch anew' at the list.",
)
def add(
    table: str,
    documents: Sequence[str],
    lists: Sequence[str],
    before: bool,
    actor: str | None,
    collapse: int | None,
) -> None:
    """Capture TABLE, or change how it is captured.

    \b
    Every row at its own document, and its title with it:
        presently capture add article --document 'article.{id}' --columns title
    A comment also at its article, and who wrote it:
        presently capture add comment --document 'comment.{id}' \\
            --document 'article.{article_id}' --actor author
    A name in capitals or with blanks is quoted as in SQL: '"Back Office"."Order Line"'.
    """
    names = [name.strip() for names in lists for name in names.split(",") if name.strip()]
    if before and not names:
        raise Mistake("--before tells what the columns of --columns were, and there are none")

    warnings: list[str] = []

    async def run(connection: Any) -> None:
        connection.add_log_listener(
            lambda _, said: warnings.append(f"{said.message} ({said.hint})")
        )
        await connection.execute(
            "SELECT presently.capture($1::text::regclass, $2::text[], $3, $4, $5, $6)",
            table,
            list(documents),
            names,
            actor,
            before,
            collapse,
        )

    with_database(run)
    for warning in warnings:
        click.echo(f"presently: {warning}", err=True)
    click.echo(f"every change of {table} is now told at {' and '.join(documents)}")
    if "*" in names:
        click.echo(
            "the WHOLE row leaves the database: whoever may read the document sees all of it"
        )


@capture.command()
@click.argument("table")
def remove(table: str) -> None:
    """No longer capture TABLE."""

    async def run(connection: Any) -> bool:
        done: bool = await connection.fetchval(
            "SELECT presently.release($1::text::regclass)", table
        )
        return done

    if not with_database(run):
        raise Failed(f"{table} was not captured")
    click.echo(f"{table} is no longer captured")


@capture.command("list")
def list_them() -> None:
    """What is captured, and what is wrong with it."""

    async def run(connection: Any) -> list[Any]:
        return list(await connection.fetch("SELECT * FROM presently.captures ORDER BY tbl"))

    rows = with_database(run)
    for row in rows:
        for line in _lines(row):
            click.echo(line)
    if not rows:
        click.echo("nothing is captured: presently capture add --help")


def _lines(row: Any) -> list[str]:
    """One capture, as it may be asked for again, and what is wrong with it."""
    columns = ",".join(row["columns"]) or "none (names of changed columns only)"
    said = f"{row['tbl']}  {' '.join(row['documents'])}  columns {columns}"
    if row["before"]:
        said += " with their values of before"
    said += f"  actor {row['actor'] or '-'}"
    if row["collapse"]:
        said += f"  collapse {row['collapse']}"
    return [said, *([f"  {row['problem']}"] if row["problem"] else [])]

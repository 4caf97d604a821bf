"""``presently migrate`` and ``presently capture``: the database's side, done or printed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import asyncpg
import click

from presently_server.mistakes import Failed, Mistake
from presently_server.run import settings
from presently_server.settings import SettingsError, need
from producers.postgres import migrate as migrations
from producers.postgres.migrate import TooOld

T = TypeVar("T")
OURS: Final = ("presently.", 'schema "presently"')
"""How PostgreSQL names what a migration would have made."""


@click.command()
@click.option("--sql", is_flag=True, help="Print it as one script for psql or your own tool.")
def migrate(sql: bool) -> None:
    """Bring the database's schema up to date, or print it.

    It is the schema `presently` in the database of PRESENTLY_DATABASE_URL; all else stays as it is.
    """
    if sql:
        click.echo(migrations.script(), nl=False)
        return
    done = with_database(migrations.migrate)
    for migration in done:
        click.echo(f"{migration.number:04d} {migration.name}")
    click.echo(f"{len(done)} applied" if done else "nothing to do: it is up to date")


@click.group(no_args_is_help=False)
def capture() -> None:
    """Say which tables' changes become events.

    \b
    presently capture add public.article --document 'article.{id}' \\
        --columns title,status --actor updated_by
    presently capture list
    presently capture remove public.article
    """


@capture.command()
@click.argument("table")
@click.option(
    "--document", required=True, help="The document of a row: 'article.{id}'; {column} is encoded."
)
@click.option(
    "--columns",
    default="",
    help="Whose values leave the database: title,status; * for all. Else only their names do.",
)
@click.option("--actor", metavar="COLUMN", help="The column that says who wrote.")
def add(table: str, document: str, columns: str, actor: str | None) -> None:
    """Capture TABLE, or change how it is captured."""
    names = [name.strip() for name in columns.split(",") if name.strip()]

    async def run(connection: Any) -> None:
        await connection.execute(
            "SELECT presently.capture($1::text::regclass, $2, $3, $4)",
            table,
            document,
            names,
            actor,
        )

    with_database(run)
    click.echo(f"every change of {table} is now told at {document}")
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
        columns = ",".join(row["columns"]) or "none (names of changed columns only)"
        click.echo(
            f"{row['tbl']}  {row['document']}  columns {columns}  actor {row['actor'] or '-'}"
        )
        if row["problem"]:
            click.echo(f"  {row['problem']}")
    if not rows:
        click.echo("nothing is captured")


def with_database(work: Callable[[Any], Awaitable[T]]) -> T:
    """Connect, do the work, disconnect. Trouble is one line.

    Raises:
        Mistake: The database does not take it: a wrong name, a missing right.
        Failed: It is away, too old, or not migrated.
    """
    given = settings()
    try:
        need(given, "database_url")
        return asyncio.run(_connected(given.database_url, work))
    except SettingsError as error:
        raise Mistake(str(error)) from None
    except TooOld as error:
        raise Failed(str(error)) from None
    except asyncpg.PostgresError as error:
        if "does not exist" in str(error) and any(name in str(error) for name in OURS):
            raise Failed(f"{error}; run `presently migrate` first") from None
        hint = getattr(error, "hint", None)
        raise Mistake(f"{error}{f' ({hint})' if hint else ''}") from None
    except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
        raise Failed(f"the database does not answer: {error or type(error).__name__}") from None


async def _connected(url: str, work: Callable[[Any], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await work(connection)
    finally:
        await connection.close()

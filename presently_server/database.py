"""``presently migrate``, done or printed; how a command reaches the database."""

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
from producers.postgres.migrate import Migration, TooOld

T = TypeVar("T")
OURS: Final = ("presently.", 'schema "presently"')
"""How PostgreSQL names what a migration would have made."""


@click.command()
@click.option("--sql", is_flag=True, help="Print it as one script for psql or your own tool.")
@click.option(
    "--post", is_flag=True, help="No older version runs any more: also take away its things."
)
def migrate(sql: bool, post: bool) -> None:
    """Bring the database's schema up to date, or print it.

    It is the schema `presently` in the database of PRESENTLY_DATABASE_URL; all else stays as it is.
    An older version may go on running meanwhile and afterwards. The order of an update: migrate,
    start the new version, stop the old one, migrate --post.
    """
    if sql:
        click.echo(migrations.script(), nl=False)
        return

    async def run(connection: Any) -> tuple[list[Migration], int]:
        done = await migrations.migrate(connection, post=post)
        return done, len(await migrations.pending(connection))

    done, left = with_database(run)
    for migration in done:
        click.echo(f"{migration.number:04d} {migration.name}")
    click.echo(f"{len(done)} applied" if done else "nothing to do: it is up to date")
    if left:
        click.echo(f"{left} more once no older version runs: presently migrate --post")


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
        raise Mistake(_sentence(error)) from None
    except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
        raise Failed(f"the database does not answer: {error or type(error).__name__}") from None


def _sentence(error: asyncpg.PostgresError) -> str:
    """What it says, and its hint behind it."""
    said, hint = str(error.args[0]), getattr(error, "hint", None)
    return f"{said} ({hint.rstrip('.')})" if hint else said


async def _connected(url: str, work: Callable[[Any], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await work(connection)
    finally:
        await connection.close()

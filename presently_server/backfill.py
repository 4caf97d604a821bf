"""``presently backfill``: tell the rows that were there before their table was captured."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import nullcontext
from typing import Any, Final

import click

from presently_server.database import with_database
from presently_server.mistakes import Failed
from producers.postgres.backfill import CHUNK, CHUNK_MOST, Backfill, Busy, Progress

LINE_EVERY: Final = 5.0
"""Seconds between two lines where there is no terminal."""
WAITS: Final = {
    "relay": "waits for the relay: `presently status` says whether one runs",
    "row": "waits for somebody who holds a row",
}


@click.command()
@click.argument("table")
@click.option("--where", default="true", metavar="CONDITION", help="Of these rows only: 'id > 42'.")
@click.option(
    "--chunk",
    type=click.IntRange(1, CHUNK_MOST),
    default=CHUNK,
    show_default=True,
    help="Rows told, and held against changes, at a time.",
)
@click.option("--anew", is_flag=True, help="Forget where an earlier run has come to.")
def backfill(table: str, where: str, chunk: int, anew: bool) -> None:
    """Tell every row of TABLE, which is captured, as a change with op "r".

    For backends that begin to listen, and pages that keep what they hear. It goes through the
    outbox, no faster than the relay. Stop it when you like; the same command goes on.
    """

    async def run(connection: Any) -> Progress:
        work = Backfill(connection, table, where=where, chunk=chunk)
        begun = await work.begin(anew=anew)
        if begun.told:
            click.echo(f"going on after {begun.told} rows; --anew begins again")
        last = begun
        with shown(begun) as show:
            async for last in work.run(begun):
                show(last)
        return last

    try:
        done = with_database(run)
    except Busy as error:
        raise Failed(str(error)) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise Failed(f"stopped; `presently backfill {table}` goes on from here") from None
    click.echo(f"{done.told} rows of {table} told")


def shown(begun: Progress) -> Any:
    """A bar in a terminal, lines elsewhere: what to call with each ``Progress``."""
    return Bar(begun) if sys.stdout.isatty() else nullcontext(Lines(time.monotonic()))


class Bar:
    """click's progress bar."""

    def __init__(self, begun: Progress) -> None:
        self._bar: Any = click.progressbar(
            length=begun.total, label="rows", show_pos=True, item_show_func=lambda waits: waits
        )
        self._told = 0
        self._begun = begun

    def __enter__(self) -> Bar:
        self._bar.__enter__()
        self(self._begun)
        return self

    def __exit__(self, *why: object) -> None:
        self._bar.__exit__(*why)

    def __call__(self, now: Progress) -> None:
        """Move it."""
        self._bar.length = now.total
        self._bar.update(now.told - self._told, WAITS.get(now.waits, ""))
        self._told = now.told


class Lines:
    """One line now and then."""

    def __init__(self, now: float) -> None:
        self._due = now + LINE_EVERY

    def __call__(self, now: Progress) -> None:
        """Say it, if it is time."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + LINE_EVERY
            waits = f", {WAITS[now.waits]}" if now.waits else ""
            click.echo(f"{now.told} of {now.total} rows{waits}")

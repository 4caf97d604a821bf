"""Four writers in a process of their own, to be killed at any moment.

    python -m tests.torture.writer DSN NUMBER SEED FLUSHED FILE

``FLUSHED`` of all commits, from 0 to 1, wait for the disk. ``FILE`` gets a line for each thing that
was done: the test wants to know that all of it happened.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import asyncpg

from tests.torture.plans import Plan, Step, draw

SESSIONS: Final = 4
APPLICATION: Final = "torture writer"
TRIES: Final = 5
THINKS_S: Final = 0.1
CONTENTION: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
)
"""Somebody else was in the way: the same again."""
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
STATEMENTS: Final = {
    "update": "UPDATE thing SET version = version + 1, tag = $2 WHERE id = ANY ($1)",
    "update many": "UPDATE thing SET version = version + 1, tag = $2 WHERE id = ANY ($1)",
    "upsert": """
        WITH before AS (SELECT * FROM grave WHERE id = ANY ($1) FOR UPDATE)
        INSERT INTO thing SELECT id, version + 1, $2 FROM before
        ON CONFLICT (id) DO UPDATE SET version = thing.version + 1, tag = excluded.tag""",
    "insert": """
        WITH before AS (SELECT * FROM grave WHERE id = ANY ($1) FOR UPDATE)
        INSERT INTO thing SELECT id, version + 1, $2 FROM before
        ON CONFLICT (id) DO NOTHING""",
    "lives": """
        SELECT g.id, g.version FROM grave AS g WHERE g.id = ANY ($1)
        AND NOT EXISTS (SELECT FROM thing AS t WHERE t.id = g.id) FOR UPDATE OF g""",
    "die": "SELECT FROM grave WHERE id = ANY ($1) FOR UPDATE",
    "delete": """
        WITH gone AS (DELETE FROM thing WHERE id = ANY ($1) RETURNING id, version)
        UPDATE grave SET version = gone.version + 1 FROM gone WHERE grave.id = gone.id""",
}
ORPHANS: Final = "SELECT gid FROM pg_prepared_xacts WHERE starts_with(gid, $1)"

Note = Callable[[str], None]


async def write_for_ever(
    dsn: str, name: str, dice: random.Random, flushed: float, note: Note
) -> None:
    """One session after the other, one transaction after the other."""
    while True:
        db: asyncpg.Connection | None = None
        with suppress(*AWAY):
            db = await asyncpg.connect(
                dsn,
                timeout=5,
                command_timeout=10,
                server_settings={"application_name": APPLICATION, "lock_timeout": "1500"},
            )
            await settle_orphans(db, f"{name}.")
            for number in itertools.count():
                await _again_and_again(
                    db, draw(dice, flushed), f"{name}.{dice.getrandbits(32)}.{number}", note
                )
                await asyncio.sleep(dice.random() * THINKS_S)
        note("connection lost")
        if db is not None:
            db.terminate()
        await asyncio.sleep(0.2)


async def settle_orphans(db: asyncpg.Connection, prefix: str) -> None:
    """Finish what was prepared by somebody who died, as its name says."""
    for row in await db.fetch(ORPHANS, prefix):
        how = "COMMIT" if row["gid"].endswith(":commit") else "ROLLBACK"
        with suppress(asyncpg.UndefinedObjectError):  # Another settled it meanwhile.
            await db.execute(f"{how} PREPARED '{row['gid']}'")


async def _again_and_again(db: asyncpg.Connection, plan: Plan, tag: str, note: Note) -> None:
    for attempt in range(TRIES):
        try:
            return await _carry_out(db, plan, f"{tag}.{attempt}", note)
        except CONTENTION as error:
            note(type(error).__name__)
            await db.execute("ROLLBACK")


async def _carry_out(db: asyncpg.Connection, plan: Plan, tag: str, note: Note) -> None:
    await db.execute(f"BEGIN ISOLATION LEVEL {plan.isolation}")
    await db.execute(f"SET LOCAL synchronous_commit = {'on' if plan.flushed else 'off'}")
    for place, step in enumerate(plan.steps):
        await db.execute("SAVEPOINT step")
        await _take(db, step, f"{tag}.{place}")
        await db.execute(f"{'ROLLBACK TO' if step.undone else 'RELEASE'} step")
        note("undone" if step.undone else step.kind)
    prepared = "prepared" in plan.ending
    gid = f"{tag}:{'rollback' if plan.ending.startswith('roll back') else 'commit'}"
    if prepared:
        await db.execute(f"PREPARE TRANSACTION '{gid}'")
    if plan.ending.startswith("linger"):
        await asyncio.sleep(plan.pause)
    how = "ROLLBACK" if gid.endswith(":rollback") else "COMMIT"
    await db.execute(f"{how} PREPARED '{gid}'" if prepared else how)
    note(f"{plan.ending}, {plan.isolation}")


async def _take(db: asyncpg.Connection, step: Step, tag: str) -> None:
    keys = list(step.keys)
    if step.kind == "copy":
        dead = await db.fetch(STATEMENTS["lives"], keys)
        records = [(row["id"], row["version"] + 1, tag) for row in dead]
        await db.copy_records_to_table("thing", records=records)
    elif step.kind == "delete":
        await db.execute(STATEMENTS["die"], keys)
        await db.execute(STATEMENTS["delete"], keys)
    else:
        await db.execute(STATEMENTS[step.kind], keys, tag)


async def main(dsn: str, number: str, seed: str, flushed: str, file: str) -> None:
    """All sessions of this process. A killed one's next life has another seed."""
    into = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def note(what: str) -> None:
        os.write(into, f"{what}\n".encode())

    async with asyncio.TaskGroup() as tasks:
        for session in range(SESSIONS):
            name = f"w{number}-{session}"
            dice = random.Random(f"{seed} {name}")
            tasks.create_task(write_for_ever(dsn, name, dice, float(flushed), note))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

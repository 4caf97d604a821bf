"""Starts everything, deals the blows, ends everything, and collects what came of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

from tests.support.eventually import NotInTime, eventually
from tests.support.postgres import RestartablePostgres
from tests.support.stack import ROOT, Service, Stack, token
from tests.support.tab import Tab, open_tab
from tests.support.tap import Heard, listening
from tests.torture.plans import KEYS
from tests.torture.schedule import PROCESSES, RELAYS, Blow
from tests.torture.verdict import Change, Told, Truth, read, told, verdict
from tests.torture.writer import APPLICATION, AWAY, settle_orphans

TABLES: Final = f"""
CREATE TABLE thing (id int PRIMARY KEY, version int NOT NULL, tag text NOT NULL);
-- How far the earlier lives of a key came: a life begins and ends under its lock.
CREATE TABLE grave (id int PRIMARY KEY, version int NOT NULL);
INSERT INTO grave SELECT generate_series({KEYS[0]}, {KEYS[-1]}), 0;
-- The truth, in the writer's own transaction.
CREATE TABLE history (id int, version int, op text, tag text, PRIMARY KEY (id, version));
CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history VALUES (OLD.id, OLD.version + 1, 'd', NULL);
    ELSE
        INSERT INTO history
        VALUES (NEW.id, NEW.version, CASE TG_OP WHEN 'INSERT' THEN 'c' ELSE 'u' END, NEW.tag);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER remember AFTER INSERT OR UPDATE OR DELETE ON thing
    FOR EACH ROW EXECUTE FUNCTION remember();
SELECT presently.capture('public.thing', 'thing.{{id}}', columns => '{{version,tag}}');
"""
SERVER: Final = {
    "max_connections": "100",
    "max_prepared_transactions": "40",
    # What did not wait for the disk stays in memory for long, so that a crash loses it.
    "wal_writer_delay": "10s",
    "deadlock_timeout": "100ms",
}
REST_S: Final = 60.0
BACKENDS: Final = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()"
    " ORDER BY backend_start"
)


class Wrong(AssertionError):
    """The verdict."""


@dataclass
class House:
    """What runs.

    Attributes:
        published: Every message on ``hub.in``, as it came.
        page: A page at every row's document.
        dealt: Kind of blow → how often.
    """

    stack: Stack
    postgres: RestartablePostgres
    folder: Path
    seed: int
    flushed: float
    published: list[Heard]
    page: Tab
    writers: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    dealt: Counter[str] = field(default_factory=Counter)
    _lives: Counter[int] = field(default_factory=Counter)

    @property
    def notes(self) -> Path:
        """Where writers say what they did."""
        return self.folder / "notes"

    @property
    def crashes(self) -> int:
        """Of the server: it lost what it had in memory."""
        return self.dealt["kill a session's backend"] + self.dealt["stop PostgreSQL at once"]

    def did(self) -> Counter[str]:
        """What writers did, and how often."""
        return Counter(self.notes.read_text().splitlines())

    async def suffer(self, blows: list[Blow], seconds: float) -> None:
        """All of them, one after the other, each in its time if the one before is over."""
        began = asyncio.get_running_loop().time()

        async def until(at: float) -> None:
            while (left := began + at - asyncio.get_running_loop().time()) > 0:
                await asyncio.sleep(min(left, 1.0))
                self.page.raw.clear()
                self.page.members.clear()

        for blow in blows:
            await until(blow.at)
            print(f"{asyncio.get_running_loop().time() - began:6.1f} s, due at {blow}", flush=True)
            await self._deal(blow)
            self.dealt[blow.kind] += 1
        await until(seconds)

    async def start_writers(self, number: int) -> None:
        """One process of them; each life has dice of its own."""
        life = self._lives[number]
        self._lives[number] += 1
        module, seed = "tests.torture.writer", f"{self.seed} life {life}"
        words = (self.postgres.url, str(number), seed, str(self.flushed), str(self.notes))
        with (self.folder / "writers.log").open("ab") as output:
            self.writers[number] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *words, cwd=ROOT, stdout=output, stderr=output
            )

    async def kill_writers(self, number: int) -> None:
        """kill -9, wherever they are."""
        process = self.writers[number]
        assert process.returncode is None, (self.folder / "writers.log").read_text()
        process.kill()
        await process.wait()

    async def rest(self) -> None:
        """End the writers, settle what they prepared, and wait until everything was told."""
        for number in self.writers:
            await self.kill_writers(number)
        db = await asyncpg.connect(self.postgres.url)
        try:
            await settle_orphans(db, "w")
            empty = "SELECT count(*) = 0 FROM presently.outbox"
            await eventually(lambda: db.fetchval(empty), within=REST_S, what="an empty outbox")
            count = await db.fetchval("SELECT count(*) FROM history")
            with suppress(NotInTime):  # The verdict says what is missing.
                await eventually(lambda: len(self._shown()) >= count, within=REST_S / 4)
        finally:
            await db.close()

    async def judge(self) -> Truth:
        """Compare. Raises: Wrong: With all that is."""
        db = await asyncpg.connect(self.postgres.url)
        try:
            truth = await _truth(db)
        finally:
            await db.close()
        published, shown = [read(each.body) for each in self.published], self._shown()
        ids = {each.id for each in published}
        print(
            f"{len(ids)} changes of {len(truth.history)} rows, published {len(published)} times; "
            f"{len(ids) - len({id.split('-')[1] for id in ids})} ids of rows were given twice",
            f"blows: {dict(self.dealt)}",
            f"writers: {dict(sorted(self.did().items()))}",
            sep="\n",
        )
        wrong = verdict(truth, published, shown) + self.page.faults
        if wrong:
            raise Wrong("\n".join([f"{len(wrong)} things are wrong", *wrong[:40]]))
        return truth

    def _shown(self) -> list[Told]:
        return [told(event) for view in self.page.views.values() for event in view.events]

    async def _deal(self, blow: Blow) -> None:
        match blow.kind:
            case "kill a relay":
                relay = self.stack.relays[blow.victim]
                await relay.stop(signal.SIGKILL)
                await _start_again(relay)
            case "kill writers":
                await self.kill_writers(blow.victim)
                await self.start_writers(blow.victim)
            case "end a session":
                await self._strike("SELECT pg_terminate_backend($1)", blow.victim)
            case "kill a session's backend":
                await self._strike("", blow.victim)
            case "stop PostgreSQL at once":
                await asyncio.to_thread(self.postgres.restart, hard=True)
            case "restart PostgreSQL":
                await asyncio.to_thread(self.postgres.restart)

    async def _strike(self, how: str, victim: int) -> None:
        """One of the writers' sessions, if the server is there and there are any."""
        with suppress(*AWAY):
            db = await asyncpg.connect(self.postgres.url, timeout=5, command_timeout=5)
            try:
                pids = [row["pid"] for row in await db.fetch(BACKENDS, APPLICATION)]
                if not pids:
                    return
                pid = pids[victim % len(pids)]
                if how:
                    await db.fetchval(how, pid)
                else:
                    os.kill(pid, signal.SIGKILL)
            finally:
                db.terminate()


async def _start_again(relay: Service) -> None:
    """Without waiting until it is ready: that may need the database."""
    with suppress(NotInTime):
        await relay.start(within=0.1)


async def _truth(db: asyncpg.Connection) -> Truth:
    history: dict[int, list[Change]] = {}
    versions: dict[int, list[int]] = {}
    for row in await db.fetch("SELECT * FROM history ORDER BY id, version"):
        gone = row["op"] == "d"
        change = Change(row["op"], None if gone else row["version"], row["tag"])
        history.setdefault(row["id"], []).append(change)
        versions.setdefault(row["id"], []).append(row["version"])
    rows = {row["id"]: (row["version"], row["tag"]) for row in await db.fetch("TABLE thing")}
    return Truth(history, versions, rows)


@asynccontextmanager
async def tortured(
    amqp_url: str, postgres: RestartablePostgres, folder: Path, seed: int, flushed: float
) -> AsyncIterator[House]:
    """A hub, a gateway, two relays, sixteen writers, and a page that sees all; ended at the end."""
    db = await asyncpg.connect(postgres.url)
    try:
        await db.execute(TABLES)
    finally:
        await db.close()
    stack = Stack(amqp_url, postgres.url, folder)
    house: House | None = None
    try:
        await stack.add_hub()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(RELAYS):
                tasks.create_task(stack.add_relay())
                await asyncio.sleep(0)  # It takes its number when its task begins.
            tasks.create_task(stack.add_gateway())
        pass_ = token("witness", {"thing.*": "read"})
        async with (
            listening(amqp_url, ("hub.in", "#")) as published,
            open_tab(stack.gateways[0].url, pass_) as page,
        ):
            for key in KEYS:
                await page.join(f"thing.{key}", "watching")
            house = House(stack, postgres, folder, seed, flushed, published, page)
            for number in range(PROCESSES):
                await house.start_writers(number)
            await eventually(lambda: house.notes.exists(), within=30, what="writers at work")
            yield house
    finally:
        for process in house.writers.values() if house else ():
            if process.returncode is None:
                process.kill()
                await process.wait()
        for service in stack.services():
            if service.process is not None and service.process.returncode is None:
                await service.stop()

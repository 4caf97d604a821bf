"""Where a benchmark runs: a RabbitMQ and a PostgreSQL of its own on loopback, ended with it.

PostgreSQL is durable here (fsync on), unlike the one of the tests. What a process used of a core
comes from ``/proc``, so these benchmarks want Linux.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from presently_server.local_postgres import local_postgres
from producers.postgres.migrate import migrate
from tests.support.rabbit import private_rabbit
from tests.support.stack import Service, Stack

TICKS: Final = os.sysconf("SC_CLK_TCK")
VERSION: Final = "rabbit_misc:version()."
PID: Final = "os:getpid()."
CURSOR: Final = """
SELECT last_id > 0 AS begun, pg_visible_in_snapshot($1::text::xid8, seen) AS done
FROM presently.relay"""


@dataclass(frozen=True)
class House:
    """What a benchmark is given.

    Attributes:
        postgres_pid: Of the server; its backends are its children.
        folder: For whatever is written; gone afterwards.
    """

    amqp_url: str
    database_url: str
    postgres_pid: int
    rabbit_pid: int
    folder: Path

    def stack(self) -> Stack:
        """No service of ours yet; ``ended`` ends those that were added."""
        return Stack(self.amqp_url, self.database_url, self.folder)


@contextmanager
def house(settings: dict[str, str] | None = None) -> Iterator[House]:
    """Start both and print what this machine is and how busy.

    Args:
        settings: Of PostgreSQL.
    """
    base = Path(tempfile.mkdtemp(prefix="presently-bench-"))
    base.chmod(0o711)
    rabbit = private_rabbit()
    try:
        rabbit.start()
        roomy = {"max_connections": "100", "max_wal_size": "4GB"} | (settings or {})
        with local_postgres(base / "data", settings=roomy) as server:
            version = asyncio.run(_prepared(server.dsn()))
            print(
                f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
                f"Python {platform.python_version()}, PostgreSQL {version}, "
                f"RabbitMQ {rabbit.eval(VERSION).strip().strip(chr(34))}",
                flush=True,
            )
            yield House(
                rabbit.url, server.dsn(), server.pid, int(rabbit.eval(PID).strip().strip('"')), base
            )
    finally:
        rabbit.close()
        shutil.rmtree(base)


async def _prepared(dsn: str) -> str:
    db = await asyncpg.connect(dsn)
    try:
        await migrate(db)
        return str(await db.fetchval("SHOW server_version"))
    finally:
        await db.close()


async def ended(stack: Stack) -> None:
    """Each of its services, as it should end."""
    for service in stack.services():
        if service.process is not None and service.process.returncode is None:
            await service.stop()


def cpu_seconds(pid: int) -> float:
    """Of one core, that a process and its children have used so far, those that ended included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text().partition(" ")
        except OSError:  # It has just ended.
            continue
        fields = rest.rpartition(")")[2].split()
        if str(pid) in (number, fields[1]):
            ticks += sum(map(int, fields[11:15] if number == str(pid) else fields[11:13]))
    return ticks / TICKS


async def filled(dsn: str, statement: str, rows: int, within: float) -> str:
    """Run a statement that writes ``rows`` ($1); returns its transaction."""
    db = await asyncpg.connect(dsn)
    try:
        async with db.transaction():
            await db.execute(statement, rows, timeout=within)
            return str(await db.fetchval("SELECT pg_current_xact_id()::text"))
    finally:
        await db.close()


async def carried(dsn: str, xid: str, within: float) -> tuple[float, float]:
    """When a relay had published the first page, and all that the transaction wrote."""
    db = await asyncpg.connect(dsn)
    try:
        began = 0.0
        async with asyncio.timeout(within):
            while True:
                at = await db.fetchrow(CURSOR, xid)
                assert at is not None
                if at["done"]:
                    return began or time.perf_counter(), time.perf_counter()
                if at["begun"] and not began:
                    began = time.perf_counter()
                await asyncio.sleep(0.01)
    finally:
        await db.close()


def resident_mib(service: Service) -> float:
    """The most that a service ever held."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def spread(seconds: Sequence[float]) -> str:
    """``p50 | p99 | worst`` in ms."""
    if not seconds:
        return "– | – | –"
    sorted_ = sorted(seconds)
    p99 = sorted_[min(len(sorted_) - 1, int(len(sorted_) * 0.99))]
    return " | ".join(
        f"{each * 1000:.1f}" for each in (statistics.median(sorted_), p99, sorted_[-1])
    )

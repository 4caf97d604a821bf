"""What capture costs those who write: pgbench with and without it, in pairs.

    python -m bench.writer_overhead [--seconds 5] [--pairs 5] [--scale 10] [--only 'TPC-B']

Starts a PostgreSQL of its own (the wheel's newest, durable as it comes: ``fsync`` on, 256 MB of
shared buffers, ``synchronous_commit`` on) in a temporary folder, fills it with ``pgbench -i``, and
runs each scenario in pairs, bare and captured, in the order A B A B …, so that what else the
machine does falls on both. Before each run: VACUUM of the table, an empty outbox, CHECKPOINT.

* Captured is ``pgbench_accounts`` as ``account.{aid}`` with its balance, and in "three tables" also
  tellers and branches; each UPDATE of a captured row writes one row of the outbox.
* A latency is that of one transaction of pgbench's own log (``--log``), over TCP on loopback; a
  run's is the median of them. Printed are the medians over the runs, and the ratio: the median of
  the pairs' ratios, with the lowest and the highest.
* CPU is what the server's sessions used (``cutime`` and ``cstime`` of its first process: sessions
  end with each run, its helpers do not), for each transaction; less noisy on a busy machine.
* Nobody relays: reading the outbox takes none of the writer's time but some of the machine's.

pgbench is looked for beside the server, in PATH and in /usr/lib/postgresql. Budget: 1.3 on TPC-B.
What it has measured is in docs/capture.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presently_server.local_postgres import LocalPostgres, local_postgres
from producers.postgres.migrate import script

SETTINGS: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "jit": "off"}
ACCOUNTS: Final = "SELECT presently.capture('pgbench_accounts', 'account.{aid}', '{abalance}'%s);"
THREE: Final = (
    ACCOUNTS % ""
    + "SELECT presently.capture('pgbench_tellers', 'teller.{tid}', '{tbalance}');"
    + "SELECT presently.capture('pgbench_branches', 'branch.{bid}', '{bbalance}');"
)
RELEASE: Final = "SELECT presently.release(tbl) FROM presently.captured;"
REST: Final = (
    "TRUNCATE presently.outbox",
    "VACUUM pgbench_accounts",
    "VACUUM pgbench_tellers",
    "VACUUM pgbench_branches",
    "TRUNCATE pgbench_history",
    "CHECKPOINT",
)
ONE_ROW: Final = (
    "\\set aid random(1, 100000 * :scale)\n"
    "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n"
)
HEAD: Final = (
    f"| {'median of a transaction':38} | ms, bare | captured | ratio | of the pairs "
    " | CPU, µs  | captured |"
    "\n|---|---|---|---|---|---|---|"
)
MANY_ROWS: Final = "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid <= 10000;\n"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What pgbench does. ``sql`` is its script, "" its own TPC-B."""

    name: str
    capture: str = ACCOUNTS % ""
    clients: int = 1
    sql: str = ""


SCENARIOS: Final = (
    Scenario("TPC-B, 1 client"),
    Scenario("TPC-B, 8 clients", clients=8),
    Scenario("TPC-B, 8 clients, three tables", THREE, clients=8),
    Scenario("UPDATE of one row", sql=ONE_ROW),
    Scenario("UPDATE of 10,000 rows", sql=MANY_ROWS),
    Scenario(
        "UPDATE of 10,000 rows, collapse 1,000", ACCOUNTS % ", collapse => 1000", sql=MANY_ROWS
    ),
)


def find_pgbench(server: LocalPostgres) -> Path:
    """pgbench, or the end in one line."""
    places = [server.binaries / "pgbench", Path(shutil.which("pgbench") or "/nowhere")]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    for place in places:
        if place.exists():
            return place
    sys.exit("no pgbench: it is in Debian's package postgresql (or postgresql-contrib)")


def latencies_ms(pgbench: Path, server: LocalPostgres, one: Scenario, seconds: int) -> list[float]:
    """One run; the latency of each transaction."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(pgbench), "--no-vacuum", f"--time={seconds}", f"--client={one.clients}"]
        command += ["--log", f"--log-prefix={folder}/log"]
        if one.sql:
            (Path(folder) / "script").write_text(one.sql)
            command += [f"--file={folder}/script"]
        subprocess.run([*command, server.dsn()], check=True, capture_output=True)
        lines = [line for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    return [int(line.split()[2]) / 1000 for line in lines]  # µs


def cpu_us(server: LocalPostgres) -> float:
    """CPU of all sessions that have ended, a moment after the last one did."""
    server.run_psql("-c", "SELECT pg_sleep(0.2)")
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK") * 1e6


@dataclass(frozen=True, slots=True)
class Run:
    """Medians of one run: a transaction's latency in ms, and its mean CPU in µs."""

    ms: float
    cpu: float


def measure(
    pgbench: Path, server: LocalPostgres, one: Scenario, seconds: int, pairs: int
) -> list[tuple[Run, Run]]:
    """Without and with capture, of each pair."""

    def run(capture: str) -> Run:
        for statement in (RELEASE, *([capture] if capture else []), *REST):
            server.run_psql("-c", statement)
        before = cpu_us(server)
        found = latencies_ms(pgbench, server, one, seconds)
        return Run(statistics.median(found), (cpu_us(server) - before) / len(found))

    return [(run(""), run(one.capture)) for _ in range(pairs)]


def line(name: str, pairs: list[tuple[Run, Run]]) -> str:
    """A row of the table."""
    bare, captured = zip(*pairs, strict=True)
    ratios = [with_it.ms / without.ms for without, with_it in pairs]
    cells = (
        f"{name:38}",
        *(f"{statistics.median(run.ms for run in side):8.3f}" for side in (bare, captured)),
        f"{statistics.median(ratios):5.2f}",
        f"{min(ratios):4.2f} to {max(ratios):5.2f}",
        *(f"{statistics.median(run.cpu for run in side):8,.0f}" for side in (bare, captured)),
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--pairs", type=int, default=5, help="of runs for each scenario")
    parser.add_argument("--scale", type=int, default=10, help="of pgbench: 100,000 accounts each")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    asked = parser.parse_args(arguments)
    base = Path(tempfile.mkdtemp(prefix="presently-writers-"))
    base.chmod(0o711)  # root runs the server as somebody else
    try:
        with local_postgres(base / "data", settings=SETTINGS) as server:
            pgbench = find_pgbench(server)
            server.run_psql("-c", script())
            fill = [str(pgbench), "--initialize", "--quiet", "--fillfactor=80"]
            subprocess.run(
                [*fill, f"--scale={asked.scale}", server.dsn()], check=True, capture_output=True
            )
            print(HEAD, flush=True)
            for one in SCENARIOS:
                if asked.only in one.name:
                    found = measure(pgbench, server, one, asked.seconds, asked.pairs)
                    print(line(one.name, found), flush=True)
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main(sys.argv[1:])

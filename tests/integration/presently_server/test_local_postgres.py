"""The private PostgreSQL: starts anywhere, ends with us, leaves nothing running."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from presently_server import local_postgres_places as places
from presently_server.local_postgres import local_postgres
from presently_server.local_postgres_places import PostgresFailed
from tests.support.eventually import eventually_sync
from tests.support.ports import free_port

HOLD = """
import pathlib, sys, time
from presently_server.local_postgres import local_postgres
with local_postgres(pathlib.Path(sys.argv[1]), durable=False) as server:
    print(server.pid, server.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for data that everybody may walk to, as most are."""
    base = Path(tempfile.mkdtemp(prefix="presently-local-"))
    base.chmod(0o711)
    yield base / "data"
    shutil.rmtree(base)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_data_outlive_the_server_and_the_server_ends(folder: Path) -> None:
    port = free_port()
    with local_postgres(folder, port=port, durable=False) as server:
        assert server.dsn() == f"postgresql://postgres@127.0.0.1:{port}/presently"
        server.run_psql("-c", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
        assert server.psql is not None
        line = subprocess.run(
            [server.psql, server.dsn(), "-XAtc", "SELECT inet_server_addr()"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert line.stdout.strip() == "127.0.0.1"
    assert not alive(server.pid)
    with local_postgres(folder, durable=False) as again:
        assert again.run_psql("-c", "SELECT n FROM kept").strip() == "42"


def test_what_psql_says_is_told(folder: Path) -> None:
    with local_postgres(folder, durable=False) as server:
        with pytest.raises(PostgresFailed, match='relation "nowhere" does not exist'):
            server.run_psql("-c", "SELECT * FROM nowhere")
        with (
            pytest.raises(PostgresFailed, match="in use by another process"),
            local_postgres(folder),
        ):
            pass


def test_a_port_that_is_taken_is_one_clear_line(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(PostgresFailed, match="in use"),
            local_postgres(folder, port=taken.getsockname()[1], durable=False),
        ):
            pass


def test_not_even_a_kill_leaves_it_running(folder: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    pid = int(holder.stdout.readline().split()[0])
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    eventually_sync(lambda: not alive(pid))
    with local_postgres(folder, durable=False) as again:
        assert again.run_psql("-c", "SELECT 1").strip() == "1"


def test_without_the_wheel_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WHEEL", "no_such_wheel")
    with pytest.raises(PostgresFailed, match="pip install"), local_postgres(folder):
        pass


def test_an_interrupted_start_is_begun_anew(folder: Path) -> None:
    half = folder.with_name("data.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with local_postgres(folder, durable=False) as server:
        assert server.run_psql("-c", "SELECT 1").strip() == "1"


def test_root_keeps_what_nobody_could_reach_in_a_shelter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout and its virtualenv under /root: both out of reach for the user that runs it."""
    hidden = folder.parent / "hidden"
    hidden.mkdir(mode=0o700)
    install = places.wheel_binaries().parent
    package = hidden / places.WHEEL
    shutil.copytree(install, package / install.name, symlinks=True)
    libraries = install.parent.with_name(f"{places.WHEEL}.libs")
    shutil.copytree(libraries, hidden / libraries.name)
    (package / install.name / "bin" / "postgres").chmod(0o700)  # as with umask 077
    monkeypatch.setattr(places, "SHELTER", folder.parent / "shelter")
    monkeypatch.setattr(places, "wheel_binaries", lambda: package / install.name / "bin")
    for _ in range(2):  # the second time the copy is there
        with local_postgres(hidden / "data", durable=False) as server:
            assert server.run_psql("-c", "SELECT 1").strip() == "1"
            for place in (server.folder, server.binaries):
                assert place.is_relative_to(hidden) == (os.geteuid() != 0)
    assert hidden.stat().st_mode & 0o777 == 0o700

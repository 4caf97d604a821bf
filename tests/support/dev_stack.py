"""
A whole Presently in one process, as a newcomer starts it: `presently dev`, on free ports, in a
private folder. One for the whole run; it ends with the run.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from presently_server.local_postgres_places import wheel_binaries
from tests.support.eventually import eventually_sync
from tests.support.ports import free_port

ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = [sys.executable, "-m", "presently_server", "dev"]
PORTS: Final = 4
"""Demo, gateway, HTTP API, health: `presently dev --port N` takes N to N + 3."""
START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 30.0


@dataclass(frozen=True)
class DevStack:
    """What `.presently/dev.json` says; URLs without a slash at their end."""

    demo: str
    gateway: str
    api: str
    api_key: str
    postgres: str
    jwt_key: str

    async def people(self, document: str) -> dict[str, str]:
        """Return who is at a document, as the HTTP API tells it: user id → mode."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with httpx.AsyncClient(base_url=self.api, headers=headers) as api:
            answer = await api.get(f"/v1/documents/{document}")
        answer.raise_for_status()
        return {user["id"]: user["mode"] for user in answer.json()["users"]}

    async def psql(self, statement: str) -> str:
        """Run one statement as a person at a terminal would; return what `psql` printed."""
        process = await asyncio.create_subprocess_exec(
            str(wheel_binaries() / "psql"),
            *("-XAtq", self.postgres, "-c", statement),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        said, complained = await process.communicate()
        assert process.returncode == 0, complained.decode()
        return said.decode().strip()


@pytest.fixture(scope="session")
def dev_stack() -> Iterator[DevStack]:
    """A running `presently dev`."""
    folder = Path(tempfile.mkdtemp(prefix="presently-dev-"))
    folder.chmod(0o711)
    try:
        with _running(folder) as process:
            yield _read(folder, process)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "--port", str(_free_ports())],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _read(folder: Path, process: subprocess.Popen[bytes]) -> DevStack:
    """Wait until the file of addresses is there and the demo answers."""
    path = folder / ".presently" / "dev.json"

    def addresses() -> dict[str, str]:
        if process.poll() is not None:
            raise RuntimeError(f"presently dev ended:\n{(folder / 'log').read_text()[-4000:]}")
        read: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return read if read and _answers(read["demo"]) else {}

    read = eventually_sync(addresses, within=START_SECONDS, what="`presently dev` answers")
    stack = DevStack(**{name: read[name] for name in DevStack.__dataclass_fields__})
    return DevStack(**{name: value.rstrip("/") for name, value in vars(stack).items()})


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _environment() -> dict[str, str]:
    """Return ours without its settings: they are for the broker and database of other tests."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PRESENTLY_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "producers" / "python")])
    return {**kept, "PYTHONPATH": path}


def _free_ports() -> int:
    """Return the first of `PORTS` free ports in a row."""
    while True:
        first = free_port()
        if all(_is_free(port) for port in range(first + 1, first + PORTS)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

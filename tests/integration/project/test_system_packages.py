"""`scripts/system_packages`: uses what is here, installs as root, else says what to do."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

SCRIPT: Final = Path(__file__).parents[3] / "scripts" / "system_packages"
HAS: Final = ("chromium", "amqp-publish", "curl", "pgbouncer")
URL: Final = {"PRESENTLY_AMQP_URL": "amqp://somewhere/"}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder to be all of PATH: the shell's tools, and a user who is not root."""
    for tool in ("bash", "find", "dirname"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    put(tmp_path, "id", "echo 1000")
    return tmp_path


def put(machine: Path, name: str, script: str = "") -> None:
    (machine / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
    (machine / name).chmod(0o755)


def run(machine: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [os.fspath(machine / "bash"), os.fspath(SCRIPT)],
        env={"PATH": os.fspath(machine), **environ},
        capture_output=True,
        text=True,
    )


def install(machine: Path, commands: Iterable[str]) -> None:
    for command in commands:
        put(machine, command)


def test_with_everything_here_it_says_which_broker(machine: Path) -> None:
    install(machine, [*HAS, "rabbitmq-server"])
    done = run(machine, {})
    assert done.returncode == 0
    assert "a private RabbitMQ, from the rabbitmq-server of this machine" in done.stdout


def test_a_given_broker_is_used(machine: Path) -> None:
    install(machine, HAS)
    done = run(machine, URL)
    assert done.returncode == 0
    assert "the RabbitMQ of PRESENTLY_AMQP_URL" in done.stdout
    assert "somewhere" not in done.stdout  # it may hold a password


def test_without_rights_one_line_says_what_to_install(machine: Path) -> None:
    done = run(machine, URL)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "as root: apt-get install -y chromium" in line
    assert "amqp-tools" in line
    assert "rabbitmq-server" not in line

"""A publisher made before the fork: gunicorn with ``--preload``, and forks at any moment."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.presently_sdk.prefork.heard import hear
from tests.support.eventually import eventually_sync
from tests.support.ports import free_port
from tests.support.processes import ROOT, environment, server
from tests.unit.presently_sdk.api import Api, api

pytestmark = pytest.mark.rabbit
FOLDER = "tests.integration.presently_sdk.prefork"
REQUESTS = 60
DEATHS = 4


def ask(port: int, path: str) -> int | None:
    """The worker's process id, or None: it has died."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return int(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def serve(url: str, log: Path, arrived: Callable[[], Counter[str]]) -> None:
    """Run the shop, kill workers as they answer, stop it, and count."""
    port = free_port()
    options = ("--config", f"python:{FOLDER}.gunicorn_conf", "--bind", f"127.0.0.1:{port}")
    died: set[str] = set()

    def visit(number: int) -> int:
        id = f"request-{number}"
        if number % (REQUESTS // DEATHS) == 7:
            assert ask(port, f"/{id}?die") is None
            died.add(id)
        while (pid := ask(port, f"/{id}")) is None:
            died.add(id)  # another's death took it along: asked again under the same id
        return pid

    env = {"PRESENTLY_URL": url, "PRESENTLY_API_KEY": "k"}
    with server("gunicorn", *options, f"{FOLDER}.wsgi:app", log=log, env=env):
        eventually_sync(lambda: ask(port, "/"), within=20, what="gunicorn answers")
        with ThreadPoolExecutor(4) as threads:
            workers = set(threads.map(visit, range(REQUESTS)))
    assert len(workers) > 2, "they were replaced"
    counts = arrived()
    expected = {"before", "after", *(f"request-{number}" for number in range(REQUESTS))}
    assert counts.keys() == expected
    assert {id for id, count in counts.items() if count > 1} <= died
    assert all(counts[id] == 1 for id in expected - died)
    assert "Traceback" not in log.read_text(), log.read_text()


def test_gunicorn_over_amqp(amqp_url: str, tmp_path: Path) -> None:
    with hear(amqp_url) as heard:
        serve(amqp_url, tmp_path / "log", lambda: Counter(heard()))


def test_gunicorn_over_http(tmp_path: Path) -> None:
    with api() as here:
        serve(here.url, tmp_path / "log", lambda: posted(here))


def posted(here: Api) -> Counter[str]:
    """The ids that the API was given."""
    return Counter(body["id"] for _, _, _, body in here.asked)


def storm(url: str) -> set[str]:
    """The ids that were published."""
    done = subprocess.run(
        [sys.executable, "-m", f"{FOLDER}.storm"],
        cwd=ROOT,
        env=environment({"PRESENTLY_URL": url, "PRESENTLY_API_KEY": "k"}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = (line.split() for line in done.stdout.splitlines())
    return {f"{name}-{n}" for name, count in lines for n in range(1, int(count) + 1)}


def test_forks_while_other_threads_publish_over_amqp(amqp_url: str) -> None:
    with hear(amqp_url) as heard:
        ids = storm(amqp_url)
        assert Counter(heard()) == Counter(ids)


def test_forks_while_other_threads_publish_over_http() -> None:
    with api() as here:
        ids = storm(here.url)
        assert posted(here) == Counter(ids)

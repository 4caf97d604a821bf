"""A publisher made before the fork: gunicorn with ``--preload``, and forks at any moment."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from presently import mint_token
from tests.integration.presently_sdk.prefork.heard import hear
from tests.support.dev_stack import DevStack
from tests.support.eventually import eventually_sync
from tests.support.ports import free_port
from tests.support.processes import ROOT, environment, server
from tests.support.tab import open_tab
from tests.unit.presently_sdk.api import Api, api

pytestmark = pytest.mark.rabbit
FOLDER = "tests.integration.presently_sdk.prefork"
REQUESTS = 60
DEATHS = 4
IDS = {"before", "after", *(f"request-{number}" for number in range(REQUESTS))}


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


def serve(url: str, key: str, log: Path) -> set[str]:
    """Run the shop, kill workers as they answer, stop it; the ids that were asked for again."""
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

    env = {"PRESENTLY_URL": url, "PRESENTLY_API_KEY": key}
    with server("gunicorn", *options, f"{FOLDER}.wsgi:app", log=log, env=env):
        eventually_sync(lambda: ask(port, "/"), within=20, what="gunicorn answers")
        with ThreadPoolExecutor(4) as threads:
            workers = set(threads.map(visit, range(REQUESTS)))
    assert len(workers) > 2, "they were replaced"
    assert "Traceback" not in log.read_text(), log.read_text()
    return died


def check(counts: Counter[str], died: set[str]) -> None:
    """Each once, but for what was asked for again: those were perhaps published before."""
    assert counts.keys() == IDS
    assert {id for id, count in counts.items() if count > 1} <= died


def test_gunicorn_over_amqp(amqp_url: str, tmp_path: Path) -> None:
    with hear(amqp_url) as heard:
        died = serve(amqp_url, "", tmp_path / "log")
        check(Counter(heard()), died)


def test_gunicorn_over_http(tmp_path: Path) -> None:
    with api() as here:
        died = serve(here.url, "k", tmp_path / "log")
        check(posted(here), died)


@pytest.mark.postgres
async def test_a_page_sees_each_once_however_often_it_was_published(
    dev_stack: DevStack, tmp_path: Path
) -> None:
    token = mint_token(dev_stack.jwt_key, "reader", {"article.*": "read"})
    async with open_tab(dev_stack.gateway.replace("http", "ws", 1), token) as tab:
        await tab.join("article.1")
        before = len(tab.events("article.1"))  # the stack is the run's, others were here
        await asyncio.to_thread(serve, dev_stack.api, dev_stack.api_key, tmp_path / "log")
        events = await tab.until_events("article.1", before + len(IDS))
    assert Counter(event["id"] for event in events[before:]) == Counter(IDS)


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

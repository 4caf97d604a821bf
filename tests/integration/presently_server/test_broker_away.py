"""Services that begin without a broker, and with one that does not let them in."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.integration.presently_server.process import presently
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.rabbit import Rabbit
from tests.support.stack import JWT_KEY, Service, Stack, answers

pytestmark = pytest.mark.rabbit

TRIES_S = 4.0
"""Half a dozen tries."""
SETTING = "PRESENTLY_AMQP_URL"


@pytest.mark.postgres
async def test_every_service_waits_for_its_broker_and_says_so_once(
    restartable_rabbit: Rabbit, restartable_amqp_url: str, database_url: str, tmp_path: Path
) -> None:
    stack = Stack(restartable_amqp_url, database_url, tmp_path)
    services: list[Service] = []
    try:
        await asyncio.to_thread(restartable_rabbit.stop)
        try:
            async with asyncio.TaskGroup() as tasks:
                for add in (stack.add_hub, stack.add_gateway, stack.add_relay):
                    tasks.create_task(add())
                began = time.monotonic()
                await eventually(lambda: time.monotonic() > began + TRIES_S, within=10)
                services = stack.services()
                for service in services:
                    ready = f"http://127.0.0.1:{service.ops_port}/readyz"
                    assert not await asyncio.to_thread(answers, ready)
                    lines = [line for line in service.said().splitlines() if SETTING in line]
                    assert len(lines) == 1, service.said()
                await asyncio.to_thread(restartable_rabbit.start)
        except BaseException:
            await asyncio.to_thread(restartable_rabbit.restart)
            raise
        for service in services:
            assert service.process is not None
            assert service.process.returncode is None, service.said()
    finally:
        codes = [await service.stop() for service in stack.services() if service.process]
    assert codes == [0, 0, 0]


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["gateway", "hub", "relay"])
@pytest.mark.parametrize("wrong", ["password", "vhost"])
async def test_a_broker_that_lets_nobody_in_ends_a_service_in_one_line(
    name: str, wrong: str, rabbit: Rabbit, amqp_url: str, database_url: str, tmp_path: Path
) -> None:
    url = f"{amqp_url}-not" if wrong == "vhost" else amqp_url.replace("guest@", "secret@")
    listen = ("LISTEN", "API_LISTEN", "OPS_LISTEN")
    own = {f"PRESENTLY_{each}": f"127.0.0.1:{free_port()}" for each in listen}
    if name == "relay":
        own["PRESENTLY_DATABASE_URL"] = database_url
    done = await presently(
        name, folder=tmp_path, PRESENTLY_AMQP_URL=url, PRESENTLY_JWT_KEYS=JWT_KEY, **own
    )
    assert done.code == 2, done.err
    *said, last = done.err.splitlines()
    assert last.startswith("presently: ")
    assert wrong in last
    assert SETTING in last
    assert sum(SETTING in line for line in said) == 1, done.err  # at once, before it is sure
    assert "secret" not in done.err
    assert "Traceback" not in done.err

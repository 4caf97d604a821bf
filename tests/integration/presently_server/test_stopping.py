"""SIGTERM as a process has it: alone, twice, and with a broker that does not answer."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect

from gateway.drain import LAST_S
from hub.worker import HAND_OVER_SECONDS
from presently_server.services import FINISH_SECONDS
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import Service, Stack

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]
GOODBYES_S = 8.0
"""Of a broker's connections, two of which a gateway has, when nobody answers."""
INSISTED = 130


@pytest.fixture
async def line(amqp_url: str) -> AsyncIterator[Proxy]:
    """Between the processes and the broker."""
    url = urlsplit(amqp_url)
    proxy = await Proxy.to(url.hostname or "127.0.0.1", url.port or 5672)
    yield proxy
    proxy.restore()
    await proxy.close()


@pytest.fixture
async def stack(
    amqp_url: str, database_url: str, tmp_path: Path, line: Proxy
) -> AsyncIterator[Stack]:
    """Nothing runs yet. What is left at the end is killed."""
    url = urlsplit(amqp_url)
    port = url.netloc.rpartition("@")[0] + f"@127.0.0.1:{line.port}"
    stack = Stack(url._replace(netloc=port).geturl(), database_url, tmp_path)
    yield stack
    for service in stack.services():
        if service.process is not None and service.process.returncode is None:
            await service.stop(signal.SIGKILL)


def ask(service: Service) -> None:
    """SIGTERM, without waiting."""
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)


async def ended(service: Service, within: float) -> int:
    """Its exit code."""
    assert service.process is not None
    async with asyncio.timeout(within):
        return await service.process.wait()


async def test_a_draining_gateway_says_so_and_a_second_signal_insists(stack: Stack) -> None:
    await stack.add_hub()
    gateway = await stack.add_gateway({"PRESENTLY_DRAIN_DELAY": "10m"})
    ready = f"http://127.0.0.1:{gateway.ops_port}/readyz"
    async with httpx.AsyncClient() as client, connect(gateway.url) as early:
        ask(gateway)

        async def draining() -> bool:
            answer = await client.get(ready)
            return (answer.status_code, answer.text) == (503, "not ready: draining\n")

        await eventually(draining, within=5)
        async with connect(gateway.url) as late:
            ask(gateway)
            assert await ended(gateway, within=5) == INSISTED
            for socket in (early, late):
                await socket.wait_closed()
    assert "Traceback" not in gateway.said()


@pytest.mark.parametrize("trouble", ["stall", "cut"])
async def test_nobody_waits_for_a_broker_that_does_not_answer(
    stack: Stack, line: Proxy, trouble: str
) -> None:
    patience = {
        "hub": HAND_OVER_SECONDS + GOODBYES_S,
        "relay": FINISH_SECONDS + GOODBYES_S,
        "gateway": LAST_S,
    }
    hub = await stack.add_hub()
    relay, gateway = await stack.add_relay(), await stack.add_gateway()
    getattr(line, trouble)()
    began = time.monotonic()
    for service in (hub, relay, gateway):
        ask(service)
    for service in (hub, relay, gateway):
        left = began + patience[service.kind] - time.monotonic()
        assert await ended(service, within=max(left, 0.1)) == 0, service.said()
        print(f"{trouble}: {service.name} ended after {time.monotonic() - began:.1f} s")
        assert "Traceback" not in service.said()

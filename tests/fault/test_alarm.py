"""The broker is short of memory or of disk: it reads nothing more from whoever publishes.

Nothing is lost by it, nobody's socket goes, and who asks for something is told to try again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator

import pytest

from tests.fault.conftest import NewTrial
from tests.fault.trial import Trial
from tests.support.rabbit import Rabbit
from tests.support.stack import API_KEY, Gateway, answers
from tests.support.tab import Answered, Tab

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]

LASTS_S = 10.0
AT_ONCE_S = 1.0
RESUMES_S = 60.0
"""Far more than it takes (2 s on a quiet machine): what was committed meanwhile goes first."""
ALARMS = "rabbit_alarm:get_alarms()"
MEMORY = (
    "vm_memory_monitor:set_vm_memory_high_watermark(0.0001)",
    "vm_memory_monitor:set_vm_memory_high_watermark(0.4)",
)
DISK = (
    "rabbit_disk_monitor:set_disk_free_limit(1000000000000000)",
    "rabbit_disk_monitor:set_disk_free_limit(50000000)",
)


async def test_short_of_memory(new_restartable_trial: NewTrial, restartable_rabbit: Rabbit) -> None:
    await _alarm(new_restartable_trial, restartable_rabbit, *MEMORY)


@pytest.mark.long
async def test_short_of_disk(new_restartable_trial: NewTrial, restartable_rabbit: Rabbit) -> None:
    await _alarm(new_restartable_trial, restartable_rabbit, *DISK)


async def _alarm(new_trial: NewTrial, rabbit: Rabbit, on: str, off: str) -> None:
    async with new_trial() as it:
        async with _lasting(rabbit, on, off):
            began = it.now()
            await it.go_on(2.0)  # Long enough for everybody to have published into it.
            took = [await _refused(it) for _ in range(3)]
            print(f"refused within {max(took):.2f} s")
            assert max(took) < AT_ONCE_S
            for gateway in it.stack.gateways:
                assert await asyncio.to_thread(_posted, gateway) == 503
                url = f"http://127.0.0.1:{gateway.ops_port}/readyz"
                assert await asyncio.to_thread(answers, url)
            await asyncio.sleep(max(0.0, began + LASTS_S - it.now()))
        over = it.now()
        await it.back(over, within=RESUMES_S, what=f"an alarm of {LASTS_S:.0f} s was over")
        await it.changes(200)
        await it.settle()
        assert set(it.oracle.codes(it.visitors)) <= {1001, None}, "a socket was closed"
        assert not it.oracle.flickers
        assert not it.oracle.reloads(it.visitors)
        for service in it.stack.services():
            said = service.said().splitlines()
            assert not [line for line in said if "lost" in line or " away" in line], "given up"


@contextlib.asynccontextmanager
async def _lasting(rabbit: Rabbit, on: str, off: str) -> AsyncIterator[None]:
    await asyncio.to_thread(rabbit.eval, on)
    try:
        assert "resource_limit" in await asyncio.to_thread(rabbit.eval, ALARMS)
        yield
    finally:
        await asyncio.to_thread(rabbit.eval, off)


async def _refused(it: Trial) -> float:
    """Seconds until a page that sends something now is told to try again."""
    tab = _seated(it)
    (document, *_) = tab.views
    began = time.monotonic()
    with pytest.raises(Answered) as refused:
        await tab.send(document, "chat.said", {})
    assert refused.value.frame["temporary"], refused.value.frame
    return time.monotonic() - began


def _posted(gateway: Gateway) -> int:
    """What the HTTP API answers to a backend that publishes now."""
    event = {"specversion": "1.0", "id": "1", "source": "/it", "type": "it", "subject": "page.40"}
    request = urllib.request.Request(
        f"{gateway.api}/v1/events",
        json.dumps(event).encode(),
        {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/cloudevents+json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=AT_ONCE_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _seated(it: Trial) -> Tab:
    tabs = [v.tab for v in it.visitors if v.stays and v.tab is not None and v.tab.views]
    return it.dice.choice(tabs)

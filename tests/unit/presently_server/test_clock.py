from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from presently_server import services
from presently_server.clock import SteadyClock
from presently_server.run import Service
from presently_server.settings import load


@pytest.mark.parametrize("set_to", [0.0, 4e9], ids=["back", "forward"])
def test_it_tells_the_time_and_goes_on_when_the_machine_s_is_set(
    monkeypatch: pytest.MonkeyPatch, set_to: float
) -> None:
    clock = SteadyClock()
    assert abs(clock() - time.time()) < 5
    before = clock()
    monkeypatch.setattr(time, "time", lambda: set_to)
    assert before <= clock() < before + 60


@pytest.mark.parametrize(
    ("run", "command"),
    [("gateway.server.run", services.gateway), ("hub.worker.run", services.hub)],
    ids=["gateway", "hub"],
)
def test_services_live_by_it(monkeypatch: pytest.MonkeyPatch, run: str, command: Any) -> None:
    clocks: list[object] = []

    async def served(*_: object, clock: Callable[[], float], **__: object) -> None:
        clocks.append(clock)

    def at_once(_: object, __: object, service: Service, *___: object) -> None:
        async def serve() -> None:
            await service(asyncio.Event())

        asyncio.run(serve())

    monkeypatch.setattr(run, served)
    monkeypatch.setattr(services, "with_ops", at_once)
    monkeypatch.setattr(services, "_given", lambda *_, **__: (load({}), None))
    command.callback()
    assert [type(clock) for clock in clocks] == [SteadyClock]

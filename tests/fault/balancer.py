"""What stands before the gateways: it sends pages to those that say they are ready. And somebody
who knocks at one of them all the time, to see whether it ever refuses."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from websockets.asyncio.client import connect

from tests.fault.visitor import LOST
from tests.support.stack import Gateway, Stack, answers

LOOK_S = 0.2
"""How often it looks. A gateway's drain delay must be longer."""


class Balancer:
    """Knows who is ready, by ``/readyz`` alone."""

    def __init__(self) -> None:
        self._unready: set[str] = set()

    def choose(self, gateways: Sequence[Gateway]) -> Sequence[Gateway]:
        """Those to send pages to."""
        return [gateway for gateway in gateways if gateway.name not in self._unready]

    @contextlib.asynccontextmanager
    async def looking(self, stack: Stack) -> AsyncIterator[None]:
        """Look again and again while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._look(stack))
            try:
                yield
            finally:
                task.cancel()

    async def _look(self, stack: Stack) -> None:
        while True:
            for gateway in stack.gateways:
                url = f"http://127.0.0.1:{gateway.ops_port}/readyz"
                ready = await asyncio.to_thread(answers, url)
                (self._unready.discard if ready else self._unready.add)(gateway.name)
            await asyncio.sleep(LOOK_S)


@dataclass
class Knocks:
    """Seconds after the first knock: when somebody was let in, and when not."""

    let_in: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)


@contextlib.asynccontextmanager
async def knocking(gateway: Gateway, every: float = 0.02) -> AsyncIterator[Knocks]:
    """Connect, shake hands and go, until the gateway is gone or the block ends."""
    knocks = Knocks()
    began = time.monotonic()

    async def knock() -> None:
        while not knocks.refused or time.monotonic() - began < knocks.refused[0] + 0.2:
            at = time.monotonic() - began
            try:
                socket = await connect(gateway.url, compression=None, open_timeout=2, proxy=None)
                socket.transport.abort()
                knocks.let_in.append(at)
            except LOST:
                knocks.refused.append(at)
            await asyncio.sleep(every)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(knock())
        try:
            yield knocks
        finally:
            task.cancel()

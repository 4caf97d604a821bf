"""Nobody is told that the broker made him the active consumer: who takes over a silent shard knows
all the same, at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from broker.port import Connect
from schemas.ids import SLOTS
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import QUICK, Machine, change, hub, publish
from tests.support.eventually import eventually

DOCUMENT = "article.42"
DEAF = replace(QUICK, heartbeat_ms=600_000, probe_ms=600_000)
"""Neither a heartbeat nor a probe of the stand-by's own can tell it anything."""


async def test_a_stand_by_takes_silent_shards_over_without_a_heartbeat(connect: Connect) -> None:
    machine = Machine(connect)
    async with gateway(connect) as g, hub(machine.connect, DEAF, name="first"):
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: len(g.wanted) == SLOTS)
        async with hub(connect, DEAF, name="second"):
            asked = len(g.wanted)
            await machine.die()
            began = asyncio.get_running_loop().time()
            await eventually(lambda: len({w.slot for w in g.wanted[asked:]}) == SLOTS)
            assert asyncio.get_running_loop().time() - began < 3
            await publish(connect, change(DOCUMENT, "e1"))
            await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])


async def test_a_shard_that_was_handed_over_goes_on_without_a_heartbeat(connect: Connect) -> None:
    async with (
        gateway(connect) as g,
        hub(connect, DEAF, name="first") as stopping,
        hub(connect, DEAF, name="second"),
    ):
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: len(g.wanted) == SLOTS)
        asked = len(g.wanted)
        stopping.set()
        await eventually(lambda: len({w.slot for w in g.wanted[asked:]}) == SLOTS)

"""Documents' exchanges are made at a bounded rate, and orders of an ownership that is over not."""

from __future__ import annotations

import asyncio

import pytest

from broker.declare import declare
from broker.errors import NoSuchQueue
from broker.memory import Bus
from hub.exchanges import Order, Outcome
from hub.keeper import Keeper
from schemas import topology


async def test_so_many_a_second_and_what_is_no_longer_wanted_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    done: list[tuple[str, Outcome]] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("hub.keeper.asyncio.sleep", noted)
    broker = await Bus().connect("hub")
    await declare(broker, topology.installation())
    it = Keeper(broker, per_second=200)

    def give(document: str, wanted: bool) -> None:
        order = Order(document, open=True)
        it.give(order, lambda outcome: done.append((document, outcome)), lambda: wanted)

    give("a.1", True)
    give("a.2", False)
    give("a.3", True)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(it.run())
        while len(pauses) < 2:
            await sleep(0)
        running.cancel()
    assert done == [("a.1", Outcome.OPENED), ("a.3", Outcome.OPENED)]
    assert pauses == [1 / 200] * 2
    assert not await broker.exists("doc.a.2")


@pytest.mark.parametrize(
    ("missing", "outcome"), [("doc.a.1", Outcome.GONE), ("hub.events", Outcome.FAILED)]
)
@pytest.mark.parametrize("opens", [True, False])
async def test_an_exchange_that_ends_between_two_steps_costs_nobody_anything(
    opens: bool, missing: str, outcome: Outcome
) -> None:
    class Vanishing:
        """A backend was bound to the exchange, and goes before we bind."""

        async def unbind(self, bindings: object) -> None:
            """Ours go."""

        async def exists(self, exchange: str) -> bool:
            return True

        async def declare(self, *parts: object) -> None:
            raise NoSuchQueue(missing)

    told: asyncio.Queue[Outcome] = asyncio.Queue()
    it = Keeper(Vanishing(), per_second=200)  # type: ignore[arg-type]
    it.give(Order("a.1", open=opens), told.put_nowait, lambda: True)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(it.run())
        waiting = tasks.create_task(told.get())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert not running.done()
        assert waiting.result() is outcome
        running.cancel()

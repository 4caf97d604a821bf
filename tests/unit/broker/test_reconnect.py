"""Connect, serve, back off, again."""

import asyncio

import pytest

from broker.errors import BrokerUnavailable, ChannelLost, TopologyMismatch
from broker.memory import Bus
from broker.port import Broker
from broker.reconnect import keep


class Pauses:
    """Stands in for sleep."""

    def __init__(self, bus: Bus | None = None, start_after: int = 0) -> None:
        self.seconds: list[float] = []
        self._bus = bus
        self._start_after = start_after

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._bus is not None and len(self.seconds) == self._start_after:
            self._bus.start()


async def test_it_tries_until_the_broker_is_there_and_ends_with_serve() -> None:
    bus, served = Bus(), []
    bus.stop()
    pauses, errors = Pauses(bus, start_after=3), list[BrokerUnavailable]()

    async def serve(broker: Broker) -> None:
        served.append(broker)

    await keep(bus.connect, "it", serve, on_lost=errors.append, sleep=pauses, luck=lambda: 0.5)
    assert pauses.seconds == [0.05, 0.1, 0.2]
    assert [error.why for error in errors] == [  # the first try said it; the next two were soon
        "stopped (is it running? host and port of PRESENTLY_AMQP_URL)"
    ]
    assert len(served) == 1
    assert bus.connected == []


async def test_a_lost_connection_ends_serve_and_the_next_begins_anew() -> None:
    bus = Bus()
    brokers: list[Broker] = []
    ended = 0

    async def serve(broker: Broker) -> None:
        nonlocal ended
        brokers.append(broker)
        if len(brokers) == 3:
            return
        try:
            if len(brokers) == 1:
                bus.cut("it")
                await asyncio.Event().wait()  # serve hears of the loss by being cancelled
            raise ChannelLost("closed by the broker")
        finally:
            ended += 1

    errors: list[BrokerUnavailable] = []
    await keep(bus.connect, "it", serve, on_lost=errors.append, sleep=Pauses(), luck=lambda: 0.0)
    assert [error.why for error in errors] == ["cut", "closed by the broker"]
    assert (len(brokers), ended) == (3, 2)
    assert all(broker.lost for broker in brokers)


async def test_what_a_retry_cannot_cure_ends_it() -> None:
    bus = Bus()

    async def serve(broker: Broker) -> None:
        raise TopologyMismatch("q", "exists otherwise")

    with pytest.raises(ExceptionGroup) as group:
        await keep(bus.connect, "it", serve, sleep=Pauses())
    assert group.group_contains(TopologyMismatch)
    assert bus.connected == []


async def test_cancelling_closes_the_connection() -> None:
    bus, serving = Bus(), asyncio.Event()

    async def serve(broker: Broker) -> None:
        serving.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(keep(bus.connect, "it", serve))
        await serving.wait()
        assert bus.connected == ["it"]
        task.cancel()
    assert bus.connected == []

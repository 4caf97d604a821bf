"""What the in-memory broker adds to the contract: its bounds, and what can be done to it."""

import pytest

from broker.errors import BrokerUnavailable, ChannelLost, TopologyMismatch
from broker.memory import Bus
from broker.port import Outgoing, QueueSpec


def spec(kind: str, **arguments: str | int) -> QueueSpec:
    named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    return QueueSpec("q", {"x-queue-type": kind, **named})


async def test_stopped_it_refuses_and_started_it_remembers() -> None:
    bus = Bus()
    broker = await bus.connect("it")
    await broker.declare([spec("quorum")])
    channel = await broker.open()
    await channel.send([Outgoing("", "q", b"1")])
    bus.stop()
    assert (broker.lost, channel.lost) == (True, True)
    with pytest.raises(BrokerUnavailable):
        await bus.connect("it")
    bus.start()
    assert await (await bus.connect("it")).depth("q") == 1


async def test_a_restart_forgets_what_was_not_durable() -> None:
    bus = Bus()
    broker = await bus.connect("it")
    await broker.declare([QueueSpec("gone", {"x-queue-type": "classic"}, durable=False)])
    bus.restart()
    await (await bus.connect("it")).declare([QueueSpec("gone", {"x-queue-type": "classic"})])


@pytest.mark.parametrize(
    "unknown",
    [
        spec("quorum", message_ttl=1),
        spec("classic", overflow="reject-publish"),
        spec("mirrored"),
        QueueSpec("q", {}),
    ],
)
async def test_what_is_not_simulated_is_refused(unknown: QueueSpec) -> None:
    broker = await Bus().connect("it")
    with pytest.raises(TopologyMismatch):
        await broker.declare([unknown])


async def test_a_log_is_bounded_whatever_it_asks_for() -> None:
    broker = await Bus(log_bytes=10_000).connect("it")
    await broker.declare([spec("stream", max_length_bytes=10**9)])
    channel = await broker.open()
    await channel.send([Outgoing("", "q", bytes(100)) for _ in range(1000)])
    assert 90 <= await broker.depth("q") <= 100
    inbox = await (await broker.open()).consume("q", prefetch=1000, offset="first")
    assert len(await inbox.take()) <= 100


async def test_a_log_has_gaps_and_readers_begin_at_a_chunk() -> None:
    broker = await Bus().connect("it")
    await broker.declare([spec("stream")])
    channel = await broker.open()
    await channel.send([Outgoing("", "q", b"%d" % n) for n in range(20)])
    inbox = await (await broker.open()).consume("q", prefetch=100, offset=12)
    got = await inbox.take()
    assert [d.offset for d in got][:3] == [9, 10, 11]  # 8 is the gap after the first chunk
    assert got[0].body == b"8"


async def test_a_limit_on_deliveries_buries_what_keeps_coming_back() -> None:
    broker = await Bus().connect("it")
    await broker.declare([spec("quorum", delivery_limit=2)])
    await (await broker.open()).send([Outgoing("", "q", b"poison")])
    for _ in range(3):
        async with await broker.open() as channel:
            await (await channel.consume("q", prefetch=1)).take()
    assert await broker.depth("q") == 0


async def test_bcc_that_is_no_list_costs_the_channel() -> None:
    channel = await (await Bus().connect("it")).open()
    number = await channel.send([Outgoing("", "q", b"", {"BCC": "one"})])
    with pytest.raises(ChannelLost):
        await channel.confirmed(number)

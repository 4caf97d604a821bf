"""What goes wrong, to whom, and to nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from yarl import URL

from broker.amqp import connector
from broker.amqp_confirms import WINDOW
from broker.errors import BrokerUnavailable, ChannelLost, NoSuchQueue
from broker.port import Binding, Channel, ExchangeSpec, Outgoing
from tests.support.brokers import (
    MemoryNode,
    Node,
    RabbitNode,
    bodies,
    fill,
    numbers,
    publish,
    queue,
    some,
    taken,
)
from tests.support.ports import free_port
from tests.support.wire import Wire


async def test_a_missing_exchange_costs_the_channel_not_the_connection(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    channel, other = await broker.open(), await broker.open()
    await fill(channel, "q", ["1"])
    number = await channel.send([Outgoing("nowhere", "x", b""), Outgoing("", "q", b"after")])
    with pytest.raises(ChannelLost):
        await channel.confirmed(number)
    assert channel.lost
    for call in (channel.send([Outgoing("", "q", b"")]), channel.consume("q", prefetch=1)):
        with pytest.raises(ChannelLost):
            await call
    await channel.close()
    await fill(other, "q", ["2"])
    inbox = await (await broker.open()).consume("q", prefetch=10)
    assert bodies(await taken(inbox, 2)) == ["1", "2"]
    assert not broker.lost


async def test_a_missing_queue_costs_the_channel(node: Node) -> None:
    broker = await node.connect("it")
    channel = await broker.open()
    with pytest.raises(NoSuchQueue) as missing:
        await channel.consume("nowhere", prefetch=1)
    assert missing.value.name == "nowhere"
    assert channel.lost
    assert not (await broker.open()).lost


async def test_an_unrouted_message_is_confirmed_and_gone(node: Node) -> None:
    broker = await node.connect("it")
    channel = await broker.open()
    await publish(channel, Outgoing("", "nowhere", b"1"))
    assert not channel.lost


async def test_numbers_count_the_messages_of_a_channel(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")])
    channel = await broker.open()
    assert await channel.send([]) == 0
    assert await channel.send([Outgoing("", "q", b"1")] * 3) == 3
    assert await channel.send([Outgoing("", "q", b"1")] * 2) == 5
    await channel.confirmed(0)
    await channel.confirmed(5)
    await channel.confirmed(2)
    with pytest.raises(ValueError, match="not sent yet"):
        await channel.confirmed(6)


async def test_a_batch_larger_than_the_window_of_confirms(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    channel = await broker.open()
    count = 3 * WINDOW + 7
    batch = [Outgoing("", "q", str(n).encode()) for n in range(1, count + 1)]
    assert await channel.send(batch) == count
    await channel.confirmed(count)
    inbox = await (await broker.open()).consume("q", prefetch=count)
    assert bodies(await taken(inbox, count)) == numbers(1, count)


async def test_what_amqp_cannot_carry_is_refused_before_anything_is_sent(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    channel = await broker.open()
    with pytest.raises(ValueError, match="255"):
        await channel.send([Outgoing("", "q", b"1"), Outgoing("", "k" * 256, b"2")])
    with pytest.raises(ValueError, match="255"):
        await broker.declare((), [ExchangeSpec("t", "topic")], [Binding("t", "q", "k" * 256)])
    await fill(channel, "q", ["3"])
    inbox = await (await broker.open()).consume("q", prefetch=10)
    assert bodies(await taken(inbox, 1)) == ["3"]


async def test_a_cancelled_caller_harms_nothing(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")])
    channel = await broker.open()
    inbox = await channel.consume("q", prefetch=1000)
    for turns in range(12):
        await _cancelled_after(turns, lambda: broker.declare([queue("quorum", "other")]))
        await _cancelled_after(turns, lambda: broker.depth("q"))
        await _cancelled_after(turns, broker.open)
        await _cancelled_after(turns, inbox.take)
        number = await channel.send([Outgoing("", "q", b"%d" % turns)])
        await _cancelled_after(turns, partial(channel.confirmed, number))
        await channel.confirmed(number)
    assert not channel.lost
    await broker.declare([queue("quorum", "q")])
    await fill(channel, "q", ["end"])
    while not any(d.body == b"end" for d in await some(inbox)):
        pass


async def _cancelled_after(turns: int, call: Callable[[], Awaitable[object]]) -> None:
    """Start a call, let the loop turn a few times, cancel it wherever it is then."""

    async def run() -> None:
        await call()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()


async def test_a_lost_connection_raises_everywhere(node: Node) -> None:
    broker = await node.connect("victim")
    await broker.declare([queue("quorum", "q")])
    channel, reader = await broker.open(), await broker.open()
    inbox = await reader.consume("q", prefetch=10)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(broker.wait_lost())
        taking = tasks.create_task(_error_of(inbox.take))
        await asyncio.sleep(0)
        node.cut("victim")
        assert await waiting
        assert isinstance(await taking, ChannelLost)
    assert (broker.lost, channel.lost, reader.lost) == (True, True, True)
    assert isinstance(await _error_of(lambda: _send(channel)), ChannelLost)
    for call in (
        broker.open,
        broker.declare,
        lambda: broker.unbind([]),
        lambda: broker.exists("x"),
        lambda: broker.depth("q"),
        lambda: broker.delete("q"),
    ):
        assert isinstance(await _error_of(call), BrokerUnavailable)
    inbox.ack(1)
    await channel.close()
    await broker.close()
    again = await node.connect("again")
    assert await again.depth("q") == 0


async def _error_of(call: Callable[[], Awaitable[object]]) -> BrokerUnavailable:
    with pytest.raises(BrokerUnavailable) as raised:
        await call()
    return raised.value


async def _send(channel: Channel) -> None:
    await publish(channel, Outgoing("", "q", b"1"))


async def test_closing_twice_and_using_what_is_closed(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    async with await broker.open() as channel:
        inbox = await channel.consume("q", prefetch=1)
    await channel.close()
    assert isinstance(await _error_of(inbox.take), ChannelLost)
    await broker.close()
    await broker.close()
    assert await broker.wait_lost() == "closed"
    assert isinstance(await _error_of(broker.open), BrokerUnavailable)


async def test_an_ack_given_before_closing_counts(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")])
    await fill(await broker.open(), "q", numbers(1, 5))
    inbox = await (await broker.open()).consume("q", prefetch=5)
    inbox.ack((await taken(inbox, 5))[2].tag)
    await broker.close()
    broker = await node.connect("again")
    inbox = await (await broker.open()).consume("q", prefetch=5)
    assert bodies(await taken(inbox, 2)) == ["r4", "r5"]


async def test_a_broker_that_is_not_there() -> None:
    refused = connector(f"amqp://guest:secret@127.0.0.1:{free_port()}/")
    with pytest.raises(BrokerUnavailable) as error:
        await refused("it")
    assert "secret" not in str(error.value)


@pytest.mark.rabbit
async def test_silence_is_noticed_in_time(rabbit_node: RabbitNode) -> None:
    """A broker alarm, or a network that swallows everything: each caller gets its time-out."""
    broker = await rabbit_node.connect("it", timeout=0.3)
    await broker.declare([queue("classic", "q")])
    channel = await broker.open()
    rabbit_node.wire("it").stop()
    number = await channel.send([Outgoing("", "q", b"1")])
    error = await _error_of(lambda: channel.confirmed(number))
    assert not isinstance(error, ChannelLost)
    for call in (broker.open, lambda: broker.depth("q")):
        assert "in time" in str(await _error_of(call))
    with pytest.raises(BrokerUnavailable):
        await channel.send([Outgoing("", "q", b"1")] * (2 * WINDOW))
    rabbit_node.wire("it").go_on()
    await channel.confirmed(number)


@pytest.mark.rabbit
async def test_who_is_silent_is_given_up_after_two_to_three_heartbeats(
    rabbit_node: RabbitNode, amqp_url: str
) -> None:
    """Its consumers make room for the next; that is how long a stopped hub is waited for."""
    broker = await rabbit_node.connect("it")
    await broker.declare([queue("quorum", "q", single_active_consumer=True)])
    url = URL(amqp_url)
    wire = await Wire.to(url.host or "127.0.0.1", url.port or 5672)
    silent = await connector(str(url.with_host("127.0.0.1").with_port(wire.port)), heartbeat=1)(
        "silent"
    )
    await (await silent.open()).consume("q", prefetch=1)
    heir = await (await broker.open()).consume("q", prefetch=1)
    wire.stop()
    began = asyncio.get_running_loop().time()
    await fill(await broker.open(), "q", ["1"])
    assert [body.removeprefix("r") for body in bodies(await some(heir))] == ["1"]
    assert 1 < asyncio.get_running_loop().time() - began < 9
    await wire.close()
    await silent.close()


@pytest.mark.rabbit
async def test_who_takes_nothing_is_sent_nothing_more(rabbit_node: RabbitNode) -> None:
    """Without acks, too, what waits in our process is bounded; the rest waits in the broker."""
    broker = await rabbit_node.connect("reader")
    sender = await rabbit_node.connect("sender")
    await broker.declare([queue("classic", "q")])
    channel = await broker.open()
    inbox = await channel.consume("q", prefetch=10, no_ack=True)
    await publish(await sender.open(), *(Outgoing("", "q", bytes(100_000)) for _ in range(500)))
    assert len(await some(inbox)) <= 10
    assert await sender.depth("q") > 100
    got = 0
    while got < 480:
        got += len(await some(inbox))
    await channel.close()  # also while the connection is not read


async def test_memory_can_be_stopped_and_cut() -> None:
    node = MemoryNode()
    first, second = await node.connect("a"), await node.connect("b")
    node.cut("a")
    assert (first.lost, second.lost) == (True, False)

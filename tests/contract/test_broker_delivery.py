"""Order, acknowledgement, redelivery, one active consumer, bounds."""

import asyncio

import pytest

from broker.errors import ChannelLost, NoSuchQueue
from broker.port import Delivery, Outgoing
from schemas import limits
from tests.support.brokers import Node, bodies, declared, fill, numbers, publish, queue, some, taken
from tests.support.eventually import eventually

KINDS = pytest.mark.parametrize("kind", ["classic", "quorum"])
ALONE = {"single_active_consumer": True}


@KINDS
async def test_order_is_kept_on_a_channel(node: Node, kind: str) -> None:
    broker = await node.connect("it")
    await broker.declare([queue(kind, "q")])
    channel = await broker.open()
    for first in range(1, 3000, 300):
        await channel.send([Outgoing("", "q", str(n).encode()) for n in range(first, first + 300)])
    inbox = await (await broker.open()).consume("q", prefetch=256)
    got: list[Delivery] = []
    while len(got) < 3000:
        more = await some(inbox)
        got += more
        inbox.ack(more[-1].tag)
    assert bodies(got) == numbers(1, 3000)
    assert [d.tag for d in got] == list(range(1, 3001))


@KINDS
async def test_prefetch_bounds_what_is_handed_out(node: Node, kind: str) -> None:
    broker = await node.connect("it")
    await broker.declare([queue(kind, "q")])
    await fill(await broker.open(), "q", numbers(1, 10))
    inbox = await (await broker.open()).consume("q", prefetch=4)
    assert bodies(await taken(inbox, 4)) == numbers(1, 4)
    assert await eventually(lambda: _depth_is(node, 6))
    inbox.ack(2)
    assert bodies(await taken(inbox, 2)) == numbers(5, 6)
    inbox.ack(99)  # no further than what was taken
    assert bodies(await taken(inbox, 4)) == numbers(7, 10)


async def _depth_is(node: Node, depth: int) -> bool:
    broker = await node.connect("observer")
    found = await broker.depth("q")
    await broker.close()
    return found == depth


@KINDS
async def test_closing_gives_back_in_order_and_then_the_next_begins(node: Node, kind: str) -> None:
    broker = await node.connect("it")
    await broker.declare([queue(kind, "q", **ALONE)])
    sender, first, second = [await broker.open() for _ in range(3)]
    active = await first.consume("q", prefetch=10)
    waiting = await second.consume("q", prefetch=10)
    await fill(sender, "q", numbers(1, 20))
    assert bodies(await taken(active, 10)) == numbers(1, 10)
    active.ack(3)
    assert bodies(await taken(active, 3)) == numbers(11, 13)
    await first.close()
    expected = [*(f"r{n}" for n in range(4, 14)), *numbers(14, 20)]
    got = await taken(waiting, 10)
    waiting.ack(got[-1].tag)
    got += await taken(waiting, 7)
    assert bodies(got) == expected


@KINDS
async def test_one_active_consumer_never_overlaps(node: Node, kind: str) -> None:
    """Every consumer takes a few, acknowledges some and leaves; nobody else is served meanwhile."""
    broker = await node.connect("it")
    await broker.declare([queue(kind, "q", **ALONE)])
    await fill(await broker.open(), "q", numbers(1, 40))
    channels = [await broker.open() for _ in range(4)]
    inboxes = [await channel.consume("q", prefetch=5) for channel in channels]
    done = 0
    for channel, inbox in zip(channels, inboxes, strict=True):
        got = await taken(inbox, 5)
        assert [b.removeprefix("r") for b in bodies(got)] == numbers(done + 1, done + 5)
        inbox.ack(got[2].tag)
        done += 3
        await channel.close()
        with pytest.raises(ChannelLost):
            await inbox.take()


@KINDS
async def test_redelivery_after_a_hard_kill_is_in_order(node: Node, kind: str) -> None:
    broker = await node.connect("it")
    victim = await node.connect("victim")
    await broker.declare([queue(kind, "q", **ALONE)])
    inbox = await (await victim.open()).consume("q", prefetch=20)
    heir = await (await broker.open()).consume("q", prefetch=20)
    await fill(await broker.open(), "q", numbers(1, 30))
    got = await taken(inbox, 20)
    inbox.ack(got[4].tag)
    assert bodies(await taken(inbox, 5)) == numbers(21, 25)  # so the ack has arrived
    node.cut("victim")
    got = await taken(heir, 20)
    heir.ack(got[-1].tag)
    got += await taken(heir, 5)
    assert bodies(got) == [*(f"r{n}" for n in range(6, 26)), *numbers(26, 30)]
    assert await victim.wait_lost()


@KINDS
async def test_two_crashes_in_a_row_keep_the_order(node: Node, kind: str) -> None:
    """With one prefetch for all; with a smaller one for the second, RabbitMQ inverts."""
    broker = await node.connect("it")
    await broker.declare([queue(kind, "q", **ALONE)])
    inboxes = [
        await (await (await node.connect(name)).open()).consume("q", prefetch=limits.PREFETCH)
        for name in ("first", "second", "third")
    ]
    await fill(await broker.open(), "q", numbers(1, 600))
    done = 0
    for name, inbox in zip(("first", "second"), inboxes, strict=False):
        got = await taken(inbox, limits.PREFETCH)
        inbox.ack(got[9].tag)
        assert bodies(await taken(inbox, 10)) == numbers(done + 257, done + 266)
        done += 10
        node.cut(name)
    rest: list[Delivery] = []
    while len(rest) < 600 - done:
        more = await some(inboxes[2])
        rest += more
        inboxes[2].ack(more[-1].tag)
    assert [body.removeprefix("r") for body in bodies(rest)] == numbers(done + 1, 600)


async def test_many_consumers_share_a_queue(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")])
    inboxes = [await (await broker.open()).consume("q", prefetch=5) for _ in range(2)]
    await fill(await broker.open(), "q", numbers(1, 10))
    got = [bodies(await taken(inbox, 5)) for inbox in inboxes]
    assert sorted(got[0] + got[1], key=int) == numbers(1, 10)


async def test_without_acks_nothing_comes_back(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    await fill(await broker.open(), "q", numbers(1, 100))
    channel = await broker.open()
    inbox = await channel.consume("q", prefetch=10, no_ack=True)
    got: list[Delivery] = []
    while len(got) < 100:
        got += await some(inbox)
        inbox.ack(got[-1].tag)  # means nothing, harms nothing
    assert bodies(got) == numbers(1, 100)
    await channel.close()
    assert await broker.depth("q") == 0


async def test_depth_counts_what_is_ready(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")])
    assert await broker.depth("q") == 0
    await fill(await broker.open(), "q", numbers(1, 7))
    assert await eventually(lambda: _depth_is(node, 7))
    with pytest.raises(NoSuchQueue) as missing:
        await broker.depth("other")
    assert missing.value.name == "other"
    await broker.delete("q")
    await broker.delete("q")
    with pytest.raises(NoSuchQueue):
        await broker.depth("q")


async def test_a_deleted_queue_ends_its_inbox(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")])
    channel = await broker.open()
    inbox = await channel.consume("q", prefetch=1)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(_lost(inbox.take()))
        await broker.delete("q")
        assert await waiting
    assert channel.lost


async def _lost(call: object) -> bool:
    assert asyncio.iscoroutine(call)
    with pytest.raises(ChannelLost):
        await call
    return True


async def test_the_oldest_go_first_and_leave_one_signal(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [
            queue("classic", "g.lost", max_length=1),
            queue(
                "classic",
                "g",
                max_length_bytes=5000,
                overflow="drop-head",
                dead_letter_exchange="",
                dead_letter_routing_key="g.lost",
            ),
        ]
    )
    sender = await broker.open()
    await publish(sender, *(Outgoing("", "g", b"%04d" % n * 25) for n in range(100)))
    inbox = await (await broker.open()).consume("g", prefetch=100)
    kept = await taken(inbox, 50)
    assert [d.body[:4] for d in kept] == [b"%04d" % n for n in range(50, 100)]
    signals = await (await broker.open()).consume("g.lost", prefetch=10)
    (signal,) = await taken(signals, 1)
    assert signal.headers["x-first-death-reason"] == "maxlen"
    assert signal.headers["x-first-death-queue"] == "g"
    assert await broker.depth("g.lost") == 0


async def test_a_length_bounds_too_and_dead_letters_pass_an_exchange(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "dead"), queue("classic", "q", max_length=2, dead_letter_exchange="")]
    )
    sender = await broker.open()
    await fill(sender, "q", numbers(1, 5))
    inbox = await (await broker.open()).consume("q", prefetch=10)
    assert bodies(await taken(inbox, 2)) == ["4", "5"]


async def test_persistent_messages_survive_a_restart_in_place(restartable_node: Node) -> None:
    broker = await restartable_node.connect("it")
    await broker.declare([queue("quorum", "q"), queue("classic", "c")])
    sender = await broker.open()
    await fill(sender, "q", numbers(1, 5))
    await fill(sender, "c", numbers(1, 5))
    await publish(sender, Outgoing("", "c", b"6", persistent=False))
    inbox = await (await broker.open()).consume("q", prefetch=2)
    await taken(inbox, 2)
    await restartable_node.restart()
    with pytest.raises(ChannelLost):
        await inbox.take()

    broker = await restartable_node.connect("again")
    await declared(broker, queue("quorum", "q"), queue("classic", "c"))
    inbox = await (await broker.open()).consume("q", prefetch=10)
    assert [b.removeprefix("r") for b in bodies(await taken(inbox, 5))] == numbers(1, 5)
    assert await broker.depth("c") == 5

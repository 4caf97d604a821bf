"""The append-and-read log (``x-queue-type: stream``)."""

import pytest

from broker.port import Broker, Delivery, Offset, Outgoing
from tests.support.brokers import Node, declared, fill, publish, queue, some, taken

LOG = queue("stream", "log", max_length_bytes=10**8)


async def read_to(broker: Broker, end: str, offset: Offset) -> list[Delivery]:
    """All records from ``offset`` to the one that says ``end``, as a new owner reads its log."""
    got: list[Delivery] = []
    async with await broker.open() as channel:
        inbox = await channel.consume("log", prefetch=50, offset=offset)
        while not any(d.body == end.encode() for d in got):
            more = await some(inbox)
            got += more
            inbox.ack(more[-1].tag)
    return got


def texts(records: list[Delivery]) -> list[str]:
    return [d.body.decode() for d in records]


def offsets(records: list[Delivery]) -> list[int]:
    return [d.offset for d in records if d.offset is not None]


async def logged(node: Node, count: int) -> Broker:
    broker = await node.connect("it")
    await broker.declare([LOG])
    await fill(await broker.open(), "log", [f"r{n}" for n in range(count)])
    return broker


async def test_reading_takes_nothing_away(node: Node) -> None:
    broker = await logged(node, 300)
    first, second = [await read_to(broker, "r299", "first") for _ in range(2)]
    assert texts(first) == texts(second) == [f"r{n}" for n in range(300)]
    assert offsets(first) == offsets(second)
    assert not any(d.redelivered for d in second)


async def test_offsets_only_grow(node: Node) -> None:
    broker = await logged(node, 300)
    found = offsets(await read_to(broker, "r299", "first"))
    assert len(found) == 300
    assert found == sorted(set(found))


async def test_a_number_begins_there_or_a_little_before(node: Node) -> None:
    broker = await logged(node, 300)
    everything = await read_to(broker, "r299", "first")
    at = offsets(everything)[250]
    records = await read_to(broker, "r299", at)
    wanted = [d for d in records if d.offset is not None and d.offset >= at]
    assert texts(wanted) == texts(everything)[250:]
    assert texts(everything)[-len(records) :] == texts(records)


async def test_a_number_before_the_beginning_is_the_beginning(node: Node) -> None:
    broker = await logged(node, 20)
    assert texts(await read_to(broker, "r19", 0)) == [f"r{n}" for n in range(20)]


async def test_ones_own_nonce_is_the_end_of_the_log(node: Node) -> None:
    """The claim of a new owner: append, then read from before the end up to one's own record."""
    broker = await logged(node, 100)
    await publish(await broker.open(), Outgoing("", "log", b"claim", message_id="nonce"))
    (*_, last) = tail = await read_to(broker, "claim", "last")
    assert last.message_id == "nonce"
    assert last.offset is not None
    assert texts(tail) == [*(f"r{n}" for n in range(101 - len(tail), 100)), "claim"]
    before = await read_to(broker, "claim", max(last.offset - 50, 0))
    assert texts(before)[-51:] == [*(f"r{n}" for n in range(50, 100)), "claim"]


async def test_next_is_what_comes(node: Node) -> None:
    broker = await logged(node, 50)
    reader = await broker.open()
    inbox = await reader.consume("log", prefetch=10, offset="next")
    await fill(await broker.open(), "log", ["new"])
    assert texts(await taken(inbox, 1)) == ["new"]


async def test_what_a_record_carries(node: Node) -> None:
    broker = await logged(node, 0)
    sent = Outgoing("", "log", b"\x00\xff", {"kind": "batch"}, content_type="a/b", message_id="m1")
    await publish(await broker.open(), sent)
    (record,) = await taken(
        await (await broker.open()).consume("log", prefetch=10, offset="first"), 1
    )
    assert (record.body, record.content_type, record.message_id) == (b"\x00\xff", "a/b", "m1")
    assert record.headers["kind"] == "batch"


async def test_a_small_prefetch_reads_on_with_each_ack(node: Node) -> None:
    """A log may hand out the rest of a chunk beyond the prefetch."""
    broker = await logged(node, 100)
    inbox = await (await broker.open()).consume("log", prefetch=10, offset="first")
    got: list[Delivery] = []
    while len(got) < 100:
        more = await some(inbox)
        got += more
        inbox.ack(more[-1].tag)
    assert texts(got) == [f"r{n}" for n in range(100)]


async def test_a_log_survives_a_restart(restartable_node: Node) -> None:
    broker = await logged(restartable_node, 100)
    before = await read_to(broker, "r99", "first")
    await restartable_node.restart()
    broker = await restartable_node.connect("again")
    await declared(broker, LOG)
    await fill(await broker.open(), "log", ["after"])
    after = await read_to(broker, "after", "first")
    assert texts(after) == [*texts(before), "after"]
    assert offsets(after)[:-1] == offsets(before)
    assert offsets(after)[-1] > offsets(before)[-1]


async def test_a_log_is_read_with_acks(node: Node) -> None:
    broker = await logged(node, 1)
    channel = await broker.open()
    with pytest.raises(ValueError, match="acks"):
        await channel.consume("log", prefetch=10, offset="first", no_ack=True)

"""What our correctness takes for granted of a cluster, on three nodes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from broker.amqp import connector
from broker.amqp_channel import NO_REPLICA
from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.port import Binding, Broker, Channel, Outgoing
from schemas import topology
from tests.support.brokers import numbers, publish, queue, some
from tests.support.eventually import eventually
from tests.support.rabbit_cluster import RabbitCluster

pytestmark = [pytest.mark.rabbit, pytest.mark.long]

MESSAGES = 3_000
ORDER = numbers(1, MESSAGES)
SLOTS = (0, 1, 2)
"""Three nodes lead them."""
SHARD = topology.shard_queue(0)


@pytest.fixture
def urls(rabbit_cluster: RabbitCluster) -> Iterator[list[str]]:
    """One vhost, by each node."""
    urls = rabbit_cluster.add_vhost()
    yield urls
    rabbit_cluster.heal()
    rabbit_cluster.drop_vhost(urls[0])


@pytest.fixture
async def nodes(urls: list[str]) -> AsyncIterator[list[Broker]]:
    """A connection to each node."""
    brokers = [await connector(url)("it") for url in urls]
    yield brokers
    for broker in brokers:
        await broker.close()


async def test_queues_and_logs_have_copies_everywhere_and_leaders_are_spread(
    rabbit_cluster: RabbitCluster, urls: list[str], nodes: list[Broker]
) -> None:
    await declare(nodes[0], topology.installation())
    vhost = urls[0].rpartition("/")[2]
    for each in (topology.shard_queue, topology.log_queue):
        members = [rabbit_cluster.members(vhost, each(slot)) for slot in range(16)]
        assert {len(found) for found in members} == {3}
        assert len({found[0] for found in members}) == 3


@pytest.mark.parametrize("away", [0, 1, 2])
async def test_everything_can_be_declared_and_used_while_one_node_is_away(
    away: int, rabbit_cluster: RabbitCluster, urls: list[str], nodes: list[Broker]
) -> None:
    await declare(nodes[0], topology.installation())
    await asyncio.to_thread(rabbit_cluster.await_quorum)
    await asyncio.to_thread(rabbit_cluster.stop, away, hard=True)
    for number in {0, 1, 2} - {away}:
        await eventually(lambda number=number: _serves(urls[number], number), within=30)  # type: ignore[misc]


async def _serves(url: str, number: int) -> bool:
    """Whether all can be declared, and be written to. 3.10 ends a whole connection (INTERNAL_ERROR)
    that writes to a log in the moment in which it has no leader; so we come again, as services do.
    """
    try:
        broker = await connector(url)("it")
        try:
            await declare(broker, topology.installation())
            await declare(broker, topology.gateway_topology("g", number))
            async with await broker.open() as channel:
                where = [topology.log_queue(slot) for slot in range(16)] + [SHARD, topology.DEAD]
                await publish(channel, *(Outgoing("", name, b"?") for name in where))
        finally:
            await broker.close()
    except BrokerUnavailable as error:
        raise AssertionError(str(error)) from error
    return True


async def test_a_node_without_a_copy_of_a_log_is_left(
    rabbit_cluster: RabbitCluster, urls: list[str], nodes: list[Broker]
) -> None:
    """Only the next connection can go to a node that has one."""
    await declare(nodes[0], topology.installation())
    vhost, log = urls[0].rpartition("/")[2], topology.log_queue(0)
    *_, without = rabbit_cluster.members(vhost, log)
    rabbit_cluster.eval(
        f'rabbit_stream_queue:delete_replica(<<"{vhost}">>, <<"{log}">>, \'{without}\')'
    )
    names = [node.name for node in rabbit_cluster.nodes]

    async def refused() -> str:
        broker = await connector(urls[names.index(without)])("it")
        try:
            channel = await broker.open()
            with pytest.raises(BrokerUnavailable) as error:
                await channel.consume(log, prefetch=1, offset="first")
            assert NO_REPLICA in str(error.value), error.value
            return await broker.wait_lost()
        finally:
            await broker.close()

    assert NO_REPLICA in await eventually(refused, within=20)


async def test_a_shard_keeps_the_order_of_one_channel_whatever_else_hears_of_it(
    nodes: list[Broker],
) -> None:
    """On 3.10 a message to one queue may overtake one to several, if they are classic and on
    another node. Acts with ``BCC`` and rolls without must not, on their way into one shard."""
    await declare(nodes[0], topology.installation())
    for number, name in enumerate(("one", "two"), 1):
        to = [Binding(topology.CLIENTS, name, f"receive.{name}")]
        to += [Binding(topology.CLIENTS, name, _key(slot)) for slot in SLOTS if name == "one"]
        await nodes[number].declare([queue("classic", name)], bindings=to)
    async with await nodes[0].open() as channel:
        for slot in SLOTS:
            await _mixed(channel, slot)
    for slot in SLOTS:
        assert await _heard(nodes[0], topology.shard_queue(slot), MESSAGES) == ORDER
    classic = await _heard(nodes[0], "one", MESSAGES * len(SLOTS))
    late = sum(int(a) > int(b) for a, b in itertools.pairwise(classic)) - len(SLOTS) + 1
    print(f"{late} of {len(classic)} overtook another in a classic queue on another node")


def _key(slot: int) -> str:
    return f":{slot:02}.act"


async def _mixed(channel: Channel, slot: int) -> None:
    """Every third message goes to one queue more, and every third to two."""
    copies: tuple[list[str], ...] = ([], ["receive.one"], ["receive.one", "receive.two"])
    batch = [
        Outgoing(
            topology.CLIENTS,
            _key(slot),
            number.encode(),
            headers={"BCC": copies[int(number) % 3]} if int(number) % 3 else {},
        )
        for number in ORDER
    ]
    for at in range(0, MESSAGES, 7):  # Many writes: each may go another way.
        last = await channel.send(batch[at : at + 7])
        await asyncio.sleep(0)
    await channel.confirmed(last)


async def _heard(broker: Broker, name: str, count: int) -> list[str]:
    async with await broker.open() as channel:
        inbox = await channel.consume(name, prefetch=1000, no_ack=False)
        got: list[str] = []
        while len(got) < count:
            taken = await some(inbox)
            got += [delivery.body.decode() for delivery in taken]
            inbox.ack(taken[-1].tag)
        return got

"""The contract's topology on the broker in memory."""

import pytest

from broker.declare import declare, unbind
from broker.errors import NoSuchQueue
from broker.memory import Bus
from schemas import topology
from schemas.ids import DocumentId


async def test_an_installation_and_everything_on_it() -> None:
    broker = await Bus().connect("it")
    document = DocumentId("article.42")
    await declare(broker, topology.installation())
    for part in (
        topology.gateway_topology("g", 1),
        topology.worker_topology("w", 1),
        topology.document_topology(document),
    ):
        await declare(broker, part)
    assert await broker.exists(topology.document_exchange(document))
    await unbind(broker, topology.document_topology(document))
    assert not await broker.exists(topology.document_exchange(document))


async def test_a_gateway_before_the_installation() -> None:
    broker = await Bus().connect("it")
    with pytest.raises(NoSuchQueue):
        await declare(broker, topology.gateway_topology("g", 1))

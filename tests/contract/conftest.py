"""Every test here runs on both brokers: a fake held to other tests would be a rumour."""

from collections.abc import AsyncIterator

import pytest

from tests.support.brokers import MemoryNode, Node, RabbitNode
from tests.support.rabbit import Rabbit


@pytest.fixture(params=["memory", pytest.param("rabbit", marks=pytest.mark.rabbit)])
def empty_node(request: pytest.FixtureRequest) -> Node:
    """An empty broker, not closed by anybody yet."""
    if request.param == "memory":
        return MemoryNode()
    return RabbitNode(request.getfixturevalue("rabbit"), request.getfixturevalue("amqp_url"))


@pytest.fixture(params=["memory", pytest.param("rabbit", marks=pytest.mark.rabbit)])
def empty_restartable_node(request: pytest.FixtureRequest) -> Node:
    """The same, on a broker that may be restarted."""
    if request.param == "memory":
        return MemoryNode()
    return RabbitNode(
        request.getfixturevalue("restartable_rabbit"),
        request.getfixturevalue("restartable_amqp_url"),
    )


@pytest.fixture
async def node(empty_node: Node) -> AsyncIterator[Node]:
    """An empty broker."""
    yield empty_node
    await empty_node.close()


@pytest.fixture
async def restartable_node(empty_restartable_node: Node) -> AsyncIterator[Node]:
    """An empty broker that may be restarted."""
    yield empty_restartable_node
    await empty_restartable_node.close()


@pytest.fixture
async def rabbit_node(rabbit: Rabbit, amqp_url: str) -> AsyncIterator[RabbitNode]:
    """RabbitMQ alone, for what only a network can do."""
    one = RabbitNode(rabbit, amqp_url)
    yield one
    await one.close()

"""Three RabbitMQ nodes that are one cluster: any one of them may go, and come back.

Each service knows all three addresses and has a line of its own to each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.fault.house import started
from tests.fault.trial import Trial
from tests.support.rabbit_cluster import RabbitCluster, running_cluster
from tests.support.rabbit_node import server_binary

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

NewTrial = Callable[..., AbstractAsyncContextManager[Trial]]
RESUMES_WITHIN = 30.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[RabbitCluster]:
    binary = server_binary()
    if binary is None:
        raise RuntimeError("a cluster of our own needs rabbitmq-server on this machine")
    yield from running_cluster(binary)


@pytest.fixture
def new_trial(
    cluster: RabbitCluster, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[NewTrial]:
    name = f"c{abs(hash(request.node.name)) % 10**6}"
    urls = cluster.add_vhost(name)
    yield partial(started, urls, database_url, tmp_path, gateways=3, hubs=2, relays=2)
    cluster.drop_vhost(name)


async def test_one_of_three_nodes_killed_and_back(
    cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    async with new_trial() as it:
        for node in range(3):
            await asyncio.to_thread(cluster.await_quorum)
            at = it.now()
            await asyncio.to_thread(cluster.stop, node, hard=True)
            await it.back(at, within=RESUMES_WITHIN, what=f"kill -9 of node {node} of three")
            await it.changes(200)
            again = it.now()
            await asyncio.to_thread(cluster.start_again, node)
            await it.back(again, within=RESUMES_WITHIN, what=f"node {node} was started again")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_rolling_restart_of_three_nodes(
    cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    async with new_trial() as it:
        for node in range(3):
            await asyncio.to_thread(cluster.await_quorum)
            at = it.now()
            await asyncio.to_thread(cluster.stop, node)
            await asyncio.to_thread(cluster.start_again, node)
            await it.back(at, within=RESUMES_WITHIN, what=f"node {node} was told to stop")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_node_that_nobody_reaches_any_more(
    cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    """Its lines to our services fall silent; it goes on talking to the other nodes."""
    async with new_trial() as it:
        at = it.now()
        for line in it.lines_to(0):
            line.stall()
        await it.back(at, within=60, what="all lines to node 0 of three were stalled")
        await it.changes(200)
        for line in it.lines_to(0):
            line.restore()
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)

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
from tests.support.rabbit_cluster import RabbitCluster

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

NewTrial = Callable[..., AbstractAsyncContextManager[Trial]]
RESUMES_WITHIN = 60.0
"""Seconds. On a quiet machine it takes 2 to 6; the three nodes share two cores with all else."""


@pytest.fixture
def new_trial(
    rabbit_cluster: RabbitCluster, database_url: str, tmp_path: Path
) -> Iterator[NewTrial]:
    urls = rabbit_cluster.add_vhost()
    yield partial(started, urls, database_url, tmp_path, gateways=3, hubs=2, relays=2)
    rabbit_cluster.heal()
    rabbit_cluster.drop_vhost(urls[0])


async def test_one_of_three_nodes_killed_and_back(
    rabbit_cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    async with new_trial() as it:
        for node in range(3):
            await asyncio.to_thread(rabbit_cluster.await_quorum)
            at = it.now()
            await asyncio.to_thread(rabbit_cluster.stop, node, hard=True)
            await it.back(at, within=RESUMES_WITHIN, what=f"kill -9 of node {node} of three")
            await it.changes(200)
            again = it.now()
            await asyncio.to_thread(rabbit_cluster.start_again, node)
            await it.back(again, within=RESUMES_WITHIN, what=f"node {node} was started again")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_rolling_restart_of_three_nodes(
    rabbit_cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    async with new_trial() as it:
        for node in range(3):
            await asyncio.to_thread(rabbit_cluster.await_quorum)
            at = it.now()
            await asyncio.to_thread(rabbit_cluster.stop, node)
            await asyncio.to_thread(rabbit_cluster.start_again, node)
            await it.back(at, within=RESUMES_WITHIN, what=f"node {node} was told to stop")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_node_that_nobody_reaches_any_more(
    rabbit_cluster: RabbitCluster, new_trial: NewTrial
) -> None:
    """Its lines to our services fall silent; it goes on talking to the other nodes."""
    async with new_trial() as it:
        at = it.now()
        for line in it.lines_to(0):
            line.stall()
        await it.back(at, within=RESUMES_WITHIN, what="all lines to node 0 of three were stalled")
        await it.changes(200)
        for line in it.lines_to(0):
            line.restore()
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)

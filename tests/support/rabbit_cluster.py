"""
Three RabbitMQ nodes on loopback that are one cluster, and what operators ask of it.

They find each other by the addresses in their settings, as the handbook advises for machines that
are known beforehand; a minority pauses. `python -m tests.support.rabbit_cluster` starts one by
hand and prints its addresses.
"""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.eventually import eventually_sync
from tests.support.rabbit_node import Company, RabbitNode, server_binary

NODES: Final = 3
QUORUM_WITHIN_MS: Final = 50_000
CLUSTERED: Final = """\
cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = pause_minority
vm_memory_high_watermark.relative = 0.2
"""


class RabbitCluster:
    """Nodes in `nodes`. What is asked of the cluster is asked of one that runs."""

    def __init__(self, binary: Path, *, nodes: int = NODES) -> None:
        company = Company()
        self.nodes = [RabbitNode(binary, company) for _ in range(nodes)]
        self._down: set[int] = set()
        self._names = itertools.count(1)
        members = "".join(
            f"cluster_formation.classic_config.nodes.{number} = {node.name}\n"
            for number, node in enumerate(self.nodes, 1)
        )
        for node in self.nodes:
            node.conf += CLUSTERED + members

    def start(self) -> None:
        """Return once they are one cluster, each answering."""
        first, *others = self.nodes
        first.start()  # Alone it founds the cluster; together they would wait for each other.
        for node in others:
            node.launch()
        for node in others:
            node.await_started()
        eventually_sync(lambda: self.running() == len(self.nodes), what="one cluster", within=60)

    def close(self) -> None:
        """Stop all, and remove every trace."""
        with contextlib.ExitStack() as stack:
            for node in self.nodes:
                stack.callback(node.close)

    def running(self) -> int:
        """How many nodes the first that runs sees running."""
        return int(self.eval("length(rabbit_nodes:all_running())"))

    def add_vhost(self) -> list[str]:
        """Create an empty vhost; return its URL on each node."""
        name = f"cluster-{next(self._names)}"
        (node, *_) = self._up()
        node.add_vhost(name)
        there = f'rabbit_vhost:exists(<<"{name}">>)'
        for each in self._up():
            eventually_sync(lambda each=each: each.eval(there) == "true", what=f"{name} there")  # type: ignore[misc]
        return [f"{each.url}{name}" for each in self.nodes]

    def drop_vhost(self, url: str) -> None:
        """Delete a vhost with all that is in it, without waiting for the end of it."""
        self._up()[0].drop_vhost(url.rpartition("/")[2])

    def eval(self, expression: str) -> str:
        """Ask one that runs."""
        return self._up()[0].eval(expression)

    def stop(self, number: int, *, hard: bool = False) -> None:
        """End a node in good order or with kill -9."""
        self._down.add(number)
        self.nodes[number].stop(hard=hard)

    def start_again(self, number: int) -> None:
        """Start a stopped one; returns once it answers."""
        self.nodes[number].start()
        self._down.discard(number)

    def heal(self) -> None:
        """Start what is down."""
        for number in sorted(self._down):
            self.start_again(number)

    def await_quorum(self) -> None:
        """Return once every queue and log would survive the loss of any one node.

        It is what `rabbitmq-upgrade await_online_quorum_plus_one` does on each node.
        """
        ask = f"rabbit_upgrade_preparation:await_online_quorum_plus_one({QUORUM_WITHIN_MS})"
        for node in self._up():
            assert node.eval(ask) == "true", f"{node.name} holds what has no quorum without it"

    def members(self, vhost: str, queue: str) -> list[str]:
        """The nodes with a copy of a quorum queue or stream, the leader first."""
        found = self.eval(
            f'{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{vhost}">>, queue, '
            f'<<"{queue}">>)), [{{_, L}}, {{_, M}}] = rabbit_amqqueue:info(Q, [leader, members]), '
            "lists:join(32, [atom_to_list(L) | [atom_to_list(N) || N <- lists:sort(M), N =/= L]])"
        )
        return [name.strip(",[]\"'") for name in found.replace('"', " ").split() if "@" in name]

    def _up(self) -> list[RabbitNode]:
        return [node for number, node in enumerate(self.nodes) if number not in self._down]


@pytest.fixture(scope="session")
def rabbit_cluster() -> Iterator[RabbitCluster]:
    """One for the run. A test may stop its nodes; `heal` it afterwards."""
    binary = server_binary()
    if binary is None:
        raise RuntimeError("a cluster of our own needs rabbitmq-server on this machine")
    yield from _running(binary)


def _running(binary: Path) -> Iterator[RabbitCluster]:
    cluster = RabbitCluster(binary)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


if __name__ == "__main__":
    import signal

    found = server_binary()
    assert found is not None, "no rabbitmq-server here"
    for mine in _running(found):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        print(*(node.url for node in mine.nodes), sep=",", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})

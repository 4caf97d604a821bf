"""
The RabbitMQ that tests run on.

* `amqp_url`: the URL of a fresh, empty vhost. What nearly every test wants.
* `rabbit`: the broker itself (`url`, `add_vhost`, `eval`), one for the whole run.
* `restartable_rabbit`: a broker that may be stopped, restarted and killed.

It is the broker of `PRESENTLY_AMQP_URL` if that is set, else a private one: started from
`rabbitmq-server` if there is one, else in Docker. `python -m tests.support.rabbit` starts one
by hand, prints its URL and stops it at Ctrl-C.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Final, Protocol

import pytest

from tests.support.rabbit_docker import DockerRabbit, docker_runs
from tests.support.rabbit_given import GivenRabbit
from tests.support.rabbit_node import RabbitNode, server_binary

NO_BROKER: Final = (
    "no RabbitMQ: set PRESENTLY_AMQP_URL, or install rabbitmq-server (as root,"
    " `scripts/system_packages` does it), or start Docker"
)

_vhosts = (f"t{number}" for number in itertools.count(1))


class Rabbit(Protocol):
    """A running broker."""

    @property
    def url(self) -> str:
        """Its default vhost, with user and password."""

    @property
    def can_restart(self) -> bool:
        """Whether `stop` and `restart` are ours to call."""

    def start(self) -> None:
        """Return once AMQP answers."""

    def stop(self, *, hard: bool = False) -> None:
        """End it, in good order or (`hard`) with kill -9; data stay."""

    def restart(self, *, hard: bool = False) -> None:
        """Stop and start, same address, same data."""

    def close(self) -> None:
        """Stop and remove every trace."""

    def eval(self, expression: str) -> str:
        """Return the value of an Erlang expression evaluated in the broker, as text."""

    def add_vhost(self, name: str) -> str:
        """Create an empty vhost; return its URL."""

    def drop_vhost(self, name: str) -> None:
        """Delete a vhost with all that is in it."""


def private_rabbit() -> Rabbit:
    """Return a broker of our own, not started yet."""
    if binary := server_binary():
        return RabbitNode(binary)
    if docker_runs():
        return DockerRabbit()
    raise RuntimeError(NO_BROKER)


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Rabbit]:
    """The broker of this run: given by `PRESENTLY_AMQP_URL`, else private."""
    url = os.environ.get("PRESENTLY_AMQP_URL")
    yield from _running(GivenRabbit(url) if url else private_rabbit())


@pytest.fixture(scope="session")
def restartable_rabbit(rabbit: Rabbit) -> Iterator[Rabbit]:
    """A broker the test may stop, kill and restart; it must leave it running."""
    if rabbit.can_restart:
        yield rabbit
    else:
        yield from _running(private_rabbit())


@pytest.fixture
def amqp_url(rabbit: Rabbit) -> Iterator[str]:
    """The URL of a vhost that is empty now and gone after the test."""
    yield from _vhost(rabbit)


@pytest.fixture
def restartable_amqp_url(restartable_rabbit: Rabbit) -> Iterator[str]:
    """As `amqp_url`, on the broker the test may restart."""
    yield from _vhost(restartable_rabbit)


def _running(broker: Rabbit) -> Iterator[Rabbit]:
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


def _vhost(broker: Rabbit) -> Iterator[str]:
    name = next(_vhosts)
    url = broker.add_vhost(name)
    yield url
    broker.drop_vhost(name)


if __name__ == "__main__":
    import signal

    for mine in _running(private_rabbit()):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        print(mine.url, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})

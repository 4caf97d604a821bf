"""
The RabbitMQ of `PRESENTLY_AMQP_URL`: used as it is, never stopped, emptied before each test.

Only what Presently declares is deleted (the names of `schemas/topology.py`), so give the tests a
vhost of their own. Tests that stop their broker run on a private one (`restartable_rabbit`).
"""

import asyncio
from typing import Final, NoReturn

import aio_pika

EXCHANGES: Final = (
    "hub.in",
    "hub.intake",
    "hub.clients",
    "hub.events",
    "hub.control",
    "hub.dead",
)
SHARDS: Final = tuple(f"{slot:02}" for slot in range(16))
QUEUES: Final = (
    "hub.intake",
    "hub.dead",
    *(f"hub.shard.{shard}" for shard in SHARDS),
    *(f"hub.log.{shard}" for shard in SHARDS),
)


class GivenRabbit:
    """Somebody else's broker, for as long as the tests run."""

    can_restart: Final = False

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Nothing: it runs already."""

    def close(self) -> None:
        """Nothing: it goes on running."""

    def add_vhost(self, name: str) -> str:
        """Empty the vhost of the URL and return the URL; `name` is not used."""
        asyncio.run(self._empty())
        return self.url

    def drop_vhost(self, name: str) -> None:
        """Nothing: the next test empties it."""

    def stop(self, *, hard: bool = False) -> NoReturn:
        """Refused."""
        raise RuntimeError("the broker of PRESENTLY_AMQP_URL is not ours to stop")

    def restart(self, *, hard: bool = False) -> NoReturn:
        """Refused."""
        self.stop(hard=hard)

    def eval(self, expression: str) -> NoReturn:
        """Refused."""
        raise RuntimeError("the broker of PRESENTLY_AMQP_URL runs no Erlang for us")

    async def _empty(self) -> None:
        connection = await aio_pika.connect(self.url)
        async with connection, await connection.channel() as channel:
            for exchange in EXCHANGES:
                await channel.exchange_delete(exchange)
            for queue in QUEUES:
                await channel.queue_delete(queue)

"""A connection whose tasks end without us."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import aio_pika
import pytest
from aiormq.exceptions import ConnectionClosed

from broker.amqp_link import Link
from broker.amqp_patience import BLOCKED, UNBLOCKED

Ended = asyncio.Future[None]


class Played:
    """A connection of aio-pika's that never calls itself closed. Futures stand for its tasks."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.reader: Ended = loop.create_future()
        self.writer: Ended = loop.create_future()
        self.closed = 0
        under = SimpleNamespace(
            write_queue=asyncio.Queue[Any](),
            closing=loop.create_future(),
            _reader_task=self.reader,
            _writer_task=self.writer,
            **dict.fromkeys((BLOCKED, UNBLOCKED), None),
        )
        self.transport = SimpleNamespace(connection=under)

    async def close(self) -> None:
        self.closed += 1


class Noting:
    """Something that ends with the connection."""

    why = ""

    def lose(self, why: str) -> None:
        self.why = why


def returns(task: Ended) -> None:
    task.set_result(None)


def is_cancelled(task: Ended) -> None:
    task.cancel()


def fails(task: Ended) -> None:
    task.set_exception(ConnectionClosed(320, "shut down"))


@pytest.mark.parametrize("name", ["reader", "writer"])
@pytest.mark.parametrize(
    ("end", "why"),
    [
        (returns, "the connection closed"),
        (is_cancelled, "the connection closed"),
        (fails, "shut down"),
    ],
)
async def test_a_task_that_ends_is_a_connection_that_is_lost(
    name: str, end: Callable[[Ended], None], why: str
) -> None:
    played, one = Played(), Noting()
    link = await Link.over(cast(aio_pika.Connection, played), 1.0)
    link.dependents.add(one)
    assert not link.why_lost
    end(getattr(played, name))
    async with asyncio.timeout(5):
        assert why in await link.wait_lost()
    assert one.why == link.why_lost
    await link.close()
    assert played.closed == 1

"""One AMQP connection: the tasks that belong to it, and the moment it is lost.

aiormq closes a channel when a task is cancelled while it waits for an answer of the broker, so no
caller ever waits there. What has to be asked runs as an *errand*: a task of the connection's own,
in the one TaskGroup below, with a time-out; the caller waits beside it and may leave.

A TaskGroup is entered and left by the same task, while a connection is opened in one place, lost in
another and closed in a third. Hence the keeper: the single task that is not in a group. It holds
the group for as long as the connection lives, then ends its tasks and closes what is left;
``close`` waits for it, so nothing is orphaned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol, Self, TypeVar

import aio_pika
from aiormq.abc import AbstractConnection

from broker.amqp_errors import TROUBLE, reason, unavailable
from broker.amqp_outbox import Outbox
from broker.amqp_patience import Patience
from broker.errors import BrokerError, BrokerUnavailable

T = TypeVar("T")

GOODBYE: Final = 2.0
"""Seconds for a good-bye: for that of all channels, then for the connection's. A broker that does
not answer it, or a line that died, must not hold an ending process for long."""


class Dependent(Protocol):
    """What ends with the connection."""

    def lose(self, why: str) -> None:
        """The connection is gone."""
        ...


class _Tasks(Protocol):
    """What ``aiormq.Connection`` has and its abstract class does not say."""

    _reader_task: asyncio.Task[Any]
    _writer_task: asyncio.Task[Any]


class Link:
    """The connection beneath a broker and its channels. Made by ``Link.over``.

    Attributes:
        amqp: aiormq's connection.
        patience: With the broker's answers.
        why_lost: Empty while it lives.
    """

    def __init__(self, connection: aio_pika.Connection, timeout: float) -> None:
        if connection.transport is None:
            raise BrokerUnavailable("the connection closed at once")
        self.amqp: AbstractConnection = connection.transport.connection
        self.patience = Patience(timeout)
        self.outbox = Outbox(self.amqp.write_queue)
        self.why_lost = ""
        self.dependents: set[Dependent] = set()
        self._connection = connection
        self._errands: set[asyncio.Task[None]] = set()
        self._tasks = asyncio.TaskGroup()
        self._ready = asyncio.Event()
        self._gone = asyncio.Event()
        self._keeper = asyncio.get_running_loop().create_task(self._keep())
        self.amqp.closing.add_done_callback(self._on_ended)
        # It calls itself closed only when it has said good-bye, which may take a slow network long;
        # but without one of these two it is of no use. (Its heartbeat has no name. Without it the
        # broker ends the connection, and that ends the reader.)
        own: _Tasks = connection.transport.connection  # type: ignore[assignment]
        own._reader_task.add_done_callback(self._on_ended)
        own._writer_task.add_done_callback(self._on_ended)

    @classmethod
    async def over(cls, connection: aio_pika.Connection, timeout: float) -> Self:
        """Take over a connection that was just opened."""
        link = cls(connection, timeout)
        link.patience.mind(link.amqp)
        await link._ready.wait()
        return link

    async def run(
        self,
        work: Callable[[], Awaitable[T]],
        undo: Callable[[T], Awaitable[None]] | None = None,
    ) -> T:
        """Do an errand: ``work`` runs to its end even if the caller is cancelled.

        Args:
            undo: What to do with the result when nobody waits for it any more.

        Raises:
            BrokerUnavailable: The connection is lost, or there was no answer in time.
        """
        self.check()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.spawn(self._errand(work, done, undo))
        return await done

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something for as long as the connection lives."""
        task = self._tasks.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def settle(self, work: Callable[[], Awaitable[T]], done: asyncio.Future[T]) -> None:
        """Await ``work`` and tell ``done`` how it went, unless nobody listens there."""
        try:
            result = await work()
        except (BrokerError, ValueError) as error:  # ours, or what AMQP cannot carry
            _fail(done, error)
        except TROUBLE as error:
            _fail(done, unavailable(error))
        except asyncio.CancelledError:
            # Either we end, or aiormq cancelled what it was waiting for: the connection went.
            ourselves = asyncio.current_task()
            if ourselves is not None and ourselves.cancelling():
                raise
        else:
            if not done.done():
                done.set_result(result)
        finally:
            _fail(done, BrokerUnavailable(self.why_lost or "the connection closed"))

    async def _errand(
        self,
        work: Callable[[], Awaitable[T]],
        done: asyncio.Future[T],
        undo: Callable[[T], Awaitable[None]] | None,
    ) -> None:
        async def in_time() -> T:
            async with self.patience.limit():
                result = await work()
            if undo is not None and done.cancelled():
                await undo(result)
            return result

        await self.settle(in_time, done)

    def check(self) -> None:
        """Raises:
        BrokerUnavailable: The connection is lost.
        """
        if self.why_lost:
            raise BrokerUnavailable(self.why_lost)

    def lose(self, why: str) -> None:
        """The connection is gone, or we let it go. Everybody who waits hears of it now."""
        if self.why_lost:
            return
        self.why_lost = why
        for dependent in tuple(self.dependents):
            dependent.lose(why)
        self._gone.set()

    async def wait_lost(self) -> str:
        """Return why, once it is lost."""
        await self._gone.wait()
        return self.why_lost

    async def close(self) -> None:
        """Let it go, and return when nothing of it is left."""
        self.lose("closed")
        await asyncio.shield(self._keeper)

    async def _keep(self) -> None:
        try:
            async with self._tasks:
                self._ready.set()
                await self._gone.wait()
                for task in self._errands:
                    task.cancel()
        finally:
            self.lose("a task of the connection failed")
            with suppress(*TROUBLE):
                async with asyncio.timeout(min(self.patience.seconds, GOODBYE)):
                    await self._connection.close()

    def _on_ended(self, what: asyncio.Future[Any]) -> None:
        error = None if what.cancelled() else what.exception()
        self.lose("the connection closed" if error is None else reason(error))


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)

"""The one task of a connection that declares, binds and asks about queues.

It has a channel of its own, opened anew after a refusal (the broker closes a channel to say no), so
that neither a refusal nor a caller who goes away costs anybody else anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiormq.abc import AbstractChannel
from pamqp.common import Arguments

from broker import amqp_names as names
from broker.amqp_errors import declaring
from broker.amqp_link import Link
from broker.errors import BrokerUnavailable, NoSuchQueue
from broker.limits import check_topology
from broker.port import Binding, ExchangeSpec, QueueSpec

T = TypeVar("T")


class Topology:
    """See the methods of the same names in ``port.Broker``."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._requests: asyncio.Queue[tuple[Callable[[], Awaitable[Any]], asyncio.Future[Any]]]
        self._requests = asyncio.Queue()
        self._open: AbstractChannel | None = None
        link.dependents.add(self)
        link.spawn(self._own())

    async def declare(
        self,
        queues: Sequence[QueueSpec],
        exchanges: Sequence[ExchangeSpec],
        bindings: Sequence[Binding],
    ) -> None:
        check_topology(queues, exchanges, bindings)

        async def work() -> None:
            for queue in queues:
                await self._declare_queue(queue)
            for exchange in exchanges:
                await self._declare_exchange(exchange)
            for binding in bindings:
                await self._bind(binding)

        await self._ask(work)

    async def unbind(self, bindings: Sequence[Binding]) -> None:
        check_topology((), (), bindings)

        async def work() -> None:
            for binding in bindings:
                with suppress(NoSuchQueue):
                    await self._unbind(binding)

        await self._ask(work)

    async def exists(self, exchange: str) -> bool:
        async def work() -> bool:
            try:
                await self._step(
                    exchange, lambda channel: names.declare_passively(channel, exchange)
                )
            except NoSuchQueue:
                return False
            return True

        return await self._ask(work)

    async def depth(self, queue: str) -> int:
        async def work() -> int:
            there = await self._step(
                queue, lambda channel: channel.queue_declare(queue, passive=True)
            )
            return there.message_count or 0

        return await self._ask(work)

    async def delete(self, queue: str) -> None:
        async def work() -> None:
            with suppress(NoSuchQueue):
                await self._step(queue, lambda channel: channel.queue_delete(queue))

        await self._ask(work)

    def lose(self, why: str) -> None:
        """The connection is gone: whoever waits in line hears of it."""
        while not self._requests.empty():
            _, done = self._requests.get_nowait()
            if not done.done():
                done.set_exception(BrokerUnavailable(why))

    async def _ask(self, work: Callable[[], Awaitable[T]]) -> T:
        self._link.check()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._requests.put_nowait((work, done))
        return await done

    async def _own(self) -> None:
        while True:
            work, done = await self._requests.get()
            if not done.done():  # else the caller is gone already
                await self._link.settle(work, done)

    async def _step(self, name: str, call: Callable[[AbstractChannel], Awaitable[T]]) -> T:
        """One question to the broker, answered in time."""
        async with self._link.patience.limit():
            if self._open is None or self._open.is_closed:
                self._open = await self._link.amqp.channel(publisher_confirms=False)
            channel = self._open
            try:
                with declaring(name):
                    return await call(channel)
            except BaseException:
                self._open = None  # closed by the broker, or by aiormq: an answer is missing
                raise

    async def _declare_queue(self, spec: QueueSpec) -> None:
        arguments: Arguments = dict(spec.arguments)
        await self._step(
            spec.name,
            lambda channel: channel.queue_declare(
                spec.name, durable=spec.durable, arguments=arguments
            ),
        )

    async def _declare_exchange(self, spec: ExchangeSpec) -> None:
        await self._step(spec.name, lambda channel: names.declare_exchange(channel, spec))

    async def _bind(self, binding: Binding) -> None:
        await self._step(binding.destination, lambda channel: names.bind(channel, binding))

    async def _unbind(self, binding: Binding) -> None:
        await self._step(binding.destination, lambda channel: names.unbind(channel, binding))

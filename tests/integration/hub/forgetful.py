"""A broker that confirms an append to a log and loses it, as RabbitMQ 3.10 may after a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from broker.port import Broker, Channel, Connect, Outgoing


class _Channel:
    def __init__(self, inner: Channel, loses: Callable[[Outgoing], bool]) -> None:
        self._inner = inner
        self._loses = loses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, batch: Sequence[Outgoing]) -> int:
        return await self._inner.send([message for message in batch if not self._loses(message)])

    async def __aenter__(self) -> _Channel:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._inner.close()


class _Broker:
    def __init__(self, inner: Broker, loses: Callable[[Outgoing], bool]) -> None:
        self._inner = inner
        self._loses = loses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> _Channel:
        return _Channel(await self._inner.open(), self._loses)


def forgetful(connect: Connect, loses: Callable[[Outgoing], bool]) -> Connect:
    """Connections on which what ``loses`` says is confirmed and gone."""

    async def connected(name: str) -> Any:
        return _Broker(await connect(name), loses)

    return connected

"""Stay connected: connect, serve, and when the connection is lost, back off and begin anew.

Nothing is carried over from one connection to the next: whoever serves declares, consumes and tells
everything again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from broker.backoff import LONGEST, pause
from broker.cancelled import end_if_asked
from broker.complaints import Complaints, unreachable
from broker.errors import BrokerUnavailable
from broker.port import Broker, Connect


async def keep(
    connect: Connect,
    name: str,
    serve: Callable[[Broker], Awaitable[None]],
    *,
    on_lost: Callable[[BrokerUnavailable], None] = lambda error: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    luck: Callable[[], float] = random.random,
) -> None:
    """Run ``serve`` on a connection, on the next one when that is lost, until it returns.

    Resource handling: each connection is closed here, also when we are cancelled.
    Error handling: ``BrokerUnavailable`` (and so ``ChannelLost``) out of ``serve`` ends that
    connection only. Anything else ends ``keep`` as an ``ExceptionGroup``.

    Args:
        name: The connection's name, see ``port.Connect``.
        serve: Cancelled when the connection is lost.
        on_lost: Told each time a connection is lost. That none can be made it is told at once,
            with what to do, and then only now and then (``complaints.REPEAT``): it may log.
    """
    attempt = 0
    complaints = Complaints()
    now = asyncio.get_running_loop().time
    while True:
        began = now()
        try:
            broker = await connect(name)
        except BrokerUnavailable as error:
            if complaints.due(error.why, began):
                on_lost(unreachable(error))
        else:
            complaints = Complaints()
            lost = await _serve_until_lost(broker, serve)
            if lost is None:
                return
            end_if_asked()
            on_lost(lost)
        if now() - began > LONGEST:  # it was good for a while
            attempt = 0
        await sleep(pause(attempt, luck()))
        attempt += 1


async def _serve_until_lost(
    broker: Broker, serve: Callable[[Broker], Awaitable[None]]
) -> BrokerUnavailable | None:
    """Return why the connection ended, or ``None`` when ``serve`` had enough."""
    lost: BrokerUnavailable | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(_raise_when_lost(broker))
            await serve(broker)
            watch.cancel()
    except* BrokerUnavailable as group:
        lost = _first(group)
    finally:
        await broker.close()
    return lost


async def _raise_when_lost(broker: Broker) -> None:
    raise BrokerUnavailable(await broker.wait_lost())


def _first(group: BaseExceptionGroup[BrokerUnavailable]) -> BrokerUnavailable:
    error = group.exceptions[0]
    return error if isinstance(error, BrokerUnavailable) else _first(error)

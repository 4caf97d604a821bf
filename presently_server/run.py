"""What every service process does: an event loop, signals, the ops listener, an exit code."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import click
import structlog
import uvloop

from broker.errors import BrokerError, BrokerRefused
from presently_server import logging, ops
from presently_server.mistakes import Failed, Mistake
from presently_server.settings import PREFIX, Settings, SettingsError, load

Service = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set, then ends in its own order."""

log = structlog.get_logger(__name__)


def settings() -> Settings:
    """The environment's settings.

    Raises:
        Mistake: One is wrong.
    """
    try:
        return load(os.environ)
    except SettingsError as error:
        raise Mistake(str(error)) from None


def run(service: Service) -> None:
    """Run a service to its end. SIGTERM and SIGINT ask it to stop; a second one insists.

    Raises:
        Mistake: An address is taken, or the broker does not let us in.
        Failed: The broker has something else under one of our names.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(service))
    except ops.CannotListen as error:
        raise Mistake(str(error)) from None
    except BrokerRefused as error:
        raise Mistake(str(error)) from None
    except BrokerError as error:
        raise Failed(str(error)) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise click.Abort from None


async def _until_stopped(service: Service) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()

    def asked_to_stop() -> None:
        if stopping.is_set() and me is not None:
            me.cancel()
        stopping.set()

    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, asked_to_stop)
    try:
        await service(stopping)
    except BaseExceptionGroup as group:
        raise _the_one_cause(group) from None


def _the_one_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a task group wrapped, if it is one thing: an operator reads it without the layers."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def with_ops(settings: Settings, health: ops.Health, service: Service, *listen: str) -> None:
    """Run a service beside its ops listener, with logging set up.

    Args:
        listen: Settings of the addresses that the service itself will take.
    """
    logging.set_up(settings.log, settings.log_level)

    async def both(stopping: asyncio.Event) -> None:
        for field in listen:
            ops.bind(getattr(settings, field), PREFIX + field.upper()).close()
        bound = ops.bind(settings.ops_listen, "PRESENTLY_OPS_LISTEN")
        async with ops.serving(ops.ops_app(health), bound):
            log.info("started", ops=str(settings.ops_listen))
            await service(stopping)
            log.info("ended")

    run(both)

"""``presently gateway``, ``hub``, ``relay`` and ``demo``: one service a process."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

import click

from broker.port import Connect
from presently_server.clock import SteadyClock
from presently_server.mistakes import Mistake
from presently_server.run import settings, with_ops
from presently_server.settings import Settings, SettingsError, need
from schemas import limits

if TYPE_CHECKING:
    from gateway.settings import GatewaySettings
    from producers.postgres.relay import Relay


@click.command()
def gateway() -> None:
    """Browsers' WebSockets and the HTTP API.

    Needs PRESENTLY_AMQP_URL and PRESENTLY_JWT_KEYS; listens on PRESENTLY_LISTEN (127.0.0.1:8001),
    PRESENTLY_API_LISTEN (127.0.0.1:8002) and PRESENTLY_OPS_LISTEN (127.0.0.1:8003).
    """
    from gateway import server
    from gateway.health import Health

    given, connect = _given("jwt_keys")
    health = Health()

    async def service(stopping: asyncio.Event) -> None:
        await server.run(
            gateway_settings(given),
            connect,
            stopping=stopping,
            health=health,
            clock=SteadyClock(),
        )

    with_ops(given, health, service, "listen", "api_listen")


@click.command()
def hub() -> None:
    """Who is where, and what happened in which order.

    Needs PRESENTLY_AMQP_URL; listens on PRESENTLY_OPS_LISTEN (127.0.0.1:8003). Start a second one
    to stand by.
    """
    from hub import worker
    from hub.health import Health
    from hub.settings import HubSettings

    given, connect = _given(heartbeat=limits.HUB_AMQP_HEARTBEAT_S)
    health = Health()

    async def service(stopping: asyncio.Event) -> None:
        await worker.run(
            HubSettings(), connect, stopping=stopping, health=health, clock=SteadyClock()
        )

    with_ops(given, health, service)


@click.command()
def relay() -> None:
    """From a database's outbox onto the bus.

    Needs PRESENTLY_AMQP_URL and PRESENTLY_DATABASE_URL (PostgreSQL itself, not a pooler); listens
    on PRESENTLY_OPS_LISTEN (127.0.0.1:8003). Start a second one to stand by.
    """
    from presently_server.relay_metrics import register
    from producers.postgres.relay import Relay

    given, connect = _given("database_url")
    one = Relay(given.database_url, connect, name=host_name(), wake=given.relay_wake)
    register(one)
    with_ops(given, RelayHealth(one), lambda stopping: relay_until(one, stopping))


@click.command()
def demo() -> None:
    """The demo's pages alone.

    Needs DEMO_DATABASE_URL and DEMO_JWT_KEY (one of PRESENTLY_JWT_KEYS); listens on DEMO_HOST and
    DEMO_PORT (127.0.0.1, 8000). `presently dev` has it all in one process.
    """
    from demo.__main__ import main

    click.get_current_context().exit(main())


def gateway_settings(given: Settings) -> GatewaySettings:
    """What a gateway takes of the settings."""
    from gateway.settings import GatewaySettings

    return GatewaySettings(
        host=given.listen.host,
        port=given.listen.port,
        api_host=given.api_listen.host,
        api_port=given.api_listen.port,
        api_keys=given.api_keys,
        jwt_keys=given.jwt_keys,
        jwt_audience=given.jwt_audience,
        rights=given.rights,
        origins=given.origins,
        drain_delay_s=given.drain_delay,
        drain_window_s=given.drain_window,
        grace_ms=int(given.grace * 1000),
        documents_per_connection=given.documents_per_connection,
        connections_per_user=given.connections_per_user,
        frames_per_second=given.frames_per_second,
        frames_burst=given.frames_burst,
    )


class RelayHealth:
    """A relay's status in the words of the ops listener: standing by is fine."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    @property
    def ready(self) -> bool:
        """Connected to database and broker, at work or standing by."""
        return self._relay.status.state != "away"

    @property
    def why(self) -> str:
        """What it lacks."""
        return self._relay.status.trouble or "starting"


FINISH_SECONDS: Final = 5.0
"""For the page that a relay has in hand when it is told to stop."""


async def relay_until(relay: Relay, stopping: asyncio.Event) -> None:
    """Run a relay until ``stopping`` is set. What it cannot finish soon it may be cut off from:
    repeats are recognised."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(relay.run(), name="relay")
        await stopping.wait()
        relay.stop()
        patience = 0 if relay.status.state == "away" else FINISH_SECONDS
        await asyncio.wait({running}, timeout=patience)
        running.cancel()


def host_name() -> str:
    """This host, in letters, digits and ``-``."""
    name = socket.gethostname()[:40]
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in name)


def _given(*more: str, heartbeat: int = limits.AMQP_HEARTBEAT_S) -> tuple[Settings, Connect]:
    """The settings, the needed ones present, and how to reach the broker."""
    from broker.amqp import connector

    given = settings()
    try:
        need(given, "amqp_url", *more)
    except SettingsError as error:
        raise Mistake(str(error)) from None
    return given, connector(given.amqp_url, heartbeat=heartbeat)

"""All services in one event loop, on one broker. What ``presently dev`` runs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from broker.amqp import connector
from broker.declare import declare
from broker.memory import Bus
from broker.port import Connect
from demo.app import create_app
from demo.articles import CAPTURE, install
from demo.settings import Settings as DemoSettings
from gateway import server as gateway
from gateway.health import Health as GatewayHealth
from gateway.settings import GatewaySettings
from hub import worker as hub
from hub.health import Health as HubHealth
from hub.settings import HubSettings
from presently_server import ops
from presently_server.clock import SteadyClock
from presently_server.dev_ports import Ports
from presently_server.mistakes import Failed
from presently_server.services import RelayHealth, relay_until
from producers.postgres.migrate import TooOld, migrate
from producers.postgres.relay import Relay
from schemas.topology import installation

LOOK_EVERY: Final = 0.01
ORIGINS: Final = ("http://localhost:*", "http://127.0.0.1:*")


@dataclass
class House:
    """Everything.

    Attributes:
        psql: The command that speaks to the database.
        demo: Whether the demo is part of it.
    """

    ports: Ports
    database: str
    psql: str
    connect: Connect
    demo: bool
    jwt_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    gateway_health: GatewayHealth = field(default_factory=GatewayHealth)
    hub_health: HubHealth = field(default_factory=HubHealth)

    def addresses(self) -> dict[str, str]:
        """What ``.presently/dev.json`` holds."""
        return {
            "demo": f"http://localhost:{self.ports.demo.port}" if self.demo else "",
            "gateway": f"ws://{self.ports.gateway}/",
            "api": f"http://{self.ports.api}",
            "api_key": self.api_key,
            "postgres": self.database,
            "jwt_key": self.jwt_key,
        }

    def __post_init__(self) -> None:
        self.relay = Relay(self.database, self.connect, name="dev")

    @property
    def ready(self) -> bool:
        """Whether all of it is."""
        return not self.why

    @property
    def why(self) -> str:
        """What is not ready."""
        parts: dict[str, ops.Health] = {
            "hub": self.hub_health,
            "gateway": self.gateway_health,
            "relay": RelayHealth(self.relay),
        }
        return "; ".join(f"{name}: {part.why}" for name, part in parts.items() if not part.ready)

    async def run(self, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
        """Start everything, say ``ready``, and end it in order once ``stopping`` is set.

        Raises:
            Failed: The broker or the database is away or refuses.
        """
        async with AsyncExitStack() as stack:
            # Each is ended before those entered earlier: browsers' pages first, the hub last.
            await stack.enter_async_context(ops.serving(ops.ops_app(self), self.ports.ops_socket))
            await self._prepare()
            await stack.enter_async_context(_running("hub", self._hub))
            await stack.enter_async_context(_running("relay", self._relay))
            await stack.enter_async_context(_running("gateway", self._gateway))
            if self.ports.demo_socket is not None:
                app = create_app(self._demo_settings())
                demo = ops.serving(app, self.ports.demo_socket, lifespan="on")
                await stack.enter_async_context(demo)
            if await self._becomes_ready(stopping):
                ready()
            await stopping.wait()

    async def _becomes_ready(self, stopping: asyncio.Event) -> bool:
        """Wait for it, unless we are asked to stop before."""
        while not stopping.is_set():
            if self.ready:
                return True
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await stopping.wait()
        return False

    async def _prepare(self) -> None:
        """Topology, schema and the demo's table, so that the services find what they need."""
        broker = await self.connect("dev")
        try:
            await declare(broker, installation())
        finally:
            await broker.close()
        try:
            connection = await asyncpg.connect(self.database, timeout=5)
            try:
                await migrate(connection)
                if self.demo:
                    await install(self.database)
                    await connection.execute(CAPTURE.read_text("utf-8"))
            finally:
                await connection.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise Failed(f"the database cannot be used: {why}") from None
        except TooOld as error:
            raise Failed(str(error)) from None

    async def _hub(self, stopping: asyncio.Event) -> None:
        await hub.run(
            HubSettings(),
            self.connect,
            stopping=stopping,
            health=self.hub_health,
            clock=SteadyClock(),
        )

    async def _gateway(self, stopping: asyncio.Event) -> None:
        settings = GatewaySettings(
            host=self.ports.gateway.host,
            port=self.ports.gateway.port,
            api_host=self.ports.api.host,
            api_port=self.ports.api.port,
            api_keys=(self.api_key,),
            jwt_keys=(self.jwt_key,),
            origins=ORIGINS,
            drain_delay_s=0,
            drain_window_s=0,
        )
        await gateway.run(
            settings,
            self.connect,
            stopping=stopping,
            health=self.gateway_health,
            clock=SteadyClock(),
        )

    async def _relay(self, stopping: asyncio.Event) -> None:
        await relay_until(self.relay, stopping)

    def _demo_settings(self) -> DemoSettings:
        return DemoSettings(
            database=self.database,
            jwt_key=self.jwt_key,
            gateway_port=self.ports.gateway.port,
            psql=self.psql,
        )


def house(ports: Ports, database: str, psql: str, amqp: str | None, *, demo: bool) -> House:
    """One on the RabbitMQ of ``amqp``, or on a broker in memory."""
    return House(ports, database, psql, connector(amqp) if amqp else Bus().connect, demo)


@asynccontextmanager
async def _running(
    name: str, service: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
) -> AsyncIterator[None]:
    """A service beside the block, asked to stop at the block's end."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(service(stopping), name=name)
        try:
            yield
        finally:
            stopping.set()

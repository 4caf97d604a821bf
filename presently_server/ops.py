"""The ops listener of every service: ``/healthz``, ``/readyz``, ``/metrics``. For operators only.

And the way any of our HTTP listeners is run inside another event loop (``bind``, ``serving``).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Literal, Protocol

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from presently_server.settings_values import Listen


class CannotListen(OSError):
    """The address is taken, or not ours. The operator's fault."""


class Health(Protocol):
    """What a service says of itself.

    Attributes:
        ready: Whether it should be given work.
        why: If not, a few words.
    """

    @property
    def ready(self) -> bool: ...
    @property
    def why(self) -> str: ...


def ops_app(health: Health, registry: CollectorRegistry = REGISTRY) -> Starlette:
    """The three routes. ``/healthz``: the process answers. ``/readyz``: it wants work (or 503)."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        if health.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse(f"not ready: {health.why}\n", status_code=503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
        ]
    )


ANSWERING: Final = 256
"""Connections of a listener at a time; whoever comes then gets 503."""


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers (``run`` has those), telling when it has begun."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, or fail to."""
        try:
            await super().startup(sockets)
        finally:
            self.begun.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def bind(listen: Listen, name: str = "") -> socket.socket:
    """A socket that listens, so that a taken port is known before anything else has begun.

    Bound alone would not do: with SO_REUSEADDR two processes may bind one port, and libuv does not
    tell the second that it could not listen.

    Args:
        name: The setting that says so.

    Raises:
        CannotListen: Says the address and why.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((listen.host, listen.port))
        bound.listen()
    except OSError as error:
        bound.close()
        why = f"cannot listen on {listen}: {error.strerror or error}"
        raise CannotListen(f"{name}: {why}" if name else why) from None
    return bound


@asynccontextmanager
async def serving(
    app: Starlette, bound: socket.socket, *, lifespan: Literal["on", "off"] = "off"
) -> AsyncIterator[None]:
    """Serve ``app`` on a bound socket while the block runs.

    Args:
        lifespan: ``on`` if the application has something to start and to end.

    Raises:
        RuntimeError: The application did not start; its log says why.
    """
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan=lifespan,
            ws="none",
            timeout_graceful_shutdown=2,
            limit_concurrency=ANSWERING,
        )
    )
    with bound:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(server.serve([bound]), name="http")
            await server.begun.wait()
            if not server.started:
                await running
                raise RuntimeError("the application did not start")
            try:
                yield
            finally:
                server.should_exit = True

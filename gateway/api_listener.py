"""The HTTP API's own listener: uvicorn, as a guest in our loop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp

ANSWERING: Final = 256
"""Requests, and connections that wait for their next, at a time; whoever comes then gets 503."""


class _Guest(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Do not."""
        yield


class ApiListener:
    """Listens from the start; serves while ``run`` runs. Closed at the end of ``with``.

    Raises:
        OSError: The address is taken or is none.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, port), family=family, backlog=256)
        self._server = _Guest(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                limit_concurrency=ANSWERING,
                timeout_graceful_shutdown=5,
            )
        )

    async def run(self) -> None:
        """Serve until ``stop``."""
        await self._server.serve(sockets=[self.socket])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def stop(self) -> None:
        """Finish what is being answered and end."""
        self._server.should_exit = True

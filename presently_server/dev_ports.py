"""The four ports of ``presently dev``, in a row: demo, gateway, HTTP API, health."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from presently_server import ops
from presently_server.mistakes import Mistake
from presently_server.settings_values import Listen

DEMO_PORT: Final = 8000
LAST_PORT: Final = 65532
"""Of the demo: the other three come after."""
HOST: Final = "127.0.0.1"
ROWS: Final = ("demo", "gateway", "HTTP API", "health")


@dataclass(frozen=True)
class Ports:
    """Where everything listens. Demo and health are bound already; the gateway binds its two."""

    demo: Listen
    gateway: Listen
    api: Listen
    ops: Listen
    demo_socket: socket.socket | None
    ops_socket: socket.socket


@contextmanager
def take_ports(first: int, *, demo: bool) -> Iterator[Ports]:
    """Find out that all four are free before anything is started.

    Raises:
        Mistake: One is in use; says which and what to do.
    """
    places = [Listen(HOST, first + step) for step in range(len(ROWS))]
    with ExitStack() as stack:
        bound: list[socket.socket] = []
        for what, listen in zip(ROWS, places, strict=True):
            if what == "demo" and not demo:
                continue
            try:
                bound.append(stack.enter_context(ops.bind(listen)))
            except OSError:
                raise Mistake(f"port {listen.port} ({what}) is in use; {_other(first)}") from None
        demo_socket = bound.pop(0) if demo else None
        gateway, api, health = bound
        gateway.close()
        api.close()
        first_four = dict(zip(("demo", "gateway", "api", "ops"), places, strict=True))
        yield Ports(**first_four, demo_socket=demo_socket, ops_socket=health)


def _other(first: int) -> str:
    """The command that takes other ports, as whoever reads it has typed it."""
    other = first + 1000 if first + 1000 <= LAST_PORT else DEMO_PORT
    if "MAKELEVEL" in os.environ:  # set by make for what it runs
        return f"make demo PORT={other}"
    return f"presently dev --port {other}"

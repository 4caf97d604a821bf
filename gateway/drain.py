"""Stopping without anybody losing anything: an honest way out, in the order it happens.

    unready → go on accepting → close the listener → cohort after cohort → cut who is left → bye

Nobody's seat ends by it: people come back elsewhere within the grace. It takes the drain delay, the
drain window and, if somebody or something does not answer, up to ``LAST_S`` more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog
from websockets.asyncio.server import Server

from gateway.cohorts import cohorts
from gateway.health import Health
from gateway.link import Link
from gateway.socket import CLOSE_S, Connection, Socket, prepare
from gateway.switchboard import Switchboard
from gateway.uplink import Uplink
from schemas import frames
from schemas.close import CloseCode
from schemas.messages import Bye

log = structlog.get_logger(__name__)

SETTLE_S: Final = 3.0
"""How long to wait for the broker's last confirms."""
LOOK_S: Final = 0.1
"""How soon it is seen that everybody has gone before their time."""
LAST_S: Final = 20.0
"""All that may still take time when the window is over: sockets that do not answer the close, and
posts under way (5 s), the last confirms (3 s), a broker that does not answer our good-bye (8 s)."""


async def drain(switchboard: Switchboard, health: Health, link: Link, server: Server) -> None:
    """Return when every socket was told to go, had its time, and was closed."""
    settings = switchboard.settings
    health.drain()
    link.draining = True
    switchboard.outbox.control(link.beat())
    log.info(
        "draining",
        sockets=len(switchboard.sockets),
        delay_s=settings.drain_delay_s,
        window_s=settings.drain_window_s,
    )
    await asyncio.sleep(settings.drain_delay_s)
    server.close(close_connections=False)
    await asyncio.sleep(0)  # It is closed now. Handshakes that are not through are answered 503.
    await _close_all(switchboard, settings.drain_window_s)


async def cut(server: Server, landed: Iterable[Connection]) -> None:
    """Return when no connection is left: those that do not answer are cut after ``CLOSE_S``."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await server.wait_closed()
    except TimeoutError:
        abort(landed)
        await server.wait_closed()


def abort(landed: Iterable[Connection]) -> None:
    """Cut every connection now, whatever state it is in."""
    for connection in list(landed):
        connection.transport.abort()


async def say_bye(switchboard: Switchboard, uplink: Uplink, clock: Callable[[], float]) -> None:
    """Tell everybody that we end as we should, and have all we said confirmed, if there is time."""
    switchboard.outbox.control(Bye(who=switchboard.gateway, at=int(clock() * 1000)))
    try:
        async with asyncio.timeout(SETTLE_S if switchboard.outbox.up else 0):
            await uplink.settled()
    except TimeoutError:
        log.warning("stopping without the broker's last confirms")
    log.info("drained")


async def _close_all(switchboard: Switchboard, window_s: float) -> None:
    made = cohorts(list(switchboard.sockets.values()), int(window_s * 1000))
    for cohort in made:
        window = frames.Drain(reconnect_in_ms=(cohort.from_ms, cohort.until_ms))
        told = prepare(frames.write_frame(window))
        for socket in cohort.sockets:
            socket.send(told)
    clock = asyncio.get_running_loop().time
    began = clock()
    for cohort in made:
        while switchboard.sockets:
            left = began + cohort.until_ms / 1000 - clock()
            if left <= 0:
                break
            await asyncio.sleep(min(left, LOOK_S))
        _close(cohort.sockets)
    _close(switchboard.sockets.values())  # Whose handshake ended as the listener closed.


def _close(sockets: Iterable[Socket]) -> None:
    for socket in list(sockets):
        socket.session.end()
        socket.close(CloseCode.RESTARTING, "restarting")

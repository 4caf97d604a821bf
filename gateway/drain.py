"""Stopping without anybody losing anything: an honest way out, in the order it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from websockets.asyncio.server import Server

from gateway.health import Health
from gateway.link import Link
from gateway.socket import prepare
from gateway.switchboard import Switchboard
from gateway.uplink import Uplink
from schemas import frames
from schemas.close import CloseCode
from schemas.messages import Bye

log = structlog.get_logger(__name__)

COHORTS: Final = 20
"""Steps in which the sockets are closed."""
SETTLE_S: Final = 5.0
"""How long to wait for the broker's last confirms."""


async def drain(
    switchboard: Switchboard,
    health: Health,
    link: Link,
    uplink: Uplink,
    server: Server,
    clock: Callable[[], float],
) -> None:
    """Leave: unready, unlisted, emptied, confirmed, gone.

    Nobody's seat ends by it: people come back elsewhere within the grace. Sockets that do not
    answer the close are cut after ``socket.CLOSE_S``.
    """
    settings = switchboard.settings
    health.drain()
    link.draining = True
    await asyncio.sleep(settings.drain_delay_s)
    server.close(close_connections=False)
    await _close_all(switchboard, settings.drain_window_s)
    await server.wait_closed()
    switchboard.outbox.control(Bye(who=switchboard.gateway, at=int(clock() * 1000)))
    try:
        async with asyncio.timeout(SETTLE_S if switchboard.outbox.up else 0):
            await uplink.settled()
    except TimeoutError:
        log.warning("stopping without the broker's last confirms")


async def _close_all(switchboard: Switchboard, window_s: float) -> None:
    told = prepare(frames.write_frame(frames.Drain(reconnect_in_ms=(0, int(window_s * 1000)))))
    waiting = list(switchboard.sockets.values())
    for socket in waiting:
        socket.send(told)
    for cohort in range(COHORTS):
        for socket in waiting[cohort::COHORTS]:
            socket.session.end()
            socket.close(CloseCode.RESTARTING, "restarting")
        if cohort < len(waiting):
            await asyncio.sleep(window_s / COHORTS)

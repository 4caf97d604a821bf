"""How the relay is woken while it sleeps: a hint of PostgreSQL's, never the transport.

``off``: it only looks, every 25 ms while there is work and every 250 ms when there is none.
``idle``: before it sleeps long it raises a flag, and a writer that sees the flag notifies.
``always``: every transaction that writes the outbox notifies. That makes commits stand in line.

We listen on a connection of our own and notify ourselves on it now and then: if that does not come
back, a pooler is in the way, or the line is dead without a word. Then we say so once, dial again,
and go on looking every 250 ms, which no mode ever stops.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal, get_args

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from broker import backoff
from broker.cancelled import end_if_asked
from broker.complaints import Complaints
from producers.postgres.database import CONNECT_SECONDS, DATABASE_TROUBLE, plainly

Mode = Literal["off", "idle", "always"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

CHANNEL: Final = "presently"
PROBE_EVERY: Final = 10.0
"""Seconds between two notifications of ourselves."""
PROBE_WITHIN: Final = 5.0
"""Seconds for one to come back."""
SWITCH_EVERY: Final = 5.0
"""Seconds until the trigger is switched again, when writers were in the way."""
KEEPALIVE: Final = {
    "SO_KEEPALIVE": (socket.SOL_SOCKET, 1),
    "TCP_KEEPIDLE": (socket.IPPROTO_TCP, 10),
    "TCP_KEEPINTVL": (socket.IPPROTO_TCP, 5),
    "TCP_KEEPCNT": (socket.IPPROTO_TCP, 3),
    "TCP_USER_TIMEOUT": (socket.IPPROTO_TCP, 20_000),  # milliseconds
}
"""A server that is gone without a word is given up within 25 s even when nothing is sent. asyncpg
sets none of these; not every system has all of them."""
OLD_NUMBERS: Final = "could not access status of transaction"
"""LISTEN fails so where the queue of notifications holds transactions that vacuum has forgotten
(mended in PostgreSQL's minor releases of November 2025); asking how full it is empties it."""

_SQL: Final = (Path(__file__).parent / "queries" / "wake.sql").read_text("utf-8")
log = logging.getLogger(__name__)


class Deaf(Exception):
    """What we told ourselves did not come back. The world's fault; dial again."""


class Wake:
    """The relay's ear.

    Args:
        ring: Called when a writer notified, and once after each beginning to listen: what was
            committed before that is not told.

    Attributes:
        hearing: Whether a notification of our own came back, and lately.
        wakeups: Notifications of writers since the process began.
    """

    def __init__(self, dsn: str, mode: Mode, ring: Callable[[], None]) -> None:
        self.mode = mode
        self.hearing = False
        self.wakeups = 0
        self._dsn = dsn
        self._ring = ring
        self._complaints = Complaints()
        self._told: bool | None = None  # what the database was told last, in this session
        self._switch_at = 0.0  # when to switch the trigger, 0 once it is as wanted
        self._probe = ""
        self._returned = asyncio.Event()

    @property
    def state(self) -> Literal["off", "idle", "always", "deaf"]:
        """The mode, or that it does not work just now."""
        return self.mode if self.hearing or self.mode == "off" else "deaf"

    # --- the writers' side ------------------------------------------------------------

    def begin(self) -> None:
        """Another session begins: nothing is known of what the database was told."""
        self._told, self._switch_at = None, time.monotonic()

    async def expect(self, connection: asyncpg.Connection, *, sleepy: bool) -> bool:
        """Tell the writers whether to notify.

        Args:
            sleepy: Whether the relay is about to sleep long.

        Returns:
            Whether they do from now on and did not before: look once more before you sleep, for
            who wrote meanwhile did not know.
        """
        wanted = self.hearing and (self.mode == "always" or (self.mode == "idle" and sleepy))
        due = self._switch_at and time.monotonic() >= self._switch_at
        if wanted == self._told and not due:
            return False
        switched = await connection.fetchval(_SQL, wanted, self.mode != "off")
        self._switch_at = 0.0 if switched else time.monotonic() + SWITCH_EVERY
        risen = wanted and not self._told
        self._told = wanted
        return risen

    async def hush(self, connection: asyncpg.Connection) -> None:
        """Nobody sleeps here any more: let no writer pay for it."""
        if self._told:
            await connection.fetchval(_SQL, False, True)
            self._told = False

    # --- our ear ----------------------------------------------------------------------

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block runs. What it raises comes out as it is."""
        if self.mode == "off":
            yield
            return
        failed: Exception | None = None
        async with asyncio.TaskGroup() as tasks:
            ear = tasks.create_task(self._listen(), name="wake")
            try:
                yield
            except Exception as error:  # raised below: the group would wrap it
                failed = error
            finally:
                ear.cancel()
        end_if_asked()
        if failed is not None:
            raise failed

    async def _listen(self) -> None:
        tries = 0
        while True:
            try:
                await self._hear()
            except (Deaf, *DATABASE_TROUBLE) as error:
                tries = 0 if self.hearing else tries + 1
                why = str(error) if isinstance(error, Deaf) else plainly(error)
                if self._complaints.due(why, time.monotonic()):
                    said = "not woken by writers, looking every 250 ms: %s"
                    log.warning(said, why, extra={"action": "wake_deaf"})
            finally:
                self.hearing = False
            await asyncio.sleep(backoff.pause(tries, random.random()))

    async def _hear(self) -> None:
        """Listen until something is wrong, which it raises."""
        connection = await asyncpg.connect(
            self._dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=PROBE_WITHIN,
            server_settings={"application_name": "presently relay wake"},
            target_session_attrs=SessionAttribute.read_write,
        )
        try:
            keep_alive(connection)
            try:
                await connection.add_listener(CHANNEL, self._heard)
            except asyncpg.PostgresError as error:
                if OLD_NUMBERS in str(error):
                    await connection.execute("SELECT pg_notification_queue_usage()")
                raise
            while True:
                await self._call_myself(connection)
                if not self.hearing:
                    self.hearing = True
                    log.info("writers can wake us", extra={"action": "wake_hearing"})
                    self._ring()
                await asyncio.sleep(PROBE_EVERY)
        finally:
            connection.terminate()

    async def _call_myself(self, connection: asyncpg.Connection) -> None:
        """The heartbeat: a query, and a notification that must come back."""
        self._probe = secrets.token_hex(8)
        self._returned.clear()
        await connection.execute(f"SELECT pg_notify('{CHANNEL}', '{self._probe}')")
        try:
            async with asyncio.timeout(PROBE_WITHIN):
                await self._returned.wait()
        except TimeoutError:
            raise Deaf(
                f"a notification of our own did not come back within {PROBE_WITHIN:.0f} s; is there"
                " a pooler before the database?"
            ) from None

    def _heard(self, _connection: Any, _pid: int, _channel: str, said: object) -> None:
        if said == "":
            self.wakeups += 1
            self._ring()
        elif said == self._probe:
            self._returned.set()


def keep_alive(connection: Any) -> None:
    """Let the kernel find out that the server is gone."""
    transport = connection._transport  # asyncpg has no other way to its socket
    line: socket.socket | None = transport.get_extra_info("socket")
    if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    for name, (level, value) in KEEPALIVE.items():
        if hasattr(socket, name):
            line.setsockopt(level, getattr(socket, name), value)

"""The one loop that carries committed events to the broker.

    stand by → claim the cursor → read a page → send → confirmed → move the cursor → purge

The order is the guarantee: what is confirmed but not remembered is published again under the same
ids, what is not confirmed is not remembered. Any number of relays may run; the database's advisory
lock lets one work. When the database, the broker or the cursor is lost, everything is dropped and
begun anew from what the database remembers.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import asyncpg

from broker import backoff
from broker.complaints import Complaints, unreachable
from broker.errors import BrokerError, BrokerRefused, BrokerUnavailable
from broker.port import Broker, Channel, Connect, Outgoing
from producers.postgres.database import DATABASE_TROUBLE, plainly, relay_session
from producers.postgres.outbox import PURGE, NotMigrated, NotOurs, Outbox
from producers.postgres.pooler import Pooled
from producers.postgres.post import Post, Sent
from producers.postgres.rows import Origin, Page
from producers.postgres.timeline import Reached
from producers.postgres.wake import Mode, Wake
from schemas import codec, limits, topology
from schemas.messages import Bye, RelayBeat

POLL_BUSY: Final = 0.025
POLL_IDLE: Final = 0.25
"""Seconds between two looks. Once nothing came for ``BUSY_FOR``, each pause is twice the last."""
BUSY_FOR: Final = 5.0
STANDBY: Final = 0.5
"""Seconds between two tries for the lock."""
PURGE_EVERY: Final = 1.0
BEAT: Final = 1.0
"""Seconds between two heartbeats: a gateway that has just started soon knows of us."""
COUNT_EVERY: Final = limits.HEARTBEAT_MS / 1000
"""Seconds between two looks at how far behind we are."""
TROUBLE: Final = (BrokerError, NotOurs, NotMigrated, Pooled, *DATABASE_TROUBLE)
"""What the world may do to us. All of it is answered alike: begin anew."""

State = Literal["away", "standby", "relaying"]
STATES: Final[tuple[State, ...]] = get_args(State)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RelayStatus:
    """What a relay says about itself, to metrics and to whoever asks.

    Attributes:
        state: ``away`` has lost the database or the broker, ``standby`` waits for its turn.
        published: Events confirmed by the broker since the process began, repeats included.
        dead: Rows that made no valid event, sent to ``hub.dead``.
        backlog: Rows that waited at the last heartbeat, counted up to ``outbox.COUNTED``.
        lag_ms: Age of the oldest of them.
        delay_ms: How long the last event that was published had waited since it was written.
        resyncs: How often it found the database in another place and told all to load anew.
        trouble: Why it is ``away``, else ``""``.
    """

    state: State = "away"
    published: int = 0
    dead: int = 0
    backlog: int = 0
    lag_ms: int = 0
    delay_ms: int = 0
    resyncs: int = 0
    trouble: str = ""


class Relay:
    """One relay process. Run it in a task; cancelling it is safe at any time, ``stop`` is kinder:
    it leaves nothing to be published twice.

    Args:
        database: DSN of the database, on a direct connection: a transaction pooler would lend our
            session, and the lock with it, to others.
        connect: How to reach the broker.
        name: What operators see, e.g. the host's name.
        wake: Whether writers wake it while it sleeps, see ``wake``.
    """

    def __init__(
        self, database: str, connect: Connect, *, name: str = "relay", wake: Mode = "off"
    ) -> None:
        self._database = database
        self._connect = connect
        self.name = f"{name}-{secrets.token_hex(3)}"
        self.status = RelayStatus()
        self.stopping = asyncio.Event()
        self._nudged = asyncio.Event()
        self.wake = Wake(database, wake, self._nudged.set)
        self._complaints = Complaints()
        self._outbox: Outbox | None = None

    @property
    def reached(self) -> Reached | None:
        """How far the cursor was known to be, whoever moved it: should the database go back."""
        return self._outbox.reached if self._outbox else None

    def stop(self) -> None:
        """Finish the page in hand (published, confirmed, remembered), say good-bye and end."""
        self.stopping.set()
        self._nudged.set()

    async def pause(self, seconds: float) -> None:
        """Sleep, but not on when we are to stop, or a writer says that there is something."""
        if self.stopping.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudged.wait()
        self._nudged.clear()

    async def run(self) -> None:
        """Relay until ``stop``. Trouble with the world is retried; a bug or a cancel ends it."""
        tries = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                async with relay_session(self._database) as connection:
                    broker = await self._broker()
                    try:
                        await self._serve(connection, broker)
                    finally:
                        await broker.close()
            except BrokerRefused:
                raise
            except TROUBLE as error:
                if time.monotonic() - began > backoff.LONGEST:  # it was good for a while
                    tries, self._complaints = 0, Complaints()
                self._away(plainly(error) if isinstance(error, DATABASE_TROUBLE) else str(error))
            await self.pause(backoff.pause(tries, random.random()))
            tries += 1

    async def _serve(self, connection: asyncpg.Connection, broker: Broker) -> None:
        outbox = Outbox(connection, owner=self.name, reached=self.reached)
        self._outbox = outbox
        term = _Term(self, connection, outbox, broker, await broker.open())
        await term.stand_by()
        async with self.wake.listening():
            await term.relay()
        await term.say_bye()

    async def _broker(self) -> Broker:
        try:
            return await self._connect(f"relay/{self.name}")
        except BrokerUnavailable as error:
            raise unreachable(error) from error

    def _away(self, trouble: str) -> None:
        if self._complaints.due(trouble, time.monotonic()):
            log.error("relay away: %s", trouble, extra={"action": "relay_away"})
        self.status = replace(self.status, state="away", trouble=trouble)


class _Term:
    """From one connection to its loss: nothing in here outlives it."""

    def __init__(
        self,
        relay: Relay,
        connection: asyncpg.Connection,
        outbox: Outbox,
        broker: Broker,
        channel: Channel,
    ) -> None:
        self._relay = relay
        self._db = connection
        self._outbox = outbox
        self._channel = channel
        self._post = Post(
            broker, channel, awake=outbox.stay_awake, beat=self._beat, count=self._count
        )
        self._beat_at = 0.0
        self._count_at = 0.0
        self._purge_at = 0.0

    async def stand_by(self) -> None:
        """Return once it is our turn, or we are to stop."""
        me = self._relay
        while not (me.stopping.is_set() or await self._outbox.try_lead()):
            me.status = replace(me.status, state="standby", trouble="", backlog=0, lag_ms=0)
            await self._outbox.glance()
            await self._beat()
            await me.pause(STANDBY)

    async def relay(self) -> None:
        """Carry what comes until we are to stop, or something is lost, which it raises."""
        me = self._relay
        if me.stopping.is_set():
            return
        origin = await self._claim()
        me.wake.begin()
        pause, busy_at = POLL_BUSY, time.monotonic()
        while not me.stopping.is_set():
            if await self._carry(origin):
                pause, busy_at = POLL_BUSY, time.monotonic()
                if me.stopping.is_set():
                    return
            await self._purge()
            await self._beat()
            if await me.wake.expect(self._db, sleepy=pause >= POLL_IDLE):
                continue
            await me.pause(pause)
            if time.monotonic() - busy_at > BUSY_FOR:
                pause = min(POLL_IDLE, pause * 2)

    async def say_bye(self) -> None:
        """Tell everybody that we end as we should. The database's lock goes with our session."""
        await self._relay.wake.hush(self._db)
        bye = Bye(who=self._relay.name, at=int(time.time() * 1000))
        message = Outgoing(topology.CONTROL, "", codec.pack(bye), persistent=False)
        await self._channel.confirmed(await self._channel.send([message]))

    async def _claim(self) -> Origin:
        me = self._relay
        origin = await self._outbox.claim()
        me.status = replace(me.status, state="relaying", trouble="")
        if self._outbox.broke:
            me.status = replace(me.status, resyncs=me.status.resyncs + 1)
            said = "%s: a new epoch, and everybody at a captured table's documents loads anew"
            log.warning(said, self._outbox.broke, extra={"action": "resync"})
        log.info("relaying", extra={"action": "relaying", "database": origin.database})
        return origin

    async def _carry(self, origin: Origin) -> bool:
        """Publish what is new, or until we are to stop after a page; whether there was anything."""
        before: tuple[Page, Sent] | None = None
        async with aclosing(self._outbox.pages()) as pages:
            async for page in pages:
                sent = await self._post.send(page, origin)  # while the one before is confirmed
                if before is not None:
                    await self._remember(*before)
                before = page, sent
                if self._relay.stopping.is_set():
                    break
                await self._beat()
            if before is not None:
                await self._remember(*before)
        return before is not None

    async def _remember(self, page: Page, sent: Sent) -> None:
        """Move the cursor behind a page, once it is confirmed."""
        me = self._relay
        await self._post.settled(sent)
        await self._outbox.move(page.then)
        waited = time.time() - page.rows[-1].at.timestamp()
        me.status = replace(me.status, delay_ms=max(0, int(waited * 1000)))

    async def _purge(self) -> None:
        """Delete what is published: a bounded piece now and then, piece after piece if need be."""
        if time.monotonic() >= self._purge_at:
            gone = await self._outbox.purge()
            self._purge_at = time.monotonic() + (0 if gone == PURGE else PURGE_EVERY)

    def _count(self, published: int, dead: int) -> None:
        me = self._relay
        me.status = replace(
            me.status, published=me.status.published + published, dead=me.status.dead + dead
        )

    async def _beat(self) -> None:
        """Tell everybody that we are alive, and how far behind."""
        me = self._relay
        if time.monotonic() < self._beat_at:
            return
        self._beat_at = time.monotonic() + BEAT
        active = me.status.state == "relaying"
        if active and time.monotonic() >= self._count_at:
            self._count_at = time.monotonic() + COUNT_EVERY
            backlog = await self._outbox.backlog()
            me.status = replace(me.status, backlog=backlog.rows, lag_ms=backlog.lag_ms)
        beat = RelayBeat(
            relay=me.name,
            at=int(time.time() * 1000),
            active=active,
            backlog=me.status.backlog,
            lag_ms=me.status.lag_ms,
            published=me.status.published,
            dead=me.status.dead,
            resyncs=me.status.resyncs,
            wake=me.wake.state,
            wakeups=me.wake.wakeups,
        )
        message = Outgoing(topology.CONTROL, "", codec.pack(beat), persistent=False)
        await self._channel.send([message])

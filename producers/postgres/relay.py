"""The one loop that carries committed events to the broker.

    stand by → claim the cursor → read a page → publish → confirmed → move the cursor → purge

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
from typing import Final, Literal

from broker import backoff
from broker.complaints import Complaints, unreachable
from broker.errors import BrokerError, BrokerRefused, BrokerUnavailable
from broker.port import Broker, Channel, Connect, Outgoing
from producers.postgres.database import DATABASE_TROUBLE, plainly, relay_session
from producers.postgres.envelope import Letter, Unsendable, envelope, together
from producers.postgres.outbox import PURGE, NotMigrated, NotOurs, Outbox
from producers.postgres.pace import Pace
from producers.postgres.rows import Origin, Page
from schemas import codec, events, limits, topology
from schemas.messages import Bye, RelayBeat

POLL_BUSY: Final = 0.025
POLL_IDLE: Final = 0.25
"""Seconds between two looks. Once nothing came for ``BUSY_FOR``, each pause is twice the last."""
BUSY_FOR: Final = 5.0
STANDBY: Final = 0.5
"""Seconds between two tries for the lock."""
FULL_SHARD: Final = 0.05
"""Seconds until a shard that is full is looked at again."""
AWAKE: Final = 1.0
"""While we wait for the broker, the database hears from us this often: a third of the silence
after which it ends the session."""
PATIENCE: Final = limits.REQUEST_MS / 1000
"""Seconds to wait for a confirm."""
PURGE_EVERY: Final = 1.0
BEAT: Final = 1.0
"""Seconds between two heartbeats: a gateway that has just started soon knows of us."""
COUNT_EVERY: Final = limits.HEARTBEAT_MS / 1000
"""Seconds between two looks at how far behind we are."""
DEAD_KEY: Final = "outbox"
"""Routing key on ``hub.dead``."""

TROUBLE: Final = (BrokerError, NotOurs, NotMigrated, *DATABASE_TROUBLE)
"""What the world may do to us. All of it is answered alike: begin anew."""

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
        trouble: Why it is ``away``, else ``""``.
    """

    state: Literal["away", "standby", "relaying"] = "away"
    published: int = 0
    dead: int = 0
    backlog: int = 0
    lag_ms: int = 0
    trouble: str = ""


class Relay:
    """One relay process. Run it in a task; cancelling it is safe at any time, ``stop`` is kinder:
    it leaves nothing to be published twice.

    Args:
        database: DSN of the database, on a direct connection: a transaction pooler would lend our
            session, and the lock with it, to others.
        connect: How to reach the broker.
        name: What operators see, e.g. the host's name.
    """

    def __init__(self, database: str, connect: Connect, *, name: str = "relay") -> None:
        self._database = database
        self._connect = connect
        self.name = f"{name}-{secrets.token_hex(3)}"
        self.status = RelayStatus()
        self._complaints = Complaints()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the page in hand (published, confirmed, remembered), say good-bye and end."""
        self.stopping.set()

    async def pause(self, seconds: float) -> None:
        """Sleep, but not on when we are to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()

    async def run(self) -> None:
        """Relay until ``stop``. Trouble with the world is retried; a bug or a cancel ends it."""
        tries = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                async with relay_session(self._database) as connection:
                    broker = await self._broker()
                    try:
                        outbox = Outbox(connection, owner=self.name)
                        term = _Term(self, outbox, broker, await broker.open())
                        await term.stand_by()
                        await term.relay()
                        await term.say_bye()
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

    def __init__(self, relay: Relay, outbox: Outbox, broker: Broker, channel: Channel) -> None:
        self._relay = relay
        self._outbox = outbox
        self._broker = broker
        self._channel = channel
        self._pace = Pace()
        self._beat_at = 0.0
        self._count_at = 0.0
        self._purge_at = 0.0

    async def stand_by(self) -> None:
        """Return once it is our turn, or we are to stop."""
        me = self._relay
        while not (me.stopping.is_set() or await self._outbox.try_lead()):
            me.status = replace(me.status, state="standby", trouble="", backlog=0, lag_ms=0)
            await self._beat()
            await me.pause(STANDBY)

    async def relay(self) -> None:
        """Carry what comes until we are to stop, or something is lost, which it raises."""
        me = self._relay
        if me.stopping.is_set():
            return
        origin = await self._outbox.claim()
        me.status = replace(me.status, state="relaying", trouble="")
        log.info("relaying", extra={"action": "relaying", "database": origin.database})
        pause, busy_at = POLL_BUSY, time.monotonic()
        while not me.stopping.is_set():
            async with aclosing(self._outbox.pages()) as pages:
                async for page in pages:
                    await self._publish(page, origin)
                    await self._outbox.move(page.then)
                    if me.stopping.is_set():
                        return
                    await self._beat()
                    pause, busy_at = POLL_BUSY, time.monotonic()
            await self._purge()
            await self._beat()
            await me.pause(pause)
            if time.monotonic() - busy_at > BUSY_FOR:
                pause = min(POLL_IDLE, pause * 2)

    async def say_bye(self) -> None:
        """Tell everybody that we end as we should. The database's lock goes with our session."""
        bye = Bye(who=self._relay.name, at=int(time.time() * 1000))
        message = Outgoing(topology.CONTROL, "", codec.pack(bye), persistent=False)
        await self._channel.confirmed(await self._channel.send([message]))

    async def _publish(self, page: Page, origin: Origin) -> None:
        """Return when the broker has confirmed every row of the page."""
        me = self._relay
        written = [envelope(row, origin) for row in page.rows]
        dead = [letter for letter in written if isinstance(letter, Unsendable)]
        letters = [letter for letter in written if isinstance(letter, Letter)]
        if dead:
            await self._send([_dead(letter) for letter in dead])
            me.status = replace(me.status, dead=me.status.dead + len(dead))
        while letters:
            fit = self._pace.fits([letter.slot for letter in letters[: together(letters)]])
            if fit:
                await self._send([_outgoing(letter) for letter in letters[:fit]])
                self._pace.sent([letter.slot for letter in letters[:fit]])
                me.status = replace(me.status, published=me.status.published + fit)
                letters = letters[fit:]
            else:
                await self._look(letters[0].slot)

    async def _send(self, batch: list[Outgoing]) -> None:
        """Publish and wait for the confirms, without letting the database think us dead."""
        last = await self._channel.send(batch)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                async with asyncio.timeout(AWAKE):
                    return await self._channel.confirmed(last)
            except TimeoutError:
                await self._outbox.stay_awake()
                if self._broker.held:  # An alarm: the outbox is the buffer.
                    deadline = time.monotonic() + PATIENCE
        raise BrokerUnavailable(f"no confirm within {PATIENCE} s")

    async def _look(self, slot: int) -> None:
        """See how far a shard's worker has come; wait a little if it is still full."""
        while self._broker.held:  # It would not answer, and the database would not hear from us.
            await asyncio.sleep(AWAKE)
            await self._outbox.stay_awake()
        depth = await self._broker.depth(topology.shard_queue(slot))
        self._pace.looked(slot, depth, now_ms=time.monotonic() * 1000)
        if not self._pace.room(slot):
            await asyncio.sleep(FULL_SHARD)
            await self._outbox.stay_awake()
            await self._beat()

    async def _purge(self) -> None:
        """Delete what is published: a bounded piece now and then, piece after piece if need be."""
        if time.monotonic() >= self._purge_at:
            gone = await self._outbox.purge()
            self._purge_at = time.monotonic() + (0 if gone == PURGE else PURGE_EVERY)

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
        )
        message = Outgoing(topology.CONTROL, "", codec.pack(beat), persistent=False)
        await self._channel.send([message])


def _outgoing(letter: Letter) -> Outgoing:
    return Outgoing(
        topology.IN,
        letter.key,
        letter.body,
        content_type=events.JSON_TYPE,
        message_id=letter.id,
    )


def _dead(letter: Unsendable) -> Outgoing:
    return Outgoing(
        topology.DEAD,
        DEAD_KEY,
        letter.body,
        headers={"reason": letter.reason},
        content_type=events.JSON_TYPE,
        message_id=letter.id,
    )

"""One shard in the hands of a worker: standing in line, taking over, turn after turn.

A channel that closes is a shard that is lost: forget everything, resend nothing, stand in line
again. What was not acknowledged is delivered again, to us or to another, and the log tells which of
it was numbered already.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import structlog

from broker.backoff import pause
from broker.cancelled import end_if_asked
from broker.complaints import Complaints
from broker.errors import BrokerUnavailable
from broker.port import Channel, Delivery, Inbox
from hub import metrics, publications
from hub.claim import take_over
from hub.exchanges import Outcome
from hub.owner import Owner
from hub.pace import gather_ms
from hub.past import Past
from hub.shard import Carried, Notice, Recalled, Shard
from hub.tail import Superseded
from hub.workplace import Workplace
from schemas import limits, topology
from schemas.ids import Slot

log = structlog.get_logger(__name__)


class Line:
    """Stands in line for one shard and works on it when it is our turn.

    Attributes:
        generation: Of our ownership; 0 while another works on the shard.
        consuming: Standing in line, or working.
        since: Own heartbeats heard back when the ownership began.
    """

    def __init__(self, slot: Slot, place: Workplace) -> None:
        self.slot = slot
        self.generation = 0
        self.consuming = False
        self.since = 0
        self._place = place
        self._wake = asyncio.Event()
        self._stopping = False
        self._arrived: list[Delivery] = []
        self._notices: list[Notice] = []
        self._distrusts_log = False
        self._careful = 0
        self._complaints = Complaints()

    @property
    def standing(self) -> bool:
        """In line, and not known to be active."""
        return self.consuming and not self.generation

    def stop(self) -> None:
        """Hand over: finish the turn, acknowledge, leave a probe for the next one, close the
        channel."""
        self._stopping = True
        self._wake.set()

    def tell(self, notice: Notice) -> None:
        """Something for the owner to know. Whoever only stands in line needs no notices."""
        if self.generation:
            self._notices.append(notice)
            self._wake.set()

    async def run(self) -> None:
        """Stand in line, work, and when the shard is lost stand in line again, until stopped.

        Error handling: whatever fails costs this ownership and no more. A mistake of ours is tried
        again ever more slowly (``backoff``); the message that a turn failed on is buried.

        Raises:
            BrokerUnavailable: The whole connection is gone.
        """
        attempt = 0
        while not self._stopping:
            worked = False
            try:
                await self._stand_in_line()
            except* (BrokerUnavailable, Superseded) as group:
                worked = self.generation > 0
                self._lost(group)
            except* Exception as group:
                self._failed(group)
            finally:
                self._forget()
            end_if_asked()
            if self._place.broker.lost:
                raise BrokerUnavailable("the connection is gone")
            attempt = 0 if worked else attempt + 1
            if not self._stopping:
                await asyncio.sleep(pause(attempt, random.random()))

    async def _stand_in_line(self) -> None:
        async with await self._place.broker.open() as channel:
            queue = topology.shard_queue(self.slot)
            inbox = await channel.consume(queue, prefetch=limits.PREFETCH)
            self.consuming = True
            self._place.changed()
            await channel.send([publications.probe(self.slot, self._place.worker)])
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._listen(inbox))
                while not (self._arrived or self._stopping):
                    await self._woken(None)
                if not self._stopping:
                    await self._own(tasks, channel, inbox)
                listening.cancel()

    async def _listen(self, inbox: Inbox) -> None:
        while True:
            taken = await inbox.take()
            self._arrived += taken
            self._wake.set()

    async def _woken(self, seconds: float | None) -> None:
        """Return when there is something to look at, or the time is over."""
        timer = None
        if seconds is not None:
            timer = asyncio.get_running_loop().call_later(max(seconds, 0), self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if timer is not None:
            timer.cancel()

    # --- the owner --------------------------------------------------------------------

    async def _own(self, tasks: asyncio.TaskGroup, channel: Channel, inbox: Inbox) -> None:
        place = self._place
        began = place.clock()
        async with place.behind.resting():
            book, tail, since = await take_over(
                place.broker,
                channel,
                self.slot,
                worker=place.worker,
                known_generation=place.roster.generation(self.slot),
                budget=place.budget,
                now=place.now(),
            )
        place.roster.expect(book.gateways)
        following = tasks.create_task(tail.follow())
        shard = Shard(self.slot, book, place.settings)
        shard.recalling = since > 0
        owner = Owner(place, shard, channel, inbox, tail, self._carried)
        try:
            self.generation, self.since = book.generation, place.roster.beats
            await owner.begin(trusted=not self._distrusts_log)
            self._distrusts_log = False
            metrics.OWNED.labels(str(self.slot)).set(1)
            metrics.TAKE_OVER_SECONDS.observe(place.clock() - began)
            log.info("shard_taken_over", slot=self.slot, generation=book.generation)
            place.changed()
            if since:
                place.behind.begin(self.slot, since, self._recalled(book.generation))
            await self._turns(owner)
        finally:
            owner.end()
            place.behind.end(self.slot)
            following.cancel()
            book.forget()
            await tail.close()

    async def _turns(self, owner: Owner) -> None:
        """Turn after turn, whenever something arrived or is due."""
        place = self._place
        loop = asyncio.get_running_loop()
        ended, taken = 0.0, 0
        while True:
            due = owner.due
            while not (self._arrived or self._notices or self._stopping):
                wait = due - place.now()
                if wait <= 0:
                    break
                await self._woken(wait / 1000)
            if self._stopping:
                await owner.hand_over()
                return
            if wait_ms := gather_ms((loop.time() - ended) * 1000, taken if self._arrived else 0):
                await asyncio.sleep(wait_ms / 1000)
            notices, self._notices = self._notices, []
            deliveries = self._next(notices)
            await self._turn(owner, deliveries, notices)
            ended, taken = loop.time(), len(deliveries)

    def _next(self, notices: list[Notice]) -> list[Delivery]:
        """All that has arrived; after a turn that failed one by one, and apart from notices."""
        most = len(self._arrived)
        if self._careful:
            most = 0 if notices else 1
            self._careful -= most
        deliveries, self._arrived = self._arrived[:most], self._arrived[most:]
        return deliveries

    async def _turn(self, owner: Owner, deliveries: list[Delivery], notices: list[Notice]) -> None:
        """One turn. When it fails by a mistake of ours the shard is lost: what we know of it may be
        half a turn ahead of the log. Whoever works on it next finds the message to blame."""
        try:
            await owner.turn(deliveries, notices)
        except (BrokerUnavailable, Superseded):
            raise
        except Exception as error:
            if len(deliveries) == 1:
                await owner.bury(deliveries[0], error)
            elif deliveries:
                self._careful = limits.PREFETCH
            raise

    def _carried(self, document: str, outcome: Outcome, generation: int) -> None:
        self.tell(Carried(document, outcome, generation))

    def _recalled(self, generation: int) -> Callable[[Past | None], None]:
        return lambda past: self.tell(Recalled(past, generation))

    def _failed(self, group: BaseExceptionGroup[Exception]) -> None:
        cause = _first(group)
        metrics.SHARDS_LOST.labels(type(cause).__name__).inc()
        if self._complaints.due(type(cause).__name__, asyncio.get_running_loop().time()):
            log.error("shard_failed", slot=self.slot, generation=self.generation, exc_info=cause)

    def _lost(self, group: BaseExceptionGroup[BrokerUnavailable | Superseded]) -> None:
        cause = _first(group)
        if self.generation and not isinstance(cause, Superseded):
            # Perhaps because an exchange was gone that the log says exists.
            self._distrusts_log = True
        metrics.SHARDS_LOST.labels(type(cause).__name__).inc()
        if not self._place.broker.lost:  # else the worker says it, once for all shards
            log.warning("shard_lost", slot=self.slot, generation=self.generation, why=str(cause))

    def _forget(self) -> None:
        consumed, self.consuming = self.consuming, False
        self.generation = 0
        self._arrived.clear()
        self._notices.clear()
        metrics.OWNED.labels(str(self.slot)).set(0)
        if consumed:
            self._place.changed()


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    cause = group.exceptions[0]
    return _first(cause) if isinstance(cause, BaseExceptionGroup) else cause

"""Reads behind service what is older than a take-over needed: so that who was away longer than the
last records reach still resumes.

One per worker, one stretch of one shard at a time, the latest stretch first, at most a quarter of
the time; it rests while shards are taken over. Shards at which somebody waits for it come first.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from broker.complaints import Complaints
from broker.errors import BrokerError
from broker.port import Broker
from hub import metrics
from hub.past import Past
from hub.tail import take_soon
from schemas import limits, topology
from schemas.errors import MalformedMessage
from schemas.ids import Slot
from schemas.log import read_past_record

log = structlog.get_logger(__name__)

STRETCH: Final = 2 * limits.LOG_REPLAY_RECORDS
"""Offsets (about records) read at once. A state is in any ``LOG_STATE_EVERY``, and what is before
the first of a stretch belongs to the next stretch."""
AT_ONCE: Final = 32
"""Records waiting in our process; folding so many does not hold up anybody's turn."""
REST: Final = 3.0
"""Times as long as a stretch took."""

TAKE_OVERS_AT_ONCE: Final = 4
"""One core reads no faster when all logs are read at once; one that is stuck keeps three going."""

Deliver = Callable[[Past | None], None]


@dataclass(slots=True)
class _Job:
    """Where one shard's reading is."""

    before: int
    deliver: Deliver
    stretch: int
    urgent: bool = False


class Behind:
    """One per worker, while a connection lasts.

    Args:
        now: Unix milliseconds.
    """

    def __init__(self, broker: Broker, now: Callable[[], int]) -> None:
        self._broker = broker
        self._now = now
        self._jobs: dict[Slot, _Job] = {}
        self._taking_over = 0
        self._turns = asyncio.Semaphore(TAKE_OVERS_AT_ONCE)
        self._news = asyncio.Event()
        self._complaints = Complaints()

    def begin(self, slot: Slot, before: int, deliver: Deliver) -> None:
        """Read a shard's log backwards from an offset. ``deliver`` gets each stretch, then
        ``None``: what follows is too old, or there is nothing."""
        self._jobs[slot] = _Job(before, deliver, STRETCH)
        self._news.set()

    def hurry(self, slot: Slot) -> None:
        """Somebody waits for this shard."""
        job = self._jobs.get(slot)
        if job is not None and not job.urgent:
            job.urgent = True
            self._news.set()

    def end(self, slot: Slot) -> None:
        """The shard is not ours any more."""
        self._jobs.pop(slot, None)

    @asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """While a shard is taken over. A few at a time: sixteen at once would all be late.

        Python's collector rests too, and passes over afterwards what was read: a third of the time
        it looked for cycles among a million events, and there are none.
        """
        self._taking_over += 1
        gc.disable()
        try:
            async with self._turns:
                yield
        finally:
            self._taking_over -= 1
            if not self._taking_over:
                gc.freeze()
                gc.enable()
            self._news.set()

    async def run(self) -> None:
        """Read, for ever.

        Raises:
            BrokerUnavailable: The connection is gone.
        """
        loop = asyncio.get_running_loop()
        rested_at = 0.0
        while True:
            self._news.clear()
            slot = self._next(rested=loop.time() >= rested_at)
            if slot is None:
                rest = rested_at - loop.time()
                await self._news_within(rest if self._jobs and rest > 0 else None)
                continue
            began = loop.time()
            await self._read_on(slot, self._jobs[slot])
            rested_at = loop.time() + REST * (loop.time() - began)

    def _next(self, *, rested: bool) -> Slot | None:
        if self._taking_over:
            return None
        urgent = (slot for slot, job in self._jobs.items() if job.urgent)
        return next(urgent, next(iter(self._jobs), None) if rested else None)

    async def _news_within(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _read_on(self, slot: Slot, job: _Job) -> None:
        """One more stretch of a shard. A log that cannot be read costs history, not service."""
        job.urgent = False
        try:
            past = await self._read(slot, job)
        except BrokerError as error:
            if self._broker.lost:
                raise
            log.warning("history_not_read", slot=slot, why=str(error))
            past = Past()
        if self._jobs.get(slot) is not job:
            return
        del self._jobs[slot]  # the others first
        if past.documents:
            job.deliver(past)
        if self._goes_on(job, past):
            self._jobs[slot] = job
        else:
            job.deliver(None)

    def _goes_on(self, job: _Job, past: Past) -> bool:
        """Whether something older may be of use."""
        if not past.records:
            return False  # retention has been here
        if past.since is None:
            job.stretch *= 2  # nobody wrote a state for so long
            return job.stretch <= 8 * STRETCH and job.before > job.stretch // 2
        reached_beginning = job.before <= job.stretch
        job.before = past.since
        too_old = 0 < past.newest_at < self._now() - limits.HISTORY_MS
        return not (reached_beginning or too_old)

    async def _read(self, slot: Slot, job: _Job) -> Past:
        """The records from ``stretch`` offsets before ``before`` up to it."""
        past, start = Past(), max(0, job.before - job.stretch)
        async with await self._broker.open() as channel:
            inbox = await channel.consume(topology.log_queue(slot), prefetch=AT_ONCE, offset=start)
            at = start
            while at < job.before:
                taken = await take_soon(self._broker, inbox)
                for delivery in taken:
                    at = delivery.offset or 0
                    if start <= at < job.before:
                        self._fold(past, delivery.body, at)
                inbox.ack(taken[-1].tag)
        metrics.READ_BEHIND.inc()
        return past

    def _fold(self, past: Past, body: bytes, at: int) -> None:
        try:
            past.fold(read_past_record(body), at)
        except MalformedMessage as error:
            log.error("log_record_unreadable", at=at, why=error.why)
        except Exception as error:  # a mistake of ours costs this record's events
            if self._complaints.due(type(error).__name__, self._now() / 1000):
                log.exception("log_record_failed", at=at)

"""The owner of a shard carries out what it decides.

``_carry_out`` is the guarantee: append, read back, publish, confirmed, acknowledge, in this order
and no other. All but the reading happens on one plain channel.
The last message is acknowledged only when there is another one, see ``bell``.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from broker.complaints import Complaints
from broker.port import Channel, Delivery, Inbox
from hub import closing, decide, metrics, publications
from hub.bell import Bell
from hub.exchanges import Order, Outcome
from hub.shard import Notice, Shard, Turn
from hub.tail import Tail, record_name
from hub.workplace import Workplace
from schemas import limits, topology
from schemas.log import Numbered, Record
from schemas.messages import SeatsWanted

log = structlog.get_logger(__name__)


class Owner:
    """Carries out what a shard decides."""

    def __init__(
        self,
        place: Workplace,
        shard: Shard,
        channel: Channel,
        inbox: Inbox,
        tail: Tail,
        carried: Callable[[str, Outcome, int], None],
    ) -> None:
        self._place = place
        self._shard = shard
        self._channel = channel
        self._inbox = inbox
        self._tail = tail
        self._carried = carried
        self._records = 0
        self._batches = 0
        self._bytes = 0
        self._state_due = 0
        self._over = False
        self._last_tag = 0
        self._bell = Bell(place.now())
        self._complaints = Complaints()

    async def begin(self, *, trusted: bool) -> None:
        """The first turn: write the state down, ask the gateways for their seats."""
        place, shard = self._place, self._shard
        turn = Turn(shard, place.now())
        # A worker that has listened for a while knows who is alive, and need not wait for others.
        closing.begin(
            turn,
            awaited=place.roster.live(),
            settle_ms=place.settings.settle_ms if place.roster.young else 0,
            answers_ms=place.settings.answers_ms,
            trusted=trusted,
        )
        wanted = SeatsWanted(slot=shard.slot, generation=shard.book.generation)
        turn.out.append(publications.control(wanted))
        await self._append([self._state()])
        await self._carry_out(turn, 0)

    async def turn(self, deliveries: list[Delivery], notices: list[Notice]) -> None:
        """Decide on what has arrived, close the turn, carry it out."""
        turn = Turn(self._shard, self._place.now())
        for notice in notices:
            try:
                decide.notice(turn, notice)
            except Exception as error:
                turn.failed.append(error)
        for delivery in deliveries:
            try:
                decide.take(turn, delivery)
            except Exception as error:  # one try: nobody else may suffer from it
                decide.bury(turn, delivery, f"the hub failed on it: {error!r}")
                turn.failed.append(error)
        closing.close(turn)
        self._complain(turn)
        self._keep_awake(turn, deliveries)
        with metrics.TURN_SECONDS.time():
            # All but the last; tags count up by one.
            await self._carry_out(turn, deliveries[-1].tag - 1 if deliveries else 0)
        if self._shard.held:
            self._place.behind.hurry(self._shard.slot)
        self._count(turn, len(deliveries))

    async def bury(self, delivery: Delivery, error: Exception) -> None:
        """A whole turn failed on this message alone: one try was enough."""
        queue = topology.shard_queue(self._shard.slot)
        letter = publications.dead(delivery, queue, f"the hub failed on it: {error!r}")
        await self._channel.confirmed(await self._channel.send([letter]))
        self._inbox.ack(delivery.tag)
        metrics.DEAD.labels("shard").inc()

    @property
    def due(self) -> int:
        """When a turn is needed although nobody says anything: Unix milliseconds."""
        return min(closing.due(self._shard), self._bell.due)

    async def hand_over(self) -> None:
        """Leave nothing undone but a probe, which wakes the next owner when the channel closes."""
        probe = publications.probe(self._shard.slot, self._place.worker)
        await self._channel.confirmed(await self._channel.send([probe]))
        self._inbox.ack(self._last_tag)

    def end(self) -> None:
        """The ownership is over: what was ordered and not begun is not ours to do."""
        self._over = True

    def _keep_awake(self, turn: Turn, deliveries: list[Delivery]) -> None:
        if deliveries:
            self._last_tag = deliveries[-1].tag
            probe = publications.is_probe(self._shard.slot, deliveries[-1])
            self._bell.heard(turn.now, probe=probe)
        elif self._bell.rings(turn.now):
            turn.out.append(publications.probe(self._shard.slot, self._place.worker))

    async def _carry_out(self, turn: Turn, upto: int) -> None:
        """Append, read back, publish, confirmed, acknowledge: the order is the guarantee."""
        if turn.facts:
            await self._append(self._records_of(turn))
        if turn.out:
            await self._channel.confirmed(await self._channel.send(turn.out))
        if upto:
            self._inbox.ack(upto)
        for order in turn.orders:
            self._hand_on(order)
        for notice in self._place.roster.seen(turn.heard):
            self._place.tell(notice)

    async def _append(self, records: list[Record]) -> None:
        """Write records to the log and return once they were read back."""
        messages = []
        for record in records:
            self._records += 1
            name = record_name(self._shard.book.nonce, self._records)
            message = publications.record(self._shard.slot, record, name)
            self._bytes += len(message.body)
            messages.append(message)
        await self._channel.send(messages)
        await self._tail.read_back(self._records)

    def _records_of(self, turn: Turn) -> list[Record]:
        book = self._shard.book
        records: list[Record] = [*publications.batches(turn.facts, book.nonce, self._batches + 1)]
        self._batches += len(records)
        if (
            self._records + len(records) >= self._state_due
            or self._bytes >= limits.LOG_STATE_EVERY_BYTES
        ):
            records.append(self._state())
        return records

    def _state(self) -> Record:
        """A state record. Folded here as well, so that we forget what a successor does not know."""
        state = self._shard.book.state(self._shard.rooms)
        self._shard.book.fold(state)
        self._bytes = 0
        self._state_due = self._records + self._place.settings.state_every
        return state

    def _hand_on(self, order: Order) -> None:
        generation = self._shard.book.generation

        def done(outcome: Outcome) -> None:
            self._carried(order.document, outcome, generation)

        self._place.keeper.give(order, done, lambda: not self._over)

    def _complain(self, turn: Turn) -> None:
        for error in turn.failed:
            metrics.FAILED.inc()
            if self._complaints.due(type(error).__name__, self._place.clock()):
                log.error("mistake", slot=self._shard.slot, exc_info=error)

    def _count(self, turn: Turn, messages: int) -> None:
        metrics.TURNS.inc()
        if messages:
            metrics.MESSAGES.observe(messages)
        if turn.facts:
            metrics.EVENTS.inc(sum(isinstance(fact, Numbered) for fact in turn.facts))
            metrics.HISTORY_BYTES.set(self._place.budget.used)
        if turn.unknown:
            metrics.UNKNOWN.labels("shard").inc(turn.unknown)
        if turn.dead:
            metrics.DEAD.labels("shard").inc(len(turn.dead))

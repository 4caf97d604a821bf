"""What the bus brings, and whom it concerns.

Two kinds of messages come to a gateway's queue: documents' messages, whose headers say all we need,
and msgpack ones, from owners to this gateway (``Replies``) or from everybody to everybody
(``hub.control``). One that is neither goes to ``hub.dead``, and the next is served.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from broker.complaints import Complaints
from broker.port import Channel, Delivery
from gateway import metrics
from gateway.health import Health
from gateway.heard import Heard
from gateway.lookups import Lookups
from gateway.switchboard import Switchboard
from schemas import messages, topology
from schemas.errors import MalformedMessage
from schemas.ids import SLOTS, ConnectionId
from schemas.messages import (
    Answer,
    Bye,
    Done,
    GatewayBeat,
    HubBeat,
    LeaseLost,
    Marks,
    Part,
    Refused,
    RelayBeat,
    Replies,
    Reply,
    SeatsWanted,
    Succeeded,
    Unknown,
    owned_slots,
)

log = structlog.get_logger(__name__)

INBOX: Final = 1024
"""Messages that may have arrived and wait for us; then the connection is not read further."""


class Downlink:
    """Hands deliveries to the switchboard."""

    def __init__(
        self,
        switchboard: Switchboard,
        heard: Heard,
        health: Health,
        lookups: Lookups,
        clock: Callable[[], float],
    ) -> None:
        self._board = switchboard
        self._heard = heard
        self._health = health
        self._lookups = lookups
        self._complaints = Complaints()
        self._clock = clock

    async def listen(self, channel: Channel, queue: str) -> None:
        """Take what comes until the channel is lost.

        Raises:
            ChannelLost: It is.
        """
        inbox = await channel.consume(queue, prefetch=INBOX, no_ack=True)
        while True:
            now = int(self._clock() * 1000)
            deliveries = await inbox.take()
            metrics.RECEIVED.inc(len(deliveries))
            for delivery in deliveries:
                self.deliver(delivery, queue, now)
            self._board.do(self._board.rooms.tell(), now)

    async def mind_overflow(self, channel: Channel, queue: str) -> None:
        """Whatever comes here says that messages to us were dropped: tell all seats again.

        Raises:
            ChannelLost: The channel is lost.
        """
        inbox = await channel.consume(f"{queue}.lost", prefetch=INBOX, no_ack=True)
        while True:
            await inbox.take()
            log.warning("messages to this gateway were dropped, telling all seats", queue=queue)
            self._board.outbox.roll()

    def deliver(self, delivery: Delivery, queue: str, now: int) -> None:
        """One message."""
        try:
            if delivery.exchange == topology.CONTROL:
                self._control(delivery.body, now)
            elif "w" in delivery.headers:
                self._document(messages.read_marks(delivery.headers), delivery.body, now)
            else:
                self._replies(messages.read_replies(delivery.body), now)
        except MalformedMessage as error:
            metrics.MALFORMED.inc()
            self._board.outbox.dead(delivery, queue, error.why)
        except Exception as error:  # Our mistake: it shall not cost the next message.
            if self._complaints.due(type(error).__name__, self._clock()):
                log.exception("a message from the bus failed", key=delivery.key)
            self._board.outbox.dead(delivery, queue, f"our mistake: {type(error).__name__}")

    def _document(self, marks: Marks | Unknown, body: bytes, now: int) -> None:
        if isinstance(marks, Unknown):
            metrics.UNKNOWN.labels("document").inc()
        else:
            self._board.do(self._board.rooms.hear(marks, body, now), now)

    def _replies(self, said: Replies | Unknown, now: int) -> None:
        if isinstance(said, Unknown):
            metrics.UNKNOWN.labels("reply").inc()
            return
        if not 0 <= said.slot < SLOTS:
            raise MalformedMessage(f"there is no slot {said.slot}", 0)
        if not self._board.rooms.owned(said.slot, said.generation):
            return
        for reply in said.replies:
            self._reply(said.slot, said.generation, reply, now)

    def _reply(self, slot: int, generation: int, reply: Reply | Unknown, now: int) -> None:
        rooms, errands = self._board.rooms, self._board.errands
        match reply:
            case Answer():
                self._lookups.answered(reply)
                self._board.do(rooms.answer(slot, generation, reply, now), now)
            case Part():
                self._board.do(rooms.part(slot, generation, reply, now), now)
                self._lookups.told(reply.collection)
            case Done():
                errands.done(reply)
            case Refused():
                errands.refused(reply)
            case LeaseLost():
                errands.lease_lost(reply)
            case Unknown():
                metrics.UNKNOWN.labels("reply").inc()

    def _control(self, body: bytes, now: int) -> None:
        said = messages.read_control(body)
        match said:
            case HubBeat():
                self._heard.beat(said, now)
                for slot, generation in owned_slots(said):
                    self._board.rooms.owned(slot, generation)
                self._health.heard()
            case GatewayBeat() | RelayBeat():
                self._heard.beat(said, now)
            case SeatsWanted():
                self._seats_wanted(said)
            case Succeeded():
                self._board.succeeded(ConnectionId(said.previous), said.user, now)
            case Bye():
                self._heard.bye(said)
            case Unknown():
                metrics.UNKNOWN.labels("control").inc()

    def _seats_wanted(self, said: SeatsWanted) -> None:
        if not 0 <= said.slot < SLOTS:
            raise MalformedMessage(f"there is no slot {said.slot}", 0)
        newest = self._board.rooms.owned(said.slot, said.generation)
        if newest and said.gateway in (None, self._board.gateway):
            self._board.outbox.roll(said.slot)

"""One worker on ``hub.control``: its heartbeats, what it hears, and probes for silent shards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from typing import Final

import structlog

from broker.port import Broker, Channel, Inbox, Outgoing
from hub import metrics, publications
from hub.line import Line
from hub.shard import Heard
from hub.workplace import Workplace
from schemas import codec, limits, topology
from schemas.errors import MalformedMessage
from schemas.ids import Slot
from schemas.messages import Bye, HubBeat, Unknown, read_control

log = structlog.get_logger(__name__)

ANSWER_S: Final = 0.3
"""A gateway that was not heard before is answered with a heartbeat within this: it is ready once it
has heard one. At a random moment, so that many hubs do not speak at once, and once for all the
gateways that came in the meantime."""


class Control:
    """Runs while a connection lasts.

    Args:
        lines: By slot; changes as shards come and go.
        staff: To be called whenever what it rests on may have changed, and now and then.
        said: What others are told of the slots we stand in line for.
    """

    def __init__(
        self,
        place: Workplace,
        lines: Mapping[Slot, Line],
        staff: Callable[[], None],
        said: Callable[[Collection[Slot]], list[int]],
    ) -> None:
        self._place = place
        self._lines = lines
        self._staff = staff
        self._said = said
        self._beat_now = asyncio.Event()
        self._channel: Channel | None = None
        self._answering: asyncio.TimerHandle | None = None
        self._leaving = False
        self.listening = False

    def beat_soon(self) -> None:
        """The shards we work on changed: let the others know."""
        self._beat_now.set()

    def _answer_soon(self) -> None:
        if self._answering is None:
            loop = asyncio.get_running_loop()
            self._answering = loop.call_later(random.random() * ANSWER_S, self._answer)

    def _answer(self) -> None:
        self._answering = None
        self.beat_soon()

    async def run(self, broker: Broker, queue: str) -> None:
        """Hear, beat and look, for ever.

        Raises:
            BrokerUnavailable: The connection is gone.
        """
        async with await broker.open() as channel:
            self._channel = channel
            inbox = await channel.consume(queue, prefetch=limits.PREFETCH, no_ack=True)
            self.listening = True
            self._place.changed()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(inbox))
                tasks.create_task(self._beat(channel))
                tasks.create_task(self._look(channel))

    async def bye(self) -> None:
        """Say that we end as we should, so that nobody waits for us."""
        self._leaving = True
        if self._channel is not None:
            message = Bye(who=self._place.worker, at=self._place.now())
            await self._channel.confirmed(await self._channel.send([_control(codec.pack(message))]))

    async def _hear(self, inbox: Inbox) -> None:
        place = self._place
        while True:
            for delivery in await inbox.take():
                try:
                    message = read_control(delivery.body)
                except MalformedMessage as error:
                    log.debug("control_unreadable", why=error.why)
                    continue
                if isinstance(message, Unknown):
                    metrics.UNKNOWN.labels("control").inc()
                    continue
                hubs = place.roster.hubs
                for notice in place.roster.hear(message, place.now()):
                    place.tell(notice)
                    if isinstance(notice, Heard):
                        self._answer_soon()
                if place.roster.hubs != hubs:
                    self.beat_soon()  # whoever is new knows nothing of us
                if isinstance(message, HubBeat | Bye):
                    self._staff()

    async def _beat(self, channel: Channel) -> None:
        place = self._place
        while not self._leaving:
            self._beat_now.clear()
            self._staff()
            shards = {str(slot): line.generation for slot, line in self._lines.items()}
            message = HubBeat(
                worker=place.worker,
                at=place.now(),
                shards={slot: generation for slot, generation in shards.items() if generation},
                standing=self._said([slot for slot, line in self._lines.items() if line.standing]),
            )
            await channel.send([_control(codec.pack(message))])
            try:
                async with asyncio.timeout(place.settings.heartbeat_ms / 1000):
                    await self._beat_now.wait()
                # Sixteen shards come and go together; one heartbeat tells of all.
                await asyncio.sleep(0.05)
            except TimeoutError:
                pass

    async def _look(self, channel: Channel) -> None:
        """Shards nobody says to own may be ours without our knowing: wake whoever it is."""
        place = self._place
        while True:
            await asyncio.sleep(place.settings.probe_ms / 1000)
            self._staff()
            for notice in place.roster.passed(place.now()):
                place.tell(notice)
            probes = [
                publications.probe(line.slot, place.worker)
                for slot, line in self._lines.items()
                if not line.generation and not place.roster.is_owned(slot)
            ]
            if probes:
                await channel.send(probes)


def _control(body: bytes) -> Outgoing:
    return Outgoing(topology.CONTROL, "", body, content_type=codec.MSGPACK, persistent=False)

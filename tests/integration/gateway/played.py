"""A hub that does what the test tells it, and remembers all it was told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.memory import Bus
from broker.port import Binding, Broker, Channel, Delivery, Outgoing, QueueSpec
from schemas import codec, frames, ids, messages, topology
from schemas.errors import MalformedMessage
from schemas.ids import SLOTS, DocumentId
from schemas.messages import (
    Act,
    Acts,
    Answer,
    AskAct,
    Control,
    HubBeat,
    Life,
    Marks,
    PresenceNow,
    Replies,
    Reply,
    Seats,
    SeatsWanted,
    ToShard,
    UserNow,
    Watch,
)
from tests.integration.gateway.support import Browser, House, house

EPOCH = ids.epoch_name(1_000)


class Door:
    """Connections to a bus that can be shut for a while."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.open = True

    async def connect(self, name: str) -> Broker:
        if not self.open:
            raise BrokerUnavailable("the door is shut")
        return await self.bus.connect(name)


class PlayedHub:
    """Owner of all shards.

    Attributes:
        told: What gateways said to shards, in order. ``lives``: of connections. ``dead``: letters.
        silent: It answers no questions.
        seqs: Where each document stands; nothing older is kept.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.generation = 1
        self.silent = False
        self.told: list[ToShard] = []
        self.lives: list[Life] = []
        self.control: list[Control] = []
        self.dead: list[Delivery] = []
        self.seqs: dict[str, int] = {}
        self.users: list[UserNow] = []
        self.v = 0
        self.door = Door(bus)
        self._channel: Channel | None = None

    async def run(self, *, up: asyncio.Event) -> None:
        broker = await self.bus.connect("played hub")
        await declare(broker, topology.installation())
        queue = QueueSpec("played", {"x-queue-type": "classic"})
        bindings = [
            Binding(topology.CLIENTS, "played", "#"),
            Binding(topology.CONTROL, "played", ""),
            Binding(topology.DEAD, "played", "#"),
        ]
        await broker.declare([queue], [], bindings)
        self._channel = await broker.open()
        inbox = await (await broker.open()).consume("played", prefetch=1000, no_ack=True)
        await self.beat()
        up.set()
        while True:
            for delivery in await inbox.take():
                await self._take(delivery)

    async def _take(self, delivery: Delivery) -> None:
        if delivery.exchange == topology.DEAD:
            self.dead.append(delivery)
        elif delivery.exchange == topology.CONTROL:
            try:
                said = messages.read_control(delivery.body)
            except MalformedMessage:
                return
            assert not isinstance(said, messages.Unknown)
            self.control.append(said)
            if isinstance(said, messages.GatewayBeat):
                await self.beat()
        elif delivery.key.startswith(("connect.", "disconnect.")):
            life = messages.read_life(delivery.body)
            assert not isinstance(life, messages.Unknown)
            self.lives.append(life)
        elif delivery.key.startswith(":"):
            message = messages.read_to_shard(delivery.body)
            assert not isinstance(message, messages.Unknown)
            self.told.append(message)
            if isinstance(message, Acts):
                for act in message.acts:
                    if isinstance(act, AskAct) and not self.silent:
                        await self.answer(message, act)

    async def beat(self) -> None:
        if self.generation:
            shards = {str(slot): self.generation for slot in range(SLOTS)}
            said = HubBeat(worker="played", at=int(time.time() * 1000), shards=shards)
            await self.say(said)

    async def say(self, said: Control) -> None:
        await self.publish(topology.CONTROL, "", codec.pack(said))

    async def publish(
        self, exchange: str, key: str, body: bytes, headers: dict[str, Any] | None = None
    ) -> None:
        assert self._channel is not None
        await self._channel.send([Outgoing(exchange, key, body, headers=headers or {})])

    async def answer(self, to: Acts, ask: AskAct) -> None:
        seq = self.seqs.get(to.document, 0)
        since = ask.since.seq if ask.since else seq
        said = Answer(
            ask=ask.ask,
            document=to.document,
            epoch=EPOCH,
            seq=seq,
            since=min(since, seq),
            recovered=True,
            events=[event(to.document, n) for n in range(since + 1, seq + 1)],
            presence=PresenceNow(
                v=self.v + 1, users=self.users, reading=len(self.users), editing=0, complete=True
            ),
        )
        await self.reply(to, ids.slot_of(DocumentId(to.document)), [said])

    async def reply(self, to: Acts | Seats | Watch, slot: int, replies: Sequence[Reply]) -> None:
        said = Replies(slot=slot, generation=self.generation, replies=list(replies))
        address = topology.gateway_address(to.gateway, to.term)
        await self.publish(topology.EVENTS, address, codec.pack(said))

    async def event(
        self, to: Acts | Seats | Watch, document: str, seq: int, generation: int = 0
    ) -> None:
        """Publish event ``seq``; the document stands there from now on."""
        self.seqs[document] = max(self.seqs.get(document, 0), seq)
        marks = Marks("event", document, generation or self.generation, EPOCH, seq)
        headers = {**marks.headers(), "BCC": [topology.gateway_address(to.gateway, to.term)]}
        frame = frames.event_frame(document, seq, event(document, seq))
        key = topology.event_key(DocumentId(document), "said")
        await self.publish(topology.EVENTS, key, frame, headers)

    async def want_seats(self, slot: int) -> None:
        await self.say(SeatsWanted(slot=slot, generation=self.generation))

    def acts(self, *kinds: type[Act]) -> list[Act]:
        acts = [act for said in self.told if isinstance(said, Acts) for act in said.acts]
        assert not any(isinstance(act, messages.Unknown) for act in acts)
        return [
            act
            for act in acts
            if not isinstance(act, messages.Unknown) and (not kinds or isinstance(act, kinds))
        ]

    def seats(self) -> list[Seats]:
        return [said for said in self.told if isinstance(said, Seats)]

    def watches(self) -> list[Watch]:
        return [said for said in self.told if isinstance(said, Watch)]


def event(document: str, n: int) -> bytes:
    return b'{"specversion":"1.0","id":"%d","source":"/test","type":"said","subject":"%b"}' % (
        n,
        document.encode(),
    )


DOC, LIST = "article.42", "article.~"
SLOT = ids.slot_of(ids.parse_document(DOC))


@asynccontextmanager
async def played(**settings: Any) -> AsyncIterator[tuple[House, PlayedHub]]:
    async with house(0, hub=False) as built:
        hub, up = PlayedHub(built.bus), asyncio.Event()
        task = built.tasks.create_task(hub.run(up=up))
        await up.wait()
        hub.door = Door(built.bus)
        await built.gateway(hub.door.connect, **settings)
        await built.ready()
        yield built, hub
        await built.close()
        task.cancel()


async def joined(built: House, user: str = "leela") -> Browser:
    browser = await built.browser(user)
    assert (await browser.ask("join", document=DOC))["type"] == "joined"
    return browser


def last_acts(hub: PlayedHub) -> Acts:
    return [said for said in hub.told if isinstance(said, Acts)][-1]

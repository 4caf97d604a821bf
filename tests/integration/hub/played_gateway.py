"""A gateway that is nothing but its messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from broker.declare import declare
from broker.port import Broker, Channel, Connect, Delivery, Inbox, Outgoing
from hub.ownership import table
from schemas import codec, limits, messages, topology
from schemas.ids import SLOTS, DocumentId, GatewayId, routing_key, slot_of
from schemas.messages import Act, Acts, AskAct, JoinAct, Place, Reply, Seat, Seats
from schemas.presence import Mode


@dataclass
class Heard:
    """What one gateway heard of documents: frames as JSON with their marks."""

    marks: messages.Marks
    frame: dict[str, Any]


@dataclass
class Gateway:
    """Says what a gateway says, hears what it hears."""

    id: GatewayId
    broker: Broker
    uplink: Channel
    term: int = 1
    replies: list[Reply] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    wanted: list[messages.SeatsWanted] = field(default_factory=list)
    hubs: dict[str, messages.HubBeat] = field(default_factory=dict)
    seats: dict[tuple[str, str], Seat] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    collections: list[str] = field(default_factory=list)
    answering: bool = True
    beating: bool = True
    _seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    async def run(self, inbox: Inbox) -> None:
        while True:
            for delivery in await inbox.take():
                await self._take(delivery)

    async def keep_beating(self) -> None:
        while True:
            if self.beating:
                await self.beat()
            await asyncio.sleep(0.1)

    async def _take(self, delivery: Delivery) -> None:
        if delivery.exchange == topology.CONTROL:
            message = messages.read_control(delivery.body)
            if isinstance(message, messages.SeatsWanted) and message.gateway in (None, self.id):
                self.wanted.append(message)
                if self.answering:
                    await self.tell_seats(message.slot)
            elif isinstance(message, messages.HubBeat):
                self.hubs[message.worker] = message
        elif delivery.content_type == codec.MSGPACK:
            said = codec.read(delivery.body, messages.Replies)
            for reply in said.replies:
                assert not isinstance(reply, messages.Unknown)
                self.replies.append(reply)
                if isinstance(reply, messages.Answer):
                    self._learn(reply, said.generation)
        else:
            marks = messages.read_marks(delivery.headers)
            assert not isinstance(marks, messages.Unknown)
            self.heard.append(Heard(marks, json.loads(delivery.body)))
            if marks.what == "event":
                event = self.heard[-1].frame["event"]
                self._see(marks.document, marks.epoch, marks.seq, event, marks.generation)
            elif marks.what == "reset" and marks.document in self.places:
                self.places[marks.document] = Place(
                    marks.document, marks.epoch, marks.seq, reached=marks.generation
                )

    def _learn(self, answer: messages.Answer, generation: int) -> None:
        known = self.places.get(answer.document)
        if known is None or (known.epoch != answer.epoch and not answer.recovered):
            self.places[answer.document] = Place(answer.document, answer.epoch, answer.since)
        for index, body in enumerate(answer.events):
            seq = answer.since + 1 + index
            self._see(answer.document, answer.epoch, seq, json.loads(body), generation)

    def _see(
        self, document: str, epoch: str, seq: int, event: dict[str, Any], generation: int
    ) -> None:
        """As a gateway does: what is older than known is dropped, a gap waits for an answer."""
        at = self.places.get(document, Place(document, epoch, 0))
        last = at.seq if at.epoch == epoch else 0
        if seq == 0 or seq == last + 1:
            self._seen.setdefault(document, []).append((seq, event["id"]))
        if seq == last + 1:
            self.places[document] = Place(document, epoch, seq, reached=generation)

    async def act(self, document: str, *acts: Act) -> None:
        """Publish acts at one document, having done to our own seats what they say."""
        for act in acts:
            place = document, act.connection
            if isinstance(act, messages.LeaveAct):
                self.seats.pop(place, None)
            if isinstance(act, messages.UpdateAct) and act.mode and place in self.seats:
                self.seats[place] = msgspec.structs.replace(self.seats[place], mode=act.mode)
        message = Acts(gateway=self.id, term=self.term, document=document, at=0, acts=list(acts))
        key = routing_key(DocumentId(document))
        await self.publish(topology.CLIENTS, key, codec.pack(message))

    async def join(
        self, document: str, connection: str, user: str, mode: Mode = "reading", ask: int = 0
    ) -> None:
        """Take a seat; with ``ask`` also ask for the document."""
        self.seats[document, connection] = Seat(
            document=document,
            connection=connection,
            user=user,
            name=user.title(),
            info=b"{}",
            mode=mode,
            state=b"{}",
        )
        joined = JoinAct(
            connection=connection,
            user=user,
            name=user.title(),
            info=b"{}",
            mode=mode,
            state=b"{}",
        )
        asked = [AskAct(connection="", ask=ask)] if ask else []
        await self.act(document, joined, *asked)

    async def tell_seats(self, slot: int) -> None:
        """Publish ``Seats`` of one slot."""
        message = Seats(
            gateway=self.id,
            term=self.term,
            slot=slot,
            at=0,
            places=[p for d, p in self.places.items() if slot_of(DocumentId(d)) == slot],
            seats=[s for (d, _), s in self.seats.items() if slot_of(DocumentId(d)) == slot],
            collections=self.collections,
        )
        await self.publish(topology.CLIENTS, topology.seats_key(slot), codec.pack(message))

    async def watch(self, collection: str) -> None:
        """Watch a collection: told to all shards."""
        self.collections.append(collection)
        message = messages.Watch(gateway=self.id, term=self.term, collection=collection, on=True)
        await self.publish(
            topology.CLIENTS,
            topology.watch_key(0),
            codec.pack(message),
            headers={"BCC": [topology.watch_key(slot) for slot in range(1, SLOTS)]},
        )

    async def beat(self) -> None:
        """One heartbeat."""
        message = messages.GatewayBeat(gateway=self.id, term=self.term, at=0, connections=0)
        await self.publish(topology.CONTROL, "", codec.pack(message))

    async def publish(
        self, exchange: str, key: str, body: bytes, headers: dict[str, Any] | None = None
    ) -> None:
        message = Outgoing(exchange, key, body, headers or {})
        await self.uplink.confirmed(await self.uplink.send([message]))

    def at_rest(self, *workers: str) -> bool:
        """Whether these workers, and nobody else, say to be where the table wants them; if not,
        fails with where they are."""
        assert set(workers) <= set(self.hubs)
        owned = {(int(slot), name) for name in workers for slot in self.hubs[name].shards}
        stands = {(slot, name) for name in workers for slot in self.hubs[name].standing}
        names = dict(enumerate(table(workers)))
        assert owned == {(slot, named.owner) for slot, named in names.items()}
        assert stands == {(slot, named.next) for slot, named in names.items() if named.next}
        return True

    def events(self, document: str) -> list[tuple[int, str]]:
        """(seq, id) of the events of a document, as a browser gets them."""
        return self._seen.get(document, [])

    def answer(self, ask: int) -> messages.Answer | None:
        """The answer to a question, if it came. More than one is a failure."""
        found = [r for r in self.replies if isinstance(r, messages.Answer) and r.ask == ask]
        assert len(found) < 2
        return found[0] if found else None

    def answered(self, ask: int) -> messages.Answer:
        """The answer to a question; none yet is a failure, for ``eventually``."""
        answer = self.answer(ask)
        assert answer is not None
        return answer

    def present(self, document: str) -> dict[str, str]:
        """User → mode as the presence frames tell it, gaps being a failure."""
        users: dict[str, str] = {}
        v = None
        for heard in self.heard:
            if heard.marks.what != "presence" or heard.marks.document != document:
                continue
            frame = heard.frame
            if frame["full"]:
                users = {}
            else:
                assert v is not None
                assert frame["v"] == v + 1
            v = frame["v"]
            users |= {user["id"]: user["mode"] for user in frame["users"]}
            for user in frame["left"]:
                users.pop(user)
        return users


@asynccontextmanager
async def gateway(connect: Connect, name: str = "g1", term: int = 1) -> AsyncIterator[Gateway]:
    """A gateway that answers ``SeatsWanted`` and remembers what it hears."""
    broker = await connect(f"gateway/{name}")
    await declare(broker, topology.installation())
    await declare(broker, topology.gateway_topology(name, term))
    # As a gateway's: it waits for confirms while it reads. On one connection, a full inbox would
    # keep the very confirm from being read that emptying it waits for.
    up = await connect(f"gateway/{name}/up")
    it = Gateway(GatewayId(name), broker, await up.open(), term)
    try:
        async with asyncio.TaskGroup() as tasks, await broker.open() as channel:
            inbox = await channel.consume(
                topology.gateway_queue(name, term), prefetch=limits.PREFETCH, no_ack=True
            )
            running = [tasks.create_task(it.run(inbox)), tasks.create_task(it.keep_beating())]
            for slot in range(SLOTS):
                await it.tell_seats(slot)  # As after each connection.
            try:
                yield it
            finally:
                for task in running:
                    task.cancel()
    finally:
        await up.close()
        await broker.close()

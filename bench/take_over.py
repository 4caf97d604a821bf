"""How long a shard is silent when its owner is killed, by how much its log holds.

    python -m bench.take_over amqp://guest:guest@127.0.0.1/ [MiB …]

Fills the sixteen logs with so many MiB of events (64 128 256, unless told otherwise), as an owner
writes them: ten events a record, a state each 500 records. Then, five times: a hub owns all
sixteen shards, a second one has just come, the first is killed (-9). Counted is the time from the
kill to the first event of each shard that the survivor published, while 320 events a second are
written. Wants a RabbitMQ and a vhost of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from broker.amqp import connector
from broker.declare import declare
from broker.port import Binding, Broker, Delivery, Outgoing, QueueSpec
from hub import publications
from hub.fold import Book, Budget
from schemas import limits, topology
from schemas.ids import SLOTS, DocumentId, routing_key, slot_of
from schemas.log import Batch, Claim, Numbered, Record
from schemas.messages import HubBeat, Marks, read_control, read_marks

DOCUMENTS, EVENTS, EVENT_BYTES, ROUNDS = 6_400, 10, 500, 5
"""Documents in all; events in a record, bytes of an event."""
SETTLED_S = 60.0


def name(number: int) -> DocumentId:
    """A document."""
    return DocumentId(f"bench.{number}")


def event(document: DocumentId, id: str) -> bytes:
    """One of ``EVENT_BYTES``."""
    head = (
        f'{{"specversion":"1.0","id":"{id}","source":"/bench","type":"note.added",'
        f'"subject":"{document}","data":{{"text":"'
    )
    return f'{head}{"x" * (EVENT_BYTES - len(head) - 3)}"}}}}'.encode()


class Filler:
    """Writes the logs, as one owner of all of them would."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._ids = itertools.count()
        self._bytes = 0

    async def fill(self, mib: int) -> None:
        """Until they hold ``mib`` of events together."""
        share = max(0, mib * 1024 * 1024 - self._bytes) // SLOTS
        self._bytes += share * SLOTS
        for slot in range(SLOTS):
            await self._fill(slot, share)

    async def _fill(self, slot: int, share: int) -> None:
        nonce, book, written = f"filler-{next(self._ids)}", Book(Budget()), 0
        documents = [
            document for document in map(name, range(DOCUMENTS)) if slot_of(document) == slot
        ]
        async with await self._broker.open() as channel:

            async def write(record: Record) -> int:
                book.fold(record)
                return await channel.send([publications.record(slot, record, "")])

            now = int(time.time() * 1000)
            await write(Claim(worker="filler", nonce=nonce, at=now))
            await write(book.state())
            turns = itertools.cycle(documents)
            for number in itertools.count(1):
                facts = [self._fact(book, next(turns)) for _ in range(EVENTS)]
                await write(Batch(nonce=nonce, n=number, facts=facts))
                written += EVENTS * EVENT_BYTES
                if written >= share:
                    break
                if number % limits.LOG_STATE_EVERY == 0:
                    await write(book.state())
            await channel.confirmed(await write(book.state()))
        book.forget()

    def _fact(self, book: Book, document: DocumentId) -> Numbered:
        known, id = book.documents.get(document), f"f{next(self._ids)}"
        return Numbered(
            document=document,
            epoch=known.epoch if known else book.next_epoch(document),
            seq=known.seq + 1 if known else 1,
            source="/bench",
            id=id,
            type="note.added",
            digest=bytes(8),
            at=int(time.time() * 1000),
            event=event(document, id),
        )


class Watch:
    """Hears every event, and which hub works on what."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.generations = dict.fromkeys(range(SLOTS), 0)
        self.began = dict.fromkeys(range(SLOTS), 0.0)
        self.owners: dict[int, str] = {}

    async def run(self, broker: Broker) -> None:
        """Until cancelled."""
        async with await broker.open() as channel:
            inbox = await channel.consume("bench", prefetch=256, no_ack=True)
            while True:
                for delivery in await inbox.take():
                    self._hear(delivery)
                self.news.set()

    async def one_owner(self) -> None:
        """Until one hub says to work on all."""
        await self._until(lambda: len(self.owners) == SLOTS and len(set(self.owners.values())) == 1)

    async def all_began(self, since: float) -> list[float]:
        """How long after ``since`` each shard spoke again, in a higher generation."""
        await self._until(lambda: all(at > since for at in self.began.values()))
        return [at - since for at in self.began.values()]

    def _hear(self, delivery: Delivery) -> None:
        if delivery.exchange == topology.CONTROL:
            beat = read_control(delivery.body)
            if isinstance(beat, HubBeat):
                self.owners |= {int(slot): beat.worker for slot in beat.shards}
            return
        marks = read_marks(delivery.headers)
        if not isinstance(marks, Marks):
            return
        slot = slot_of(DocumentId(marks.document))
        if marks.generation > self.generations[slot]:
            self.generations[slot] = marks.generation
            self.began[slot] = time.monotonic()

    async def _until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(SETTLED_S):
            while not what():
                self.news.clear()
                await self.news.wait()


async def write(broker: Broker) -> None:
    """320 events a second, twenty to each shard, until cancelled."""
    documents = {slot_of(name(number)): name(number) for number in range(DOCUMENTS)}
    async with await broker.open() as channel:
        for number in itertools.count():
            await channel.send(
                [
                    Outgoing(
                        topology.IN, routing_key(one), event(one, f"{time.time_ns()}-{number}")
                    )
                    for one in documents.values()
                ]
            )
            await asyncio.sleep(0.05)


@asynccontextmanager
async def hub(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker, ready."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PRESENTLY_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "presently_server",
        "hub",
        env=kept | {"PRESENTLY_AMQP_URL": url, "PRESENTLY_OPS_LISTEN": "127.0.0.1:0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    ready = asyncio.Event()

    async def listen() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            if b"hub_ready" in line:
                ready.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        try:
            async with asyncio.timeout(SETTLED_S):
                await ready.wait()
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def measured(url: str, broker: Broker) -> list[float]:
    """Seconds of silence, by shard and round."""
    silences: list[float] = []
    watch = Watch()
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(watch.run(broker)), tasks.create_task(write(broker))]
        for _ in range(ROUNDS):
            async with hub(url) as owner:
                await watch.one_owner()
                await asyncio.sleep(2)
                async with hub(url):
                    killed = time.monotonic()
                    owner.send_signal(signal.SIGKILL)
                    silences += await watch.all_began(killed)
            watch.owners.clear()
        for task in beside:
            task.cancel()
    return silences


async def main(url: str, *sizes: int) -> None:
    """Fill, measure, print."""
    broker = await connector(url)("bench")
    await declare(broker, topology.installation())
    await broker.declare([QueueSpec("bench", {"x-queue-type": "classic"})])
    binds = [Binding(topology.EVENTS, "bench", "bench.#"), Binding(topology.CONTROL, "bench", "")]
    await broker.declare(bindings=binds)
    filler = Filler(broker)
    print("events in the logs | records | silence of a shard: median | worst")
    for mib in sizes or (64, 128, 256):
        await filler.fill(mib)
        silences = await measured(url, broker)
        records = mib * 1024 * 1024 // (EVENTS * EVENT_BYTES)
        print(
            f"{mib:14} MiB | {records:7,} | {statistics.median(silences):24.2f} s "
            f"| {max(silences):.2f} s",
            flush=True,
        )
    await broker.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))

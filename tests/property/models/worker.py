"""A hub worker in steps: the real owner's coroutine, stopped at every place where it waits.

What stands between ``hub.line`` and its coroutine here: the queue hands over, the wire brings, the
tail reads, each only when the machine says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, cast

from broker.errors import BrokerUnavailable
from broker.port import Broker, Channel as BrokerChannel, Inbox, Outgoing
from hub import publications
from hub.behind import Behind
from hub.exchanges import Outcome
from hub.fold import Book, Budget
from hub.keeper import Keeper
from hub.owner import Owner
from hub.past import Past
from hub.roster import Roster
from hub.settings import HubSettings
from hub.shard import Carried, Notice, Recalled, Shard
from hub.tail import Superseded, record_name
from hub.workplace import Workplace
from schemas import codec, topology
from schemas.ids import Slot
from schemas.log import Claim, read_record
from schemas.messages import HubBeat, Unknown, read_control
from tests.property.models.beside import Older, Orders, StepTail
from tests.property.models.bus import Bus, Channel, pause

SETTINGS: Final = HubSettings(state_every=6, linger_ms=3_000, exchanges_per_shard=2)
BACK: Final = (8, 20)
"""As ``hub.claim.BACK``, for logs of dozens of records."""


class Line:
    """One worker at one shard. ``step`` is the smallest thing that can happen."""

    def __init__(self, slot: int, worker: Worker) -> None:
        self.slot = slot
        self.generation = 0
        self.ended = False
        self.stopping = False
        self.channel = Channel(worker.bus)
        self.notices: list[Notice] = []
        self.tail: StepTail | None = None
        self.shard: Shard | None = None
        self._worker = worker
        self._work: Coroutine[Any, Any, None] | None = None
        worker.bus.shards[slot].stand(self.channel)
        self.channel.put([publications.probe(slot, worker.name)])

    def _told_to_stop(self) -> bool:
        return self.stopping

    def step(self) -> None:
        """The wire before the tail, the tail before the owner."""
        if self.channel.wire:
            self.bring()
        elif self.tail is not None and self.tail.behind:
            self.read()
        else:
            self.work()

    def bring(self) -> None:
        """What was sent first comes to the broker."""
        if self.channel.wire:
            self._worker.bus.activity += 1
            self._safely(self.channel.step)

    def read(self) -> None:
        """The tail reads on."""
        if self.tail is not None and self.tail.behind and not self.ended:
            self._safely(self.tail.step)

    def work(self) -> None:
        """The owner goes on to where it waits next."""
        if not self.ended:
            self._work = self._work or self._run()
            self._safely(lambda: self._work.send(None) if self._work else None)

    def _safely(self, step: Callable[[], None]) -> None:
        """What is lost ends here."""
        try:
            step()
        except StopIteration:
            self.end()
        except (BrokerUnavailable, Superseded):
            self.end()
        except Exception:
            self._worker.bus.failed = True
            raise
        if self.channel.lost:
            self.end()

    def end(self) -> None:
        """The channel is gone and nothing of it is carried over."""
        if not self.ended:
            self.ended = True
            self.generation = 0
            self.channel.lose()
            if self._work is not None:
                self._work.close()
            if self.shard is not None:
                self.shard.book.forget()

    async def _run(self) -> None:
        place, channel = self._worker.place, self.channel
        while not (channel.arrived or self._told_to_stop()):
            await pause()
        if self._told_to_stop():
            return
        book, self.tail, since = await self._take_over()
        self.shard = Shard(Slot(self.slot), book, place.settings)
        self.shard.recalling = since > 0
        owner = Owner(
            place,
            self.shard,
            cast("BrokerChannel", channel),
            cast("Inbox", channel),
            self.tail,
            self._carried,
        )
        try:
            self.generation = book.generation
            await owner.begin(trusted=True)
            if since:
                place.behind.begin(Slot(self.slot), since, self._recalled)
            while True:
                while not (channel.arrived or self.notices or self._told_to_stop()):
                    if owner.due <= place.now():
                        break
                    await pause()
                if self._told_to_stop():
                    await owner.hand_over()
                    while channel.wire:
                        await pause()
                    return
                arrived, channel.arrived = channel.arrived, []
                notices, self.notices = self.notices, []
                await owner.turn(arrived, notices)
        finally:
            owner.end()
            place.behind.end(Slot(self.slot))

    async def _take_over(self) -> tuple[Book, StepTail, int]:
        """As ``hub.claim``, on a log that is a list."""
        place, log = self._worker.place, self._worker.bus.logs[self.slot]
        nonce = f"{self._worker.name}.{self.slot}.{self._worker.next_claim()}"
        claim = Claim(
            worker=place.worker,
            nonce=nonce,
            at=place.now(),
            before=place.roster.generation(self.slot),
        )
        record = publications.record(self.slot, claim, record_name(nonce, 0))
        await self.channel.confirmed(await self.channel.send([record]))
        last = len(log) - 1
        for start in [last - back for back in BACK if last > back] + [0]:
            await pause()
            book = Book(place.budget)
            end, since = start, 0
            while book.nonce != nonce:
                assert end < len(log), "a claim that was confirmed is not in the log"
                known, read = book.nonce, read_record(log[end].body)
                book.fold(read)
                if book.nonce != known and not (known and isinstance(read, Claim)):
                    since = end
                end += 1
            if book.complete or not start:
                return book, StepTail(log, end, nonce), since if start else 0
            book.forget()
        raise AssertionError

    def _carried(self, document: str, outcome: Outcome, generation: int) -> None:
        self.notices.append(Carried(document, outcome, generation))

    def _recalled(self, past: Past | None) -> None:
        self.notices.append(Recalled(past, self.generation))


class Worker:
    """One process on one connection. A crash ends all of it; another one has another name."""

    def __init__(self, name: str, bus: Bus, known: Roster | None = None) -> None:
        self.name = name
        self.bus = bus
        self.lines: dict[int, Line] = {}
        self.orders = Orders(bus)
        self.older = Older(bus)
        self._claims = 0
        self.heard: deque[bytes] = deque()
        bus.workers[name] = self.heard
        self.roster = known or Roster(name, silent_beats=3, bye_ms=10_000, round_ms=4_000)
        self.place = Workplace(
            worker=name,
            settings=SETTINGS,
            broker=cast("Broker", None),
            roster=self.roster,
            keeper=cast("Keeper", self.orders),
            behind=cast("Behind", self.older),
            budget=Budget(),
            clock=lambda: bus.now / 1000,
            changed=lambda: None,
            tell=self.tell,
        )

    def next_claim(self) -> int:
        self._claims += 1
        return self._claims

    def stand(self) -> None:
        """In line for every shard, again for those that were lost."""
        for slot in self.bus.shards:
            if slot not in self.lines or self.lines[slot].ended:
                self.lines[slot] = Line(slot, self)

    def tell(self, notice: Notice) -> None:
        for line in self.lines.values():
            if line.generation:
                line.notices.append(notice)

    def hear(self) -> None:
        said = read_control(self.heard.popleft())
        assert not isinstance(said, Unknown)
        for notice in self.roster.hear(said, self.bus.now):
            self.tell(notice)

    def beat(self) -> None:
        shards = {str(slot): line.generation for slot, line in self.lines.items()}
        owned = {slot: generation for slot, generation in shards.items() if generation}
        body = codec.pack(HubBeat(worker=self.name, at=self.bus.now, shards=owned))
        self.bus.publish(Outgoing(topology.CONTROL, "", body))

    def look(self) -> None:
        """Once a second: whose good-bye is over, and which shards are silent."""
        for notice in self.roster.passed(self.bus.now):
            self.tell(notice)
        for slot, line in self.lines.items():
            if not line.generation and not self.roster.is_owned(slot):
                self.bus.publish(publications.probe(slot, self.name))

    @property
    def settled(self) -> set[int]:
        """Slots it works on, where everybody who is known has told their seats."""
        owned = {slot: line.shard for slot, line in self.lines.items() if line.generation}
        return {slot for slot, shard in owned.items() if shard is not None and shard.complete}

    def steps(self) -> Iterator[Callable[[], None]]:
        """What can happen here now."""
        if self.heard:
            yield self.hear
        if self.orders.waiting:
            yield self.orders.step
        if self.older.jobs:
            yield self.older.step
        for line in self.lines.values():
            if not line.ended:
                yield line.step
                if line.channel.wire or (line.tail is not None and line.tail.behind):
                    yield line.work
                    yield line.read

    def crash(self) -> None:
        """kill -9."""
        for line in self.lines.values():
            line.end()
        del self.bus.workers[self.name]

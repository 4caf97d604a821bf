"""Workers, gateways, browsers and a broker: all that happens between them, in single steps."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Final

from msgspec import to_builtins

from hub.presence import STRENGTH
from schemas import ids, limits, topology
from schemas.ids import DocumentId
from schemas.presence import Mode
from tests.property.models.bus import Bus, for_shard
from tests.property.models.door import Door
from tests.property.models.ledger import SlotLedger
from tests.property.models.page import Calm, Page
from tests.property.models.tab import View
from tests.property.models.worker import Worker
from tests.unit.hub.builders import event

START: Final = 1_732_280_000_000
LIST: Final = DocumentId("article.~")
DOCUMENTS: Final = tuple(DocumentId(f"article.{key}") for key in ("42", "55"))
"""Of two shards; their list is of a third."""
SLOTS: Final = sorted({ids.slot_of(document) for document in (*DOCUMENTS, LIST)})
IDLE_ROUNDS: Final = 8
"""The longest way of an owner's coroutine from one effect to the next, in pauses."""


class World:
    """All of it. Names are never used twice."""

    def __init__(self) -> None:
        self.bus = Bus(START)
        self.ledgers: dict[int, SlotLedger] = {}
        for slot in SLOTS:
            self.bus.add_slot(slot)
            self.ledgers[slot] = SlotLedger()
        self.workers: list[Worker] = []
        self.doors: list[Door] = []
        self.pages: list[Page] = []
        self.posted: dict[tuple[str, str], None] = {}
        self.lost: dict[tuple[str, str, int], str] = {}
        self.calmness = Calm()
        self._names = 0

    def name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    # --- processes --------------------------------------------------------------------

    def new_worker(self) -> Worker:
        worker = Worker(self.name("hub-"), self.bus)
        self.workers.append(worker)
        worker.stand()
        worker.beat()
        return worker

    def new_door(self) -> Door:
        door = Door(self.name("gate-"), self.bus)
        self.doors.append(door)
        door.connect()
        return door

    def kill_worker(self, worker: Worker) -> None:
        worker.crash()
        self.workers.remove(worker)

    def kill_door(self, door: Door) -> None:
        for page in [page for page in self.pages if page.door is door]:
            self.drop(page)
        door.cut()
        self.doors.remove(door)

    def restart_broker(self) -> None:
        """Shards and logs are still there; connections, and queues of connections, are not."""
        for door in self.doors:
            door.cut()
            door.late.clear()
        for worker in self.workers:
            for line in worker.lines.values():
                line.end()
            worker.heard.clear()
            worker.orders.waiting.clear()
            worker.roster.reconnected()

    # --- pages ------------------------------------------------------------------------

    def open(self, page: Page, door: Door) -> None:
        self.calmness.moves(page.user)
        previous = page.connection or None
        page.connection = self.name("c.")
        page.door = door
        page.tab = door.open(page.connection, page.user, self, previous=previous)
        for document in page.wanted:
            self._join(page, document)
        for id, document in page.saying.items():
            self._send(page, document, id)

    def join(self, page: Page, document: str, mode: Mode) -> None:
        self.calmness.moves(page.user)
        page.wanted[document] = mode
        if page.tab is not None:
            self._join(page, document)

    def _join(self, page: Page, document: str) -> None:
        assert page.tab is not None
        view = page.tab.views.get(document) or page.views.pop(document, None)
        if view is None:
            view = View(page.wanted[document])
        view.mode = page.wanted[document]
        page.tab.views[document] = view
        since = view.position if document != LIST and not view.joined else None
        said: dict[str, object] = {"since": to_builtins(since)} if since else {}
        if view.fence is not None:
            said["lease"] = view.fence
        self.says(page, "join", document=document, mode=page.wanted[document], **said)

    def update(self, page: Page, document: str, mode: Mode, lease: bool | None) -> None:
        if page.tab is None or document not in page.tab.views:
            return
        self.calmness.moves(page.user)
        if lease is None:
            page.wanted[document] = page.tab.views[document].mode = mode
            self.says(page, "update", document=document, mode=mode)
        else:
            self.says(page, "update", document=document, lease=lease)

    def leave(self, page: Page, document: str) -> None:
        self.calmness.moves(page.user)
        page.wanted.pop(document, None)
        page.views.pop(document, None)
        page.saying = {id: where for id, where in page.saying.items() if where != document}
        if page.tab is not None and document in page.tab.views:
            del page.tab.views[document]
            page.tab.members.pop(document, None)
            self.says(page, "leave", document=document)

    def send(self, page: Page, document: str) -> None:
        if page.tab is not None and document in page.tab.views:
            id = self.name("said-")
            page.saying[id] = document
            self._send(page, document, id)

    def _send(self, page: Page, document: str, id: str) -> None:
        if page.tab is not None and document in page.tab.views:
            said = {"id": id, "type": "said", "data": {}}
            self.says(page, "send", document=document, event=said)

    def says(self, page: Page, type: str, **fields: object) -> None:
        assert page.door is not None
        assert page.tab is not None
        page.door.says(page.tab, page.tab.asks(type, **fields))
        self._note(page)

    def _note(self, page: Page) -> None:
        for id in page.tab.numbered if page.tab is not None else ():
            page.saying.pop(id, None)

    def drop(self, page: Page, code: int = 1006) -> None:
        """Its socket ends. What it knows it keeps."""
        if page.tab is None or page.door is None:
            return
        self._note(page)
        self.calmness.moves(page.user)
        page.views = {name: view for name, view in page.tab.views.items() if view.joined}
        for view in page.views.values():
            view.joined, view.v = False, -1
        door, tab = page.door, page.tab
        page.door = page.tab = None
        door.gone(tab, code, "closed" if code in (1000, 1001) else "lost")

    def post(self, document: DocumentId, id: str, **said: str) -> None:
        """A producer's event, confirmed."""
        self.posted[document, id] = None
        self.bus.publish(for_shard(topology.IN, document, event(id, document=document, **said)))

    def read_logs(self) -> None:
        for slot, ledger in self.ledgers.items():
            log = self.bus.logs[slot]
            while ledger.read < len(log):
                ledger.fold(log[ledger.read].body)
                ledger.read += 1

    def is_at(self, document: str, id: str, epoch: str, seq: int) -> bool:
        self.read_logs()
        place = document, epoch, seq
        ledger = self.ledgers[ids.slot_of(DocumentId(document))]
        return id in (ledger.ids.get(place), self.lost.get(place))

    def cut_log(self, slot: int, many: int) -> None:
        """The only broker lost power, and with it the last records of a log."""
        self.restart_broker()
        self.read_logs()
        before, self.ledgers[slot] = self.ledgers[slot], SlotLedger()
        del self.bus.logs[slot][-many:]
        self.read_logs()
        self.lost |= before.ids
        gone = before.numbers.keys() - self.ledgers[slot].numbers.keys()
        self.posted = {event: None for event in self.posted if event not in gone}

    def calm(self, document: str) -> Set[str]:
        """A hub that is young does not know whom to wait for."""
        young = any(worker.roster.young for worker in self.workers)
        return set() if young else self.calmness.at(document)

    # --- time -------------------------------------------------------------------------

    def steps(self) -> list[Callable[[], None]]:
        """Everything that can happen next."""
        hubs = [step for worker in self.workers for step in worker.steps()]
        return hubs + [step for door in self.doors for step in door.steps()]

    def run(self) -> None:
        """Until nothing happens any more."""
        idle = 0
        while idle < IDLE_ROUNDS:
            before = self.bus.activity
            for step in self.steps():
                step()
            idle = 0 if self.bus.activity != before else idle + 1

    def beat(self) -> None:
        for worker in self.workers:
            worker.beat()
        for door in self.doors:
            door.beat()
            if door.silent or door.queue is None:
                self.calmness.moves(*(tab.user for tab in door.tabs.values()))

    def pass_time(self, ms: int) -> None:
        """Without anything arriving."""
        self.bus.now += ms
        for door in self.doors:
            door.tick()
        for worker in self.workers:
            worker.stand()

    def live(self, ms: int) -> None:
        """Everything works and nothing fails for so long."""
        for passed in range(0, ms, 250):
            self.pass_time(250)
            if passed % 1000 == 0:
                for door in self.doors:
                    door.sweep()
                for worker in self.workers:
                    worker.look()
            if passed % limits.HEARTBEAT_MS == 0:
                self.beat()
            self.run()
        here = all(door.queue is not None for door in self.doors)
        if here and set(SLOTS) == {slot for worker in self.workers for slot in worker.settled}:
            self.calmness.settle(page.tab.views for page in self.pages if page.tab is not None)

    # --- rest -------------------------------------------------------------------------

    def rest(self) -> None:
        """Faults end; what was lost comes back; people try again what was not answered."""
        for door in self.doors:
            door.silent = False
            door.late.clear()
            if door.queue is None:
                door.connect()
        if not self.doors:
            self.new_door()
        if not self.workers:
            self.new_worker()
        for page in self.pages:
            if page.tab is None:
                self.open(page, self.doors[0])
            elif page.tab.slow and page.door is not None:
                page.door.catch_up(page.tab)
        self.live(40_000)
        for page in self.pages:
            self._again(page)
        self.live(5_000)
        for page in self.pages:
            self._note(page)

    def _again(self, page: Page) -> None:
        assert page.tab is not None
        self._note(page)
        for document in page.wanted:
            if document not in page.tab.views:
                self._join(page, document)
            elif document in page.tab.again:
                self.says(page, "update", document=document, mode=page.wanted[document])
        for id, document in page.saying.items():
            self._send(page, document, id)

    def expected(self, document: str) -> dict[str, str]:
        """Who is to be seen at a document, by the pages."""
        seen: dict[str, Mode] = {}
        for page in self.pages:
            mode = page.wanted.get(document, "watching")
            if STRENGTH[mode] > STRENGTH[seen.get(page.user, "watching")]:
                seen[page.user] = mode
        return {user: str(mode) for user, mode in seen.items()}

"""What a shard's owner knows, its successor reads out of the log, whatever happened.

Workers claim, write and are superseded without knowing it; some write on. The log may lose its end
(the broker lost power) and its beginning (retention). A plain reader of claims and batches is the
model: every book that can be read must say the same.
"""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub import publications, renewals
from hub.fold import Book, Budget
from hub.settings import HubSettings
from hub.shard import Shard
from schemas.log import Claim, Numbered, Record, State, read_record
from schemas.messages import Place, UpdateAct
from schemas.presence import Mode
from tests.property.models.ledger import SlotLedger
from tests.property.pace import run
from tests.unit.hub.builders import (
    NEIGHBOURS as DOCUMENTS,
    SLOT,
    START,
    acts,
    change,
    join,
    leave,
    renewal,
    seats,
    turn,
)

document = st.sampled_from(DOCUMENTS)
connection = st.sampled_from(["c1", "c2", "c3"])
modes: st.SearchStrategy[Mode] = st.sampled_from(["reading", "editing"])
which = st.integers(0, 5)


class Writer:
    """A worker that claimed the log. It does not know whether it still may write.

    Attributes:
        whole: Its book was read from the very beginning.
    """

    def __init__(self, name: str, book: Book, *, whole: bool) -> None:
        self.name = name
        self.book = book
        self.whole = whole
        self.shard = Shard(SLOT, book, HubSettings())
        self.shard.settled = self.shard.leases_checked = True
        renewals.inherit(self.shard, START)
        self.batches = 0


class Log(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.log: list[bytes] = []
        self.ledger = SlotLedger()
        self.writers: list[Writer] = []
        self.generations: list[int] = []
        self.now = START
        self.claims = 0
        self.cut = False

    def append(self, record: Record) -> None:
        self.log.append(publications.record(SLOT, record, "").body)
        self.ledger.fold(self.log[-1])
        self.ledger.read += 1

    @initialize()
    def begin(self) -> None:
        self.claim(0, 0, knows=True)

    # --- who writes -------------------------------------------------------------------

    @rule(clock=st.integers(-100_000, 1_000), back=st.integers(0, 30), knows=st.booleans())
    def claim(self, clock: int, back: int, knows: bool) -> None:
        """Where a log was cut short, only heartbeats (``knows``) or the clock say what was."""
        self.claims += 1
        name = f"n{self.claims}"
        before = max(self.generations, default=0)
        at = self.now + clock if knows or not self.cut else max(self.now, before + 1)
        self.append(Claim(worker="w", nonce=name, at=at, before=before if knows else 0))
        book, start = self.read(max(0, len(self.log) - 1 - back))
        assert book.nonce == name
        assert book.generation > before, "the generation went back"
        self.generations.append(book.generation)
        self.writers.append(Writer(name, book, whole=not start and not self.cut))
        self.cut = False
        self.write_state(len(self.writers) - 1)

    def read(self, start: int) -> tuple[Book, int]:
        """As a successor does: from ``start`` if a counted state follows, else from the first."""
        if start not in self.good_starts():
            start = 0
        book = Book(Budget())
        for body in self.log[start:]:
            book.fold(read_record(body))
        return book, start

    def good_starts(self) -> range:
        """Every place with a state after it whose writer had the last claim then."""
        nonce, last = "", -1
        for number, body in enumerate(self.log):
            record = read_record(body)
            if isinstance(record, Claim):
                nonce = record.nonce
            elif isinstance(record, State) and record.nonce == nonce:
                last = number
        return range(last + 1)

    @rule(who=which)
    def dies(self, who: int) -> None:
        if self.writers:
            del self.writers[who % len(self.writers)]

    # --- what is written --------------------------------------------------------------

    def writes(self, who: int, *deliveries: object) -> None:
        if not self.writers:
            return
        writer = self.writers[who % len(self.writers)]
        self.now += 30
        result = turn(writer.shard, *deliveries, now=self.now)  # type: ignore[arg-type]
        for record in publications.batches(result.facts, writer.name, writer.batches + 1):
            writer.batches += 1
            self.append(record)

    @rule(who=which, name=document, id=st.integers(0, 30))
    def an_event(self, who: int, name: str, id: int) -> None:
        known = [w.book.window.find(name, "/test", f"e{id}") for w in self.writers]
        if any(known) and not all(known):
            id += 1_000 * self.claims  # Whose window is shorter would number it anew.
        self.writes(who, change(f"e{id}", document=name))

    @rule(who=which, name=document, seat=connection, mode=modes, lease=st.booleans())
    def a_seat(self, who: int, name: str, seat: str, mode: Mode, lease: bool) -> None:
        wish = [UpdateAct(connection=seat, lease=True)] if lease else []
        self.writes(who, acts(join(seat, "u" + seat[1:], mode), *wish, document=name))

    @rule(who=which, name=document, seat=connection)
    def a_leave(self, who: int, name: str, seat: str) -> None:
        self.writes(who, acts(leave(seat), document=name))

    @rule(who=which, name=document, seq=st.integers(0, 40))
    def a_gateway_that_is_ahead(self, who: int, name: str, seq: int) -> None:
        if self.writers:
            known = self.writers[who % len(self.writers)].book.documents.get(name)
            epoch = known.epoch if known else "k"
            self.writes(who, seats(places=[Place(name, epoch, seq)]))

    @rule(who=which, id=st.integers(1, 9), pieces=st.sampled_from([1, 2, 1000]))
    def a_table_is_truncated(self, who: int, id: int, pieces: int) -> None:
        """Another shard says so, perhaps again; documents begin anew in pieces."""
        self.now += 1_000
        with patch.object(renewals, "AT_ONCE", pieces):
            self.writes(who, renewal("article", f"t{id}"))

    @rule(who=which)
    def time_passes(self, who: int) -> None:
        self.now += 1_000
        self.writes(who)

    @rule(who=which)
    def write_state(self, who: int) -> None:
        if self.writers:
            book = self.writers[who % len(self.writers)].book
            state = book.state()
            book.fold(state)
            self.append(state)

    # --- what is lost -----------------------------------------------------------------

    @precondition(lambda self: len(self.log) > 1)
    @rule(many=st.integers(1, 10))
    def the_end_is_lost(self, many: int) -> None:
        """And every channel with it."""
        del self.log[max(1, len(self.log) - many) :]
        self.writers.clear()
        self.cut = True
        self.ledger = SlotLedger()
        for body in self.log:
            self.ledger.fold(body)

    # --- what must hold ---------------------------------------------------------------

    def same(self, book: Book) -> None:
        ledger = self.ledger
        assert (book.nonce, book.generation) == (ledger.nonce, ledger.generation)
        assert {n: (d.epoch, d.seq) for n, d in book.documents.items()} == ledger.places
        assert (book.leases, book.fence) == (ledger.leases, ledger.fence)
        assert book.renewals == ledger.renewals

    @invariant()
    def all_who_read_agree(self) -> None:
        starts = self.good_starts()
        for start in {0, *starts[:2], *starts[-3:]}:
            self.same(self.read(start)[0])

    @invariant()
    def who_may_write_knows_it_all(self) -> None:
        for writer in self.writers:
            if writer.name == self.ledger.nonce:
                self.same(writer.book)
                if writer.whole:
                    assert _told(writer.book) == _told(self.read(0)[0])


def _told(it: Book) -> object:
    """All of a book, to compare: histories and the window of known ids too."""
    return (
        {n: (d.epoch, d.seq, list(d.kept), d.bytes) for n, d in it.documents.items()},
        list(it.documents),
        it.exchanges,
        list(it.window._known.items()),
    )


test_log = run(Log, examples=60, steps=40)


@given(st.lists(st.tuples(document, st.integers(0, 12)), max_size=80), st.integers(1, 7))
def test_numbers_have_no_gaps_and_every_event_has_one(
    sent: list[tuple[str, int]], at_once: int
) -> None:
    live = Book(Budget())
    live.fold(Claim(worker="w", nonce="n", at=START))
    it = Shard(SLOT, live, HubSettings())
    it.settled = it.leases_checked = True
    numbered: dict[str, list[tuple[int, str]]] = {}
    for start in range(0, len(sent), at_once):
        some = [change(f"e{id}", document=name) for name, id in sent[start : start + at_once]]
        for fact in turn(it, *some).facts:
            assert isinstance(fact, Numbered)
            numbered.setdefault(fact.document, []).append((fact.seq, fact.id))
    for name in DOCUMENTS:
        once = list(dict.fromkeys(f"e{id}" for where, id in sent if where == name))
        assert numbered.get(name, []) == list(enumerate(once, 1))

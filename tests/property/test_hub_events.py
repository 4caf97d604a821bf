"""Numbers, repeats and history of one shard's events against lists that forget nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.documents import Document
from hub.fold import Book, Budget
from hub.settings import HubSettings
from hub.shard import Shard
from schemas import ids, limits
from schemas.log import Claim, Numbered
from schemas.presence import Position
from tests.property.pace import run
from tests.unit.hub.builders import (
    NEIGHBOURS,
    SLOT,
    START,
    change,
    frames,
    renewal,
    turn,
)

documents = st.sampled_from(NEIGHBOURS)


@dataclass
class Told:
    """One event of the model: its body, and where it was numbered."""

    data: str
    epoch: str
    seq: int


@dataclass
class Model:
    """One document: its position, and all that was ever numbered in this epoch."""

    epoch: str = ""
    seq: int = 0
    events: list[tuple[int, int]] = field(default_factory=list)
    """Time and size of each."""
    swept: int = 0
    """So many of them are forgotten for their age."""

    def kept(self) -> list[int]:
        """Sizes of the last ones within the bounds, told from the end."""
        sizes: list[int] = []
        for at, size in reversed(self.events[self.swept :]):
            too_old = at < self.events[-1][0] - limits.HISTORY_MS
            too_much = sum(sizes) + size > limits.HISTORY_BYTES
            if too_old or too_much or len(sizes) == limits.HISTORY_EVENTS:
                break
            sizes.insert(0, size)
        return sizes


class Events(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.book = Book(Budget())
        self.book.fold(Claim(worker="w", nonce="n", at=START))
        self.it = Shard(SLOT, self.book, HubSettings())
        self.it.settled = self.it.leases_checked = True
        self.it.swept_at = 1 << 60  # We say when.
        self.now = START
        self.renewals = 0
        self.known: dict[tuple[str, str], Told] = {}
        self.models = {document: Model() for document in NEIGHBOURS}

    @rule(document=documents, id=st.integers(0, 9), data=st.sampled_from(["{}", '{"x":1}']))
    def an_event(self, document: str, id: int, data: str) -> None:
        self.said(document, f"e{id}", data, again=False)

    @rule(document=documents, id=st.integers(0, 9))
    def a_redelivery(self, document: str, id: int) -> None:
        known = self.known.get((document, f"e{id}"))
        self.said(document, f"e{id}", known.data if known else "{}", again=True)

    def said(self, document: str, id: str, data: str, *, again: bool) -> None:
        result = turn(self.it, change(id, data, document=document, redelivered=again), now=self.now)
        published = [frame["seq"] for frame in frames(result, "event")]
        known, model = self.known.get((document, id)), self.models[ids.parse_document(document)]
        if known is None:
            (fact,) = result.facts
            assert isinstance(fact, Numbered)
            model.epoch = model.epoch or fact.epoch
            model.seq += 1
            model.events.append((self.now, len(fact.event)))
            assert (fact.epoch, fact.seq) == (model.epoch, model.seq)
            assert published == [model.seq]
            self.known[document, id] = Told(data, model.epoch, model.seq)
            return
        assert result.facts == [], "numbered twice"
        if known.data != data:
            assert len(result.dead) == 1, "lost in silence"
            assert published == []
        else:
            current = known.epoch == model.epoch
            assert published == ([known.seq] if again and current else [])

    @rule(
        document=documents,
        many=st.sampled_from([1, 2, 100]),
        size=st.sampled_from([10, 30_000, 60_000]),
    )
    def many_events(self, document: str, many: int, size: int) -> None:
        for _ in range(many):
            id = f"big{len(self.known)}"
            self.said(document, id, '{"x":"%s"}' % ("y" * size), again=False)

    @rule(ms=st.sampled_from([1, 60_000, limits.HISTORY_MS]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def old_histories_are_swept_away(self) -> None:
        self.book.drop_older(self.now - limits.HISTORY_MS)
        for model in self.models.values():
            if model.events and model.events[-1][0] < self.now - limits.HISTORY_MS:
                model.swept = len(model.events)

    @rule()
    def everything_must_be_fetched_anew(self) -> None:
        """A table was truncated: all documents of its collection begin anew."""
        told = {document: (m.epoch, m.seq) for document, m in self.models.items() if m.epoch}
        self.now += 1_000
        self.renewals += 1
        turn(self.it, renewal("article", f"t{self.renewals}"), now=self.now)
        for document, (epoch, _) in told.items():
            place = self.book.documents[document]
            assert ids.epoch_age(place.epoch) > ids.epoch_age(epoch)
            self.models[document] = Model(place.epoch)

    @rule(document=documents, back=st.integers(-1, 300), other=st.booleans())
    def somebody_comes_back(self, document: str, back: int, other: bool) -> None:
        model = self.models[ids.parse_document(document)]
        place = self.book.documents.get(document)
        if place is None or model.seq < back:
            return
        since = Position("other" if other else model.epoch, model.seq - back)
        replay = place.since(since)
        kept = model.kept()[-back:] if back > 0 else []
        can = (
            not other
            and 0 <= back <= min(len(model.kept()), limits.REPLAY_EVENTS)
            and sum(kept) <= limits.REPLAY_BYTES
        )
        assert replay.recovered == can
        assert [len(event) for event in replay.events] == (kept if can else [])
        assert replay.since == (since.seq if can else model.seq)

    @rule(document=documents, at=st.integers(0, 300))
    def an_older_half_is_recalled(self, document: str, at: int) -> None:
        """A new owner reads the end of the log first, and what is older behind."""
        model = Model(events=self.models[ids.parse_document(document)].events)
        at = min(at, len(model.events))
        older, newer = Document(model.epoch), Document(model.epoch, at)
        for number, (when, size) in enumerate(model.events):
            (older if number < at else newer).add(b"x" * size, when)
        gap, before = Document(model.epoch, len(model.events) + 1), list(newer.kept)
        gap.recall(older)
        assert not gap.kept, "what is between is missing"
        newer.recall(Document("other", newer.seq))
        assert list(newer.kept) == before
        newer.recall(older)
        kept = [len(event) for _, event in newer.kept]
        assert kept == model.kept()[len(model.kept()) - len(kept) :]
        if model.events[at:]:
            assert kept == model.kept()
        assert newer.bytes == sum(kept)

    @invariant()
    def the_history_is_what_the_bounds_allow(self) -> None:
        for document, model in self.models.items():
            place = self.book.documents.get(document)
            if place is not None:
                assert (place.epoch, place.seq) == (model.epoch, model.seq)
                assert [len(event) for _, event in place.kept] == model.kept()
                assert place.bytes == sum(model.kept())


test_hub_events = run(Events, examples=50, steps=40)

"""What a shard's owner knows, its successor reads out of the log, whatever happened."""

from typing import Any

from hypothesis import given, strategies as st

from hub import publications
from hub.fold import Book, Budget
from hub.past import Past
from hub.settings import HubSettings
from hub.shard import Shard
from schemas.log import (
    Batch,
    Begun,
    Claim,
    Fact,
    Numbered,
    Record,
    read_past_record,
    read_record,
)
from schemas.messages import Place, UpdateAct
from tests.unit.hub.builders import (
    NEIGHBOURS as DOCUMENTS,
    SLOT,
    START,
    acts,
    change,
    join,
    leave,
    seats,
    turn,
)

document = st.sampled_from(DOCUMENTS)
connection = st.sampled_from(["c1", "c2", "c3"])
step = st.one_of(
    st.tuples(st.just("event"), document, st.integers(0, 30)),
    st.tuples(st.just("join"), document, connection),
    st.tuples(st.just("leave"), document, connection),
    st.tuples(st.just("lease"), document, connection),
    st.tuples(st.just("ahead"), document, st.integers(0, 40)),
    st.tuples(st.just("state"), document, st.none()),
    st.tuples(st.just("zombie"), document, st.none()),
    st.tuples(st.just("claim"), document, st.integers(-5000, 5000)),
)


def told(it: Book) -> Any:
    """Everything a book knows, to compare."""
    return (
        it.nonce,
        it.generation,
        {n: (d.epoch, d.seq, list(d.kept), d.bytes) for n, d in it.documents.items()},
        list(it.documents),
        it.leases,
        it.fence,
        it.exchanges,
        list(it.window._known.items()),
    )


@given(st.lists(step, max_size=60))
def test_live_and_replay_are_one_fold(steps: list[tuple[str, str, Any]]) -> None:
    log: list[bytes] = []

    def append(record: Record) -> None:
        log.append(publications.record(SLOT, record, "").body)

    live = Book(Budget())
    first = Claim(worker="w", nonce="n0", at=START)
    live.fold(first)
    append(first)
    it = Shard(SLOT, live, HubSettings())
    it.settled = it.leases_checked = True
    for number, (what, name, value) in enumerate(steps, 1):
        now = START + number * 30
        match what:
            case "event":
                result = turn(it, change(f"e{value}", document=name), now=now)
            case "join":
                result = turn(it, acts(join(value, "u" + value[1:]), document=name), now=now)
            case "leave":
                result = turn(it, acts(leave(value), document=name), now=now)
            case "lease":
                wish = UpdateAct(connection=value, lease=True)
                result = turn(it, acts(wish, document=name), now=now)
            case "ahead":
                known = live.documents.get(name)
                epoch = known.epoch if known else "k"
                result = turn(it, seats(places=[Place(name, epoch, value)]), now=now)
            case "state":
                state = live.state()
                live.fold(state)
                append(state)
                continue
            case "zombie":
                late = publications.batches([_fact(name)], "zombie", 1)[0]
                append(late)
                continue
            case _:
                claim = Claim(worker="w", nonce=f"n{number}", at=START + value)
                live.fold(claim)
                append(claim)
                continue
        for record in publications.batches(result.facts, live.nonce, number):
            append(record)
    replayed = Book(Budget())
    for body in log:
        replayed.fold(read_record(body))
    assert told(replayed) == told(live)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["event", "event", "event", "anew", "state", "claim", "late"]), document
        ),
        min_size=10,
        max_size=80,
    ),
    st.integers(0, 10),
    st.lists(st.integers(1, 30), max_size=10),
)
def test_what_is_read_behind_is_what_was_there(
    steps: list[tuple[str, str]], back: int, stretches: list[int]
) -> None:
    """However a log is cut into stretches, nothing wrong is recalled; all of it if all is read."""
    live = Book(Budget())
    log: list[bytes] = []

    def append(record: Record) -> None:
        log.append(publications.record(SLOT, record, "").body)
        live.fold(record)

    append(Claim(worker="w", nonce="n0", at=START))
    append(live.state())
    former = "nobody"
    for number, (what, name) in enumerate(steps, 1):
        known = live.documents.get(name)
        match what:
            case "state":
                append(live.state())
            case "claim":
                former = live.nonce
                append(Claim(worker="w", nonce=f"n{number}", at=START))
                append(live.state())
            case "anew":
                fact: Fact = Begun(document=name, epoch=live.next_epoch(name))
                append(Batch(nonce=live.nonce, n=1, facts=[fact]))
            case _:
                epoch = known.epoch if known else live.next_epoch(name)
                seq = known.seq + 1 if known else 1
                fact = _fact(name, epoch, seq, f"e{number}")
                nonce = former if what == "late" else live.nonce
                append(Batch(nonce=nonce, n=1, facts=[fact]))

    def told(it: Book) -> dict[str, list[bytes]]:
        return {name: [event for _, event in doc.kept] for name, doc in it.documents.items()}

    found, before = Book(Budget()), len(log)
    for start in range(max(0, len(log) - 1 - back), -1, -1):
        found, before = Book(Budget()), start
        for offset, body in enumerate(log[start:], start):
            nonce = found.nonce
            record = read_record(body)
            found.fold(record)
            if found.nonce != nonce and not (nonce and isinstance(record, Claim)):
                before = offset
        if found.complete:
            break
    assert {name: (d.epoch, d.seq) for name, d in found.documents.items()} == {
        name: (d.epoch, d.seq) for name, d in live.documents.items()
    }
    for stretch in [*stretches, *([len(log)] * 2)]:
        start = max(0, before - stretch)
        past = Past()
        for offset, body in enumerate(log[start:before], start):
            past.fold(read_past_record(body), offset)
        found.recall(past)
        for name, events in told(found).items():
            assert told(live)[name][-len(events) :] == events or not events
        if past.since is not None:
            before = past.since
    assert told(found) == told(live)


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


def _fact(name: str, epoch: str = "z", seq: int = 1, id: str = "z") -> Numbered:
    return Numbered(
        document=name, epoch=epoch, seq=seq, source="/z", id=id, type="t", digest=b"z", at=0,
        event=b'"%b"' % id.encode(),
    )  # fmt: skip

import pytest

from hub import fold
from hub.fold import Book, Budget
from hub.past import Past
from schemas import codec, limits
from schemas.ids import epoch_name
from schemas.log import (
    At,
    Batch,
    Begun,
    Claim,
    Ended,
    Exchanged,
    Fact,
    Granted,
    Numbered,
    Record,
    Renewed,
    Serving,
    State,
)
from schemas.presence import Position


def book(*records: Record, budget: Budget | None = None) -> Book:
    it = Book(budget or Budget())
    for record in records:
        it.fold(record)
    return it


def claim(nonce: str, at: int = 100, before: int = 0) -> Claim:
    return Claim(worker="w", nonce=nonce, at=at, before=before)


def numbered(seq: int, *, document: str = "a.1", epoch: str = "k", size: int = 1) -> Numbered:
    return Numbered(
        document=document, epoch=epoch, seq=seq, source="/s", id=f"e{seq}", type="t", digest=b"",
        at=0, event=b"x" * size,
    )  # fmt: skip


def batch(nonce: str, *facts: Fact) -> Batch:
    return Batch(nonce=nonce, n=1, facts=list(facts))


def state(nonce: str, generation: int, *places: At) -> State:
    return State(
        nonce=nonce, generation=generation, places=list(places), leases=[], fence=0, exchanges=[]
    )


def place(it: Book, document: str = "a.1") -> tuple[str, int]:
    return it.documents[document].epoch, it.documents[document].seq


def test_a_generation_is_read_out_of_the_log_and_only_grows() -> None:
    it = book(claim("a", at=100))
    assert it.generation == 100
    it.fold(claim("b", at=50))
    assert it.generation == 101
    it.fold(claim("c", at=50, before=900))
    assert it.generation == 901


def test_only_the_last_claimants_records_count() -> None:
    it = book(claim("a"), batch("a", numbered(1)), claim("b"), batch("a", numbered(2)))
    assert place(it) == ("k", 1)
    it.fold(state("a", 999, At("a.1", "zombie", 7)))
    assert place(it) == ("k", 1)
    it.fold(batch("b", numbered(2)))
    assert place(it) == ("k", 2)


def test_who_begins_in_the_middle_trusts_the_first_state() -> None:
    it = book(batch("a", numbered(7)), state("a", 100, At("a.1", "k", 7)), batch("a", numbered(8)))
    assert (it.nonce, it.generation, it.complete) == ("a", 100, True)
    assert place(it) == ("k", 8)
    assert it.documents["a.1"].since(Position("k", 7)).events == [b"x"]
    assert not it.documents["a.1"].since(Position("k", 6)).recovered


def test_and_a_state_of_a_higher_generation_more() -> None:
    it = book(state("zombie", 50, At("a.1", "old", 3)), batch("zombie", numbered(4, epoch="old")))
    it.fold(state("real", 60, At("a.1", "k", 9)))
    assert place(it) == ("k", 9)
    assert len(it.window) == 0
    it.fold(batch("zombie", numbered(5, epoch="old")))
    assert place(it) == ("k", 9)


def test_a_state_keeps_the_history_of_what_it_agrees_with() -> None:
    it = book(claim("a"), batch("a", numbered(1), numbered(1, document="a.2")))
    it.fold(state("a", 100, At("a.1", "k", 1), At("a.3", "m", 4)))
    assert it.documents["a.1"].bytes == 1
    assert place(it, "a.3") == ("m", 4)
    assert "a.2" not in it.documents


def test_a_state_says_all_that_a_successor_needs() -> None:
    lease = Granted(document="a.1", connection="c", user="u", name="U", fence=7)
    gone = Granted(document="a.2", connection="c", user="u", name="U", fence=9)
    it = book(
        claim("a"),
        batch(
            "a",
            numbered(1),
            Begun(document="a.2", epoch="m"),
            lease,
            gone,
            Ended(document="a.2", fence=9, reason="left"),
            Exchanged(document="a.1", on=True),
            Exchanged(document="a.2", on=True),
            Exchanged(document="a.2", on=False),
        ),
    )
    told = it.state()
    assert told.places == [At("a.1", "k", 1), At("a.2", "m", 0)]
    assert (told.leases, told.fence, told.exchanges) == ([lease], 9, ["a.1"])
    assert book(told).state() == told


def test_an_end_of_another_fence_ends_nothing() -> None:
    lease = Granted(document="a.1", connection="c", user="u", name="U", fence=7)
    it = book(claim("a"), batch("a", lease, Ended(document="a.1", fence=6, reason="left")))
    assert it.leases == {"a.1": lease}


def test_beginning_anew_drops_the_history() -> None:
    it = book(claim("a"), batch("a", numbered(1), Begun(document="a.1", epoch="m")))
    assert place(it) == ("m", 0)
    assert it.documents["a.1"].bytes == 0


def test_epochs_are_named_after_the_generation_and_never_twice() -> None:
    it = book(claim("a", at=1000))
    assert it.next_epoch("a.1") == epoch_name(1000)
    it.apply(Begun(document="a.1", epoch=it.next_epoch("a.1")))
    assert it.next_epoch("a.1") == epoch_name(1001)
    assert it.next_epoch("a.1", seen=epoch_name(5000)) == epoch_name(5001)
    assert it.next_epoch("a.2") == epoch_name(1000)


def test_documents_beyond_the_bound_are_forgotten_by_all_and_never_reuse_an_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "DOCUMENTS_PER_SHARD", 2)
    it = book(claim("a", at=1000))
    for document in ("a.1", "a.2", "a.3"):
        it.apply(Begun(document=document, epoch=it.next_epoch(document)))
    it.apply(numbered(1, document="a.1", epoch=epoch_name(1000)))  # used last
    told = it.state()
    assert [at.document for at in told.places] == ["a.3", "a.1"]
    it.fold(told)
    assert "a.2" not in it.documents
    assert it.next_epoch("a.2") == epoch_name(1001)


def test_a_process_keeps_only_so_many_bytes_the_idle_go_first() -> None:
    budget = Budget(limit=25)
    it = book(claim("a"), budget=budget)
    for document in ("a.1", "a.2", "a.3"):
        it.apply(numbered(1, document=document, size=10))
    assert budget.used == 20
    assert it.documents["a.1"].bytes == 0
    assert place(it) == ("k", 1)
    it.drop_older(1)
    assert budget.used == 0


def test_a_lost_shard_gives_its_bytes_back() -> None:
    budget = Budget()
    it = book(claim("a"), batch("a", numbered(1, size=10)), budget=budget)
    assert budget.used == 10
    it.drop_older(0)
    assert budget.used == 10
    it.forget()
    assert (budget.used, it.documents, it.complete) == (0, {}, False)


def test_a_state_stays_within_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOG_STATE_BYTES", 4 * (fold.AT_BYTES + len("a.1")))
    book = Book(Budget())
    book.fold(Claim(worker="w", nonce="n", at=1))
    for n in range(1, 8):
        book.apply(Begun(document=f"a.{n}", epoch="k"))
    state = book.state()
    assert [at.document for at in state.places] == ["a.4", "a.5", "a.6", "a.7"]
    assert all(len(codec.pack(at)) < fold.AT_BYTES + len(at.document) for at in state.places)


def past(*facts: Fact) -> Past:
    it = Past()
    it.fold(claim("a"), 0)
    it.fold(batch("a", *facts), 1)
    return it


def test_older_history_is_recalled_and_counted() -> None:
    budget = Budget(limit=100)
    it = book(claim("b"), batch("b", numbered(3, size=10)), budget=budget)
    it.fold(state("b", 100, At("a.1", "k", 3), At("a.2", "k", 1), At("a.3", "k", 9)))
    it.recall(past(numbered(1, document="a.2", size=5), numbered(1), numbered(2)))
    assert it.documents["a.1"].since(Position("k", 0)).recovered
    assert it.documents["a.2"].since(Position("k", 0)).recovered
    assert not it.documents["a.3"].since(Position("k", 8)).recovered
    assert budget.used == 17
    assert [known for known in ("e1", "e2", "e3") if it.window.find("a.1", "/s", known)] == [
        "e1", "e2", "e3",
    ]  # fmt: skip
    it.apply(numbered(10, document="a.3", size=85))  # the longest idle goes
    assert [it.documents[name].bytes for name in ("a.1", "a.2", "a.3")] == [12, 0, 85]
    assert budget.used == 97


def test_nothing_known_is_given_up_for_what_is_recalled() -> None:
    budget = Budget(limit=12)
    it = book(claim("b"), batch("b", numbered(3, size=10)), budget=budget)
    it.recall(past(numbered(1, size=2), numbered(2, size=2)))
    assert (budget.used, len(it.documents["a.1"].kept)) == (10, 1)
    it.recall(past(numbered(2, size=2)))
    assert (budget.used, len(it.documents["a.1"].kept)) == (12, 2)


def test_made_up_documents_do_not_drive_out_what_others_rely_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A browser may open one document after another, as fast as its frames are taken."""
    monkeypatch.setattr(fold, "VISITED", 3)
    monkeypatch.setattr(limits, "DOCUMENTS_PER_SHARD", 8)
    it = book(claim("n"))
    it.apply(numbered(1, document="a.real"))
    it.apply(Begun(document="a.seated", epoch="k"))
    for number in range(1000):
        it.apply(Begun(document=f"made.up{number}", epoch="k"))
    state = it.state({"a.seated"})
    assert [at.document for at in state.places] == [
        "a.real", "a.seated", "made.up997", "made.up998", "made.up999"
    ]  # fmt: skip
    it.fold(state)
    assert list(it.documents) == [at.document for at in state.places]


def test_gateways_are_known_to_a_successor_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "GATEWAYS", 2)
    it = book(claim("n"))
    facts: list[Fact] = [Serving(gateway=name, on=True) for name in ("g1", "g2", "g3", "g2")]
    it.fold(Batch(nonce="n", n=1, facts=[*facts, Serving(gateway="g3", on=False)]))
    assert list(it.gateways) == ["g2"]
    assert list(book(it.state()).gateways) == ["g2"]


def test_renewals_are_known_to_a_successor_and_those_that_are_done_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fold, "RENEWALS", 2)
    facts = [
        Renewed(collection=name, events=[b"t"], done=done)
        for name, done in (("a", True), ("b", False), ("c", True), ("d", True), ("b", False))
    ]
    it = book(claim("n"), batch("n", *facts))
    assert list(it.renewals) == ["d", "b"]
    assert list(book(it.state()).renewals.values()) == facts[-2:]
    it.fold(batch("n", *(Renewed(collection=name, events=[b"t"]) for name in ("e", "f"))))
    assert list(it.renewals) == ["b", "e", "f"], "what is still to be done is not forgotten"
    it.forget()
    assert it.renewals == {}

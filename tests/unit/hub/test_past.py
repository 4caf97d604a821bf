from hub.past import Past
from schemas.log import Batch, Begun, Claim, Fact, Numbered, PastRecord, StateHead


def past(*records: PastRecord, limit: int = 1000) -> Past:
    it = Past(limit)
    for offset, record in enumerate(records, 100):
        it.fold(record, offset)
    return it


def numbered(seq: int, *, document: str = "a.1", epoch: str = "k", at: int = 0) -> Numbered:
    return Numbered(
        document=document, epoch=epoch, seq=seq, source="/s", id=f"e{seq}", type="t", digest=b"",
        at=at, event=b"%d" % seq,
    )  # fmt: skip


def batch(nonce: str, *facts: Fact) -> Batch:
    return Batch(nonce=nonce, n=1, facts=list(facts))


def claim(nonce: str, at: int = 0) -> Claim:
    return Claim(worker="w", nonce=nonce, at=at)


def events(it: Past, document: str = "a.1") -> list[bytes]:
    return [event for _, event in it.documents[document].kept]


def test_what_is_before_the_first_claim_or_state_belongs_to_the_next_stretch() -> None:
    it = past(batch("a", numbered(1)), StateHead(nonce="a", generation=5), batch("a", numbered(2)))
    assert it.since == 101
    assert (it.documents["a.1"].seq, events(it)) == (2, [b"2"])
    assert past(batch("a", numbered(1))).since is None
    assert past(batch("a", numbered(1)), claim("b")).since == 101


def test_what_a_zombie_wrote_does_not_count() -> None:
    it = past(claim("a"), batch("a", numbered(1)), claim("b"), batch("a", numbered(2)))
    assert events(it) == [b"1"]
    it = past(
        StateHead(nonce="zombie", generation=5),
        batch("zombie", numbered(7)),
        StateHead(nonce="b", generation=6),
        batch("b", numbered(7), numbered(8)),
    )
    assert it.since == 102
    assert events(it) == [b"7", b"8"]


def test_a_new_epoch_leaves_the_old_ones_events_behind() -> None:
    it = past(claim("a"), batch("a", numbered(1), Begun(document="a.1", epoch="m")))
    assert it.documents == {}
    it.fold(batch("a", numbered(1, epoch="n")), 200)
    assert (it.documents["a.1"].epoch, events(it)) == ("n", [b"1"])


def test_after_a_gap_only_what_follows_is_kept() -> None:
    it = past(claim("a"), batch("a", numbered(1), numbered(3), numbered(4)))
    assert events(it) == [b"3", b"4"]


def test_it_knows_how_late_it_ends() -> None:
    assert past().newest_at == 0
    it = past(claim("a", at=5), batch("a", numbered(1, at=9), numbered(1, document="a.2", at=7)))
    assert it.newest_at == 9
    assert it.records == 2


def test_its_bytes_are_bounded_the_idle_go_first() -> None:
    facts = [numbered(1, document=f"a.{n}") for n in range(5)]
    it = past(claim("a"), batch("a", *facts), limit=3)
    assert list(it.documents) == ["a.2", "a.3", "a.4"]
    it.fold(batch("a", Begun(document="a.2", epoch="z"), numbered(2, document="a.3")), 200)
    assert list(it.documents) == ["a.4", "a.3"]
    it.fold(batch("a", numbered(1, document="a.5")), 201)
    assert list(it.documents) == ["a.3", "a.5"]

from hub.documents import Document, Replay
from schemas import limits
from schemas.presence import Position


def filled(count: int, size: int = 1, at: int = 0) -> Document:
    document = Document("k1")
    for _ in range(count):
        document.add(b"x" * size, at)
    return document


def test_who_knows_all_is_recovered_with_nothing() -> None:
    assert filled(3).since(Position("k1", 3)) == Replay(3, True, [])


def test_what_is_missing_comes_in_order() -> None:
    document = Document("k1")
    for event in (b"a", b"b", b"c"):
        document.add(event, 0)
    assert document.since(Position("k1", 1)) == Replay(1, True, [b"b", b"c"])


def test_another_epoch_the_future_and_no_position_recover_nothing() -> None:
    document = filled(3)
    for position in (Position("k0", 1), Position("k1", 4), None):
        assert document.since(position) == Replay(3, False, [])


def test_history_is_bounded_by_count() -> None:
    document = filled(limits.HISTORY_EVENTS + 10)
    assert len(document.kept) == limits.HISTORY_EVENTS
    assert not document.since(Position("k1", 9)).recovered
    assert document.since(Position("k1", 10)).recovered


def test_history_is_bounded_by_bytes() -> None:
    document = filled(50, size=64 * 1024)
    assert document.bytes == limits.HISTORY_BYTES == sum(len(event) for _, event in document.kept)


def test_history_is_bounded_by_age() -> None:
    document = filled(1, at=0)
    document.add(b"y", limits.HISTORY_MS + 1)
    assert [event for _, event in document.kept] == [b"y"]
    assert document.last_at == limits.HISTORY_MS + 1


def test_a_replay_is_bounded_by_bytes() -> None:
    document = filled(9, size=64 * 1024)
    assert not document.since(Position("k1", 0)).recovered
    assert document.since(Position("k1", 1)).recovered


def test_a_new_epoch_begins_at_nothing() -> None:
    document = filled(3)
    document.begin("k2")
    assert (document.epoch, document.seq, document.bytes) == ("k2", 0, 0)
    assert document.since(Position("k1", 3)) == Replay(0, False, [])
    assert document.last_at == 0


def recalled(older: Document, *, kept: int = 2) -> Document:
    """A document whose last events are known, after older ones came."""
    document = Document(older.epoch, older.seq)
    for _ in range(kept):
        document.add(b"new", 0)
    document.recall(older)
    return document


def test_older_events_come_before_the_kept_ones() -> None:
    document = recalled(filled(3))
    assert [event for _, event in document.kept] == [b"x", b"x", b"x", b"new", b"new"]
    assert document.bytes == 9
    assert document.since(Position("k1", 0)).recovered


def test_older_events_that_do_not_meet_ours_are_of_no_use() -> None:
    document = Document("k1", 5)
    for older in (filled(4), filled(6), Document("k0", 5)):
        document.recall(older)
        assert not document.kept


def test_older_events_keep_to_the_bounds() -> None:
    assert len(recalled(filled(limits.HISTORY_EVENTS)).kept) == limits.HISTORY_EVENTS
    assert recalled(filled(16, size=64 * 1024)).bytes <= limits.HISTORY_BYTES
    document = Document("k1", 3)
    document.add(b"new", limits.HISTORY_MS + 1)
    document.recall(filled(3))
    assert len(document.kept) == 1


def test_what_may_be_in_the_log_is_worth_waiting_for() -> None:
    document = Document("k1", 300)
    document.add(b"new", 0)
    assert document.lacks(Position("k1", 299))
    assert document.lacks(Position("k1", 45))
    assert not document.lacks(Position("k1", 300))  # it is here
    assert not document.lacks(Position("k1", 44))  # too many
    assert not document.lacks(Position("k1", 302))
    assert not document.lacks(Position("k0", 299))
    assert not document.lacks(None)

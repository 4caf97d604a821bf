"""Chunks, offsets and retention of one log, without a broker around it."""

from broker.memory_log import CHUNK, Log
from broker.port import Offset, Outgoing, QueueSpec
from tests.unit.broker.test_memory_queue import Reader


def made(records: int, keep: int = 10**6) -> Log:
    log = Log(QueueSpec("log", {"x-queue-type": "stream"}), keep)
    for n in range(records):
        log.put(Outgoing("", "log", b"%03d" % n))
    return log


def read(log: Log, offset: Offset, room: int = 1000) -> Reader:
    reader = Reader(room)
    log.attach_at(reader, offset)
    return reader


def test_where_a_reader_begins() -> None:
    log = made(20)
    assert len(read(log, "first").held) == 20
    assert read(log, "last").texts() == ["016", "017", "018", "019"]
    assert read(log, "next").held == []
    assert read(log, CHUNK + 4).held[0].place == CHUNK + 1
    assert read(log, 10_000).held == []


def test_an_empty_log() -> None:
    log = made(0)
    readers = [read(log, "first"), read(log, "last"), read(log, "next"), read(log, 7)]
    log.put(Outgoing("", "log", b"new"))
    assert [reader.texts() for reader in readers] == [["new"]] * 4


def test_each_reader_goes_at_its_own_pace() -> None:
    log = made(20)
    slow, quick = read(log, "first", room=3), read(log, "first")
    assert (len(slow.held), len(quick.held)) == (3, 20)
    slow.room = 30
    log.pump()
    assert slow.texts() == quick.texts()
    log.detach(slow, slow.held)
    log.put(Outgoing("", "log", b"new"))
    assert (len(slow.held), len(quick.held)) == (20, 21)


def test_retention_takes_whole_chunks_from_the_front() -> None:
    log = made(10 * CHUNK, keep=3 * 4 * CHUNK)
    assert log.depth() == 4 * CHUNK
    assert read(log, "first").texts()[0] == f"{6 * CHUNK:03d}"
    assert read(log, 0).texts()[0] == f"{6 * CHUNK:03d}"


def test_one_record_larger_than_the_bound_is_kept() -> None:
    log = made(0, keep=2)
    log.put(Outgoing("", "log", b"large"))
    assert read(log, "first").texts() == ["large"]


def test_deleting_tells_every_reader() -> None:
    log = made(1)
    reader = read(log, "first")
    log.remove()
    assert "deleted" in reader.dismissed
    assert not log.used

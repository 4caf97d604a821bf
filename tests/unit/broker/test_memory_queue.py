"""Places, acknowledgement and bounds of one queue, without a broker around it."""

from broker.memory_queue import Held, Queue
from broker.port import Outgoing, QueueSpec


class Reader:
    """Takes up to ``room`` messages."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.held: list[Held] = []
        self.dismissed = ""

    def free(self) -> bool:
        return len(self.held) < self.room

    def give(self, held: Held) -> None:
        self.held.append(held)

    def dismiss(self, why: str) -> None:
        self.dismissed = why

    def texts(self) -> list[str]:
        return [("r" if h.returns else "") + h.message.body.decode() for h in self.held]


def made(dead: list[Outgoing], **arguments: str | int | bool) -> Queue:
    named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    return Queue(QueueSpec("q", {"x-queue-type": "quorum", **named}), dead.append)


def filled(queue: Queue, count: int) -> Queue:
    for n in range(1, count + 1):
        queue.put(Outgoing("", "q", str(n).encode()))
    return queue


def test_what_comes_back_takes_its_place() -> None:
    queue, first, second = made([]), Reader(3), Reader(2)
    queue.attach(first)
    filled(queue, 8)
    queue.attach(second)
    assert (first.texts(), second.texts()) == (["1", "2", "3"], ["4", "5"])
    second.room = 0
    queue.detach(first, first.held[1:])
    queue.detach(second, second.held)
    heir = Reader(9)
    queue.attach(heir)
    assert heir.texts() == ["r2", "r3", "r4", "r5", "6", "7", "8"]


def test_an_active_consumer_that_is_full_keeps_the_next_one_waiting() -> None:
    queue, active, waiting = made([], single_active_consumer=True), Reader(2), Reader(9)
    queue.attach(active)
    queue.attach(waiting)
    filled(queue, 5)
    assert (active.texts(), waiting.texts()) == (["1", "2"], [])
    queue.detach(active, active.held)
    assert waiting.texts() == ["r1", "r2", "3", "4", "5"]


def test_readers_take_turns() -> None:
    queue, readers = made([]), [Reader(9) for _ in range(3)]
    for reader in readers:
        queue.attach(reader)
    filled(queue, 6)
    assert sorted(reader.texts() for reader in readers) == [["1", "4"], ["2", "5"], ["3", "6"]]


def test_what_drops_off_the_head_says_so_once() -> None:
    dead: list[Outgoing] = []
    queue = made(dead, max_length=2, dead_letter_exchange="dlx", dead_letter_routing_key="k")
    filled(queue, 3)
    assert queue.depth() == 2
    (letter,) = dead
    assert (letter.exchange, letter.key, letter.body) == ("dlx", "k", b"1")
    assert letter.headers["x-first-death-reason"] == "maxlen"
    queue.put(letter)  # it came round: dropped without another letter
    filled(queue, 2)
    assert [message.body for message in dead] == [b"1", b"2", b"3"]


def test_held_messages_do_not_count_until_they_come_back() -> None:
    dead: list[Outgoing] = []
    queue, reader = made(dead, max_length=2, dead_letter_exchange=""), Reader(2)
    queue.attach(reader)
    filled(queue, 4)
    assert not dead
    queue.detach(reader, reader.held)
    assert [message.body for message in dead] == [b"1", b"2"]


def test_deleting_tells_every_reader() -> None:
    queue, reader = made([]), Reader(1)
    queue.attach(reader)
    queue.remove()
    assert "deleted" in reader.dismissed
    queue.detach(reader, [])
    assert not queue.used

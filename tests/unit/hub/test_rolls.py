"""A roll in parts: it replaces once all have come. Whole ones are told of in ``test_acts``."""

import msgspec

from broker.port import Delivery
from hub.documents import Document
from hub.shard import Shard
from schemas import codec
from schemas.messages import Place, Seats, read_to_shard
from tests.unit.hub.builders import (
    DOCUMENT,
    START,
    acts,
    change,
    delivery,
    frames,
    join,
    leave,
    seats,
    shard,
    told,
    turn,
)


def parts(*rolls: Delivery, at: int = 0) -> list[Delivery]:
    """These as the parts of one roll."""
    said = []
    for number, roll in enumerate(rolls, 1):
        message = read_to_shard(roll.body)
        assert isinstance(message, Seats)
        part = msgspec.structs.replace(message, part=number, parts=len(rolls), at=at)
        said.append(delivery(roll.exchange, roll.key, codec.pack(part)))
    return said


def present(it: Shard) -> set[str]:
    room = it.rooms.get(DOCUMENT)
    return set(room.seats) if room else set()


def has_told(it: Shard) -> bool:
    return it.gateways["g1"].told


def test_parts_together_replace_what_was_known() -> None:
    it = shard()
    turn(it, acts(join("old", "zoidberg"), join("c1", "leela")))
    first, second = parts(
        seats(told("c1", "leela")), seats(told("c2", "fry"), collections=["article"])
    )
    turn(it, first, now=START + 100)
    assert present(it) == {"old", "c1"}, "nobody is gone before all have come"
    assert not has_told(it)
    turn(it, second, now=START + 200)
    assert present(it) == {"c1", "c2"}
    assert has_told(it)
    assert list(it.summaries.watchers("article")) == ["g1"]


def test_an_owner_that_has_not_had_the_first_part_ends_nobodys_seat() -> None:
    """The first part was acknowledged by the owner before; it asks for the roll itself."""
    it = shard()
    turn(it, acts(join("c1", "leela")))
    first, second, third = parts(
        seats(told("c1", "leela")), seats(told("c2", "fry")), seats(told("c3", "amy"))
    )
    turn(it, second, third)
    assert present(it) == {"c1", "c2", "c3"}
    assert not has_told(it)
    turn(it, first, third)
    assert not has_told(it)
    turn(it, first, second, third)
    assert has_told(it)


def test_parts_of_two_rolls_are_not_mixed() -> None:
    it = shard()
    first, _ = parts(seats(told("c1", "leela")), seats(told("c2", "fry")), at=1)
    _, second = parts(seats(), seats(told("c3", "amy")), at=2)
    turn(it, first, second)
    assert not has_told(it)
    assert it.gateways["g1"].roll is None


def test_a_new_connection_begins_a_new_roll() -> None:
    it = shard()
    first, second = parts(seats(told("c1", "leela")), seats(told("c2", "fry")))
    turn(it, first)
    turn(it, acts(leave("c9"), term=2))
    assert it.gateways["g1"].roll is None
    turn(it, second)
    assert present(it) == {"c1"}, "what an older connection says counts no more"


def shortened() -> tuple[Shard, Document]:
    """A log that ended at 3 when it was taken over; the owner has numbered 4 to 9 since."""
    it = shard()
    turn(it, *(change(f"e{n}") for n in range(1, 4)))
    it.book.inherit()
    turn(it, *(change(f"e{n}") for n in range(4, 10)))
    return it, it.book.documents[DOCUMENT]


def test_who_saw_more_than_the_log_had_begins_anew_though_it_has_more_by_now() -> None:
    it, known = shortened()
    before = it.book.generation - 1
    ahead = Place(DOCUMENT, known.epoch, 5, reached=before)
    assert [frame["seq"] for frame in frames(turn(it, seats(places=[ahead])), "reset")] == [0]
    assert known.epoch != ahead.epoch


def test_who_saw_what_the_log_had_or_what_came_since_goes_on() -> None:
    it, known = shortened()
    for seq, reached in ((3, 1), (5, it.book.generation), (9, it.book.generation), (5, 0)):
        place = Place(DOCUMENT, known.epoch, seq, reached=reached)
        assert frames(turn(it, seats(places=[place])), "reset") == []

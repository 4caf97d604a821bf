from __future__ import annotations

from gateway.rolls import parted
from schemas import codec, limits, messages
from schemas.messages import Place, Seats
from tests.unit.gateway.making import DOC, E1, seat

PLACE = Place(DOC, E1, 7)


def test_nobody_and_nothing_is_a_part_too() -> None:
    assert parted([], []) == [([], [])]


def test_what_is_little_is_one_part() -> None:
    told = seat("c.1", "fry", "editing").told(DOC)
    assert parted([told], [PLACE]) == [([told], [PLACE])]


def test_each_part_is_within_its_bound_and_all_is_told_once_in_order() -> None:
    """Whatever the seats weigh: here all that may be, in a script of three bytes a letter."""
    big = seat("c" * limits.CONNECTION_BYTES, "日" * (limits.USER_BYTES // 3), "editing")
    big.name = "日" * (limits.NAME_BYTES // 3)
    big.info = big.state = b'{"a":"%s"}' % (b"x" * 1000)
    seats, places = [big.told(DOC)] * 3_000, [PLACE] * 20_000
    parts = parted(seats, places)
    assert [one for some, _ in parts for one in some] == seats
    assert [one for _, some in parts for one in some] == places
    assert len(parts) > 5
    for number, (some, at) in enumerate(parts, 1):
        said = Seats(
            gateway="g" * limits.GATEWAY_BYTES,
            term=limits.INTEGER,
            slot=3,
            at=limits.INTEGER,
            places=at,
            seats=some,
            collections=[],
            part=number,
            parts=len(parts),
        )
        body = codec.pack(said)
        assert len(body) <= limits.ROLL_BYTES
        assert messages.read_to_shard(body) == said

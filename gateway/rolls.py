"""A gateway's roll of one slot in parts, each of a bounded size. Pure."""

from __future__ import annotations

from schemas import limits
from schemas.messages import Place, Seat

Part = tuple[list[Seat], list[Place]]


def parted(seats: list[Seat], places: list[Place]) -> list[Part]:
    """At least one part; all seats before the first position, so that whoever is told what they
    missed is known to be there. About ``limits.ROLL_BYTES`` each."""
    parts: list[Part] = [([], [])]
    size = 0

    def room_for(more: int) -> Part:
        nonlocal size
        if size and size + more > limits.ROLL_BYTES:
            parts.append(([], []))
            size = 0
        size += more
        return parts[-1]

    for seat in seats:
        room_for(_seat_bytes(seat))[0].append(seat)
    for place in places:
        room_for(_place_bytes(place))[1].append(place)
    return parts


def _seat_bytes(seat: Seat) -> int:
    """Its bytes on the bus or a little more; names may be of any language."""
    texts = len(seat.document) + len(seat.connection) + 4 * (len(seat.user) + len(seat.name))
    return 100 + texts + len(seat.info) + len(seat.state)


def _place_bytes(place: Place) -> int:
    return 80 + len(place.document)

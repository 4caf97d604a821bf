"""What everybody tells everybody on ``hub.control``, in msgpack: who is alive, who wants what."""

from __future__ import annotations

import msgspec

from schemas import codec, limits
from schemas.ids import SLOTS
from schemas.unknown import Unknown


class HubBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="hub"):
    """A hub worker is alive.

    Attributes:
        shards: Slot (as text) → generation it owns it with.
        standing: Slots it stands in line for.
    """

    worker: str
    at: int
    shards: dict[str, int]
    standing: list[int] = []


class GatewayBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway"):
    """A gateway is alive."""

    gateway: str
    term: int
    at: int
    connections: int
    draining: bool = False


class RelayBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="relay"):
    """A relay is alive.

    Attributes:
        lag_ms: Age of the oldest unpublished row; 0 when there is none.
        published: Events it has published since it began; ``dead``: rows that made none.
        resyncs: How often it told everybody to load anew, since it began.
        wake: How writers wake it: ``off``, ``idle``, ``always``; ``deaf`` if they cannot just now.
        wakeups: How often they did, since it began.
    """

    relay: str
    at: int
    active: bool
    backlog: int
    lag_ms: int
    published: int = 0
    dead: int = 0
    resyncs: int = 0
    wake: str = "off"
    wakeups: int = 0


class Bye(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="bye"):
    """A gateway or hub has ended as it should. ``who`` is its id."""

    who: str
    at: int


class SeatsWanted(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="seats_wanted"):
    """A new owner asks for ``Seats`` of its slot: all gateways, or the one named."""

    slot: int
    generation: int
    gateway: str | None = None


class Succeeded(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="succeeded"):
    """``connection`` said hello as the successor of ``previous``, which another gateway held.

    That gateway ends the seats of ``previous`` if it is the same user's and gone.
    """

    previous: str
    user: str
    connection: str


def owned_slots(hub: HubBeat) -> list[tuple[int, int]]:
    """The slots a hub owns, with their generation; nonsense left out."""
    return [
        (int(slot), generation)
        for slot, generation in hub.shards.items()
        if slot.isascii()
        and slot.isdigit()
        and int(slot[:9]) < SLOTS
        and 0 < generation <= limits.INTEGER
    ]


Control = HubBeat | GatewayBeat | RelayBeat | Bye | SeatsWanted | Succeeded
HeardControl = Control | Unknown


def read_control(body: bytes) -> HeardControl:
    """Raises: MalformedMessage."""
    message: HeardControl = codec.read_any(body, HeardControl)
    return message

"""What gateways and hubs say to each other, in msgpack. JSON inside is carried as ``bin``.

Every message is a map with ``kind``. Fields are only ever added, with a default; unknown fields are
ignored, unknown kinds skipped (``unknown``), so that neighbouring versions understand each other.
Times are Unix milliseconds.

Directions: ``ToShard`` gateway or hub → the shard's owner (exchange ``hub.clients``), ``Life``
gateway → whoever binds, ``ToGateway`` owner → one gateway (``hub.events``, key
``:gateway.<id>.<term>``), ``Control`` everybody → everybody (``hub.control``). Events, presence and
resets for everybody at a document are not here: they travel as the JSON frames of
``schemas.frames`` with ``Marks``.

Here is what a gateway says; ``replies``, ``control`` and ``marks`` hold the rest, and are met here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas import codec, limits
from schemas.control import (
    Bye as Bye,
    Control as Control,
    GatewayBeat as GatewayBeat,
    HeardControl as HeardControl,
    HubBeat as HubBeat,
    RelayBeat as RelayBeat,
    SeatsWanted as SeatsWanted,
    Succeeded as Succeeded,
    owned_slots as owned_slots,
    read_control as read_control,
)
from schemas.marks import (
    Marks as Marks,
    read_marks as read_marks,
)
from schemas.presence import Mode, Position
from schemas.replies import (
    Answer as Answer,
    DocumentNow as DocumentNow,
    Done as Done,
    Json as Json,
    LeaseLost as LeaseLost,
    Part as Part,
    PresenceNow as PresenceNow,
    Refused as Refused,
    Replies as Replies,
    Reply as Reply,
    UserNow as UserNow,
    read_replies as read_replies,
)
from schemas.unknown import Unknown as Unknown

GatewayName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$", max_length=limits.GATEWAY_BYTES)]
"""A ``GatewayId``. Answers go to ``:gateway.<id>.<term>``, which must fit a routing key."""
Connection = Annotated[str, Meta(max_length=limits.CONNECTION_BYTES)]
User = Annotated[str, Meta(max_length=limits.USER_BYTES)]
Term = Annotated[int, Meta(ge=0, le=limits.INTEGER)]


class _Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    connection: Connection


class JoinAct(_Act, frozen=True, kw_only=True, tag="join"):
    """The connection takes a seat, or changes the whole of the one it has.

    Attributes:
        previous: A connection this one takes over from. Its seat at this document, if it is the
            same user's and ``away``, ends in the same step.
        info, state: JSON objects.
        lease: The fence that the page held on its last connection: the lease goes on in this seat.
    """

    user: User
    name: str
    info: Json
    mode: Mode
    state: Json
    previous: Connection | None = None
    lease: int | None = None


class UpdateAct(_Act, frozen=True, kw_only=True, tag="update"):
    """The seat changes in what is given. ``request`` is answered by ``Done`` or ``Refused``."""

    mode: Mode | None = None
    state: Json | None = None
    lease: bool | None = None
    request: int | None = None


class SendAct(_Act, frozen=True, kw_only=True, tag="send"):
    """An event from a browser, stamped and checked by the gateway. ``event`` is a CloudEvent."""

    event: Json
    ephemeral: bool = False
    request: int | None = None


class AwayAct(_Act, frozen=True, kw_only=True, tag="away"):
    """The socket is gone; its gateway keeps the seat for the grace. Changes nothing to see."""


class LeaveAct(_Act, frozen=True, kw_only=True, tag="leave"):
    """The seat ends. ``cause``: ``left`` (a frame), ``closed``, ``lost`` or ``moved``."""

    cause: str = "left"


class AskAct(_Act, frozen=True, kw_only=True, tag="ask"):
    """Tell me this document: answered by ``Answer`` with the same ``ask``.

    Attributes:
        connection: Empty: it is the gateway that asks.
        since: What the asker knows; events after it come with the answer, if they are kept.
    """

    ask: int
    since: Position | None = None


Act = JoinAct | UpdateAct | SendAct | AwayAct | LeaveAct | AskAct


class _ToShard(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Attributes:
    gateway: Its id, part of a routing key.
    term: Counts the gateway's connections to the broker; anything of a lower term than seen
        comes from a half-dead connection and is ignored. Also the last part of its address.
    """

    gateway: GatewayName
    term: Term


class Acts(_ToShard, frozen=True, kw_only=True, tag="acts"):
    """What happened at one document in one loop turn of one gateway, in order.

    Key ``:<slot>.<document>``; ``BCC`` names ``receive.<connection>`` for each connection in it.
    """

    document: str
    at: int
    acts: Annotated[Sequence[Act | Unknown], Meta(min_length=1, max_length=limits.ACTS_PER_MESSAGE)]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One connection at one document, as its gateway knows it.

    Attributes:
        lease: The fence it holds by its own account; 0: it holds none, ``None``: it cannot say,
            because an answer is under way.
    """

    document: str
    connection: Connection
    user: User
    name: str
    info: Json
    mode: Mode
    state: Json
    away: bool = False
    lease: int | None = None


class Place(msgspec.Struct, frozen=True):
    """What a gateway has of one document.

    Attributes:
        generation, v: Of the last presence heard; ``v`` -1 where none is kept.
        reached: The generation under which the position was reached; 0 is not known.
    """

    document: str
    epoch: str
    seq: int
    generation: int = 0
    v: int = -1
    reached: int = 0


class Seats(_ToShard, frozen=True, kw_only=True, tag="seats"):
    """All seats and positions of this gateway in this slot. **Replaces** all known of it there.

    Key ``:<slot>.seats``. Sent when a new generation asks, after each connection, after an
    overflow, and each ``limits.AUDIT_MS``. Roster, audit, resume and repair in one. What is more
    than ``limits.ROLL_BYTES`` comes in parts, one right after the other; it replaces when all have
    come.

    Attributes:
        collections: Those somebody here watches the list of. In the last part.
        part: From 1 to ``parts``.
    """

    slot: int
    at: int
    places: list[Place]
    seats: list[Seat]
    collections: list[str]
    part: int = 1
    parts: int = 1


class Watch(_ToShard, frozen=True, kw_only=True, tag="watch"):
    """The gateway begins (or ends) to watch a collection: to all shards, key ``:<slot>.watch``.

    Also asks for the shard's part as a whole, after a gap.
    """

    collection: str
    on: bool


class Probe(_ToShard, frozen=True, kw_only=True, tag="probe"):
    """Wakes the owner of a silent shard: a worker is not told that it became active.

    Key ``:<slot>.probe``. ``gateway`` is the worker's id, ``term`` 0.
    """


class Renew(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="renew"):
    """A collection's documents in this shard begin anew: nobody can say what changed in it.

    From the owner of the list's shard to all others, key ``:<slot>.renew``. May come again: the
    event at the list is known by its ``source`` and ``id``, and heeded once.
    """

    collection: str
    source: str
    id: str


ToShard = Acts | Seats | Watch | Probe | Renew
HeardByShard = ToShard | Unknown


class _Life(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    connection: str
    user: str
    gateway: str
    at: int


class Connected(_Life, frozen=True, kw_only=True, tag="connect"):
    """A socket said hello. Key ``connect.<connection>``. For any backend that binds it."""

    name: str
    address: str = ""
    agent: str = ""
    origin: str = ""
    client: dict[str, str] = {}
    previous: str | None = None


class Disconnected(_Life, frozen=True, kw_only=True, tag="disconnect"):
    """A socket ended. Key ``disconnect.<connection>``. Exactly one for each ``connect``; both may
    come again when the broker was lost before it confirmed them.

    Attributes:
        code: Close code; 1006 when there was none.
        cause: ``closed`` by the browser, ``lost``, ``kicked`` by us, ``drained``.
    """

    code: int
    cause: str
    duration_ms: int


class GatewayLost(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway_lost"):
    """A gateway fell silent: all its connections are gone. Key ``gateway.lost``."""

    gateway: str
    at: int


Life = Connected | Disconnected | GatewayLost
HeardLife = Life | Unknown


def read_to_shard(body: bytes) -> HeardByShard:
    """Raises: MalformedMessage."""
    message: HeardByShard = codec.read_any(body, HeardByShard)
    return message


def read_life(body: bytes) -> HeardLife:
    """Raises: MalformedMessage."""
    message: HeardLife = codec.read_any(body, HeardLife)
    return message

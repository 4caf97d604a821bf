"""What gateways and hubs say to each other, in msgpack. JSON inside is carried as ``bin``.

Every message is a map with ``kind``. Fields are only ever added, with a default; unknown fields are
ignored, so that neighbouring versions understand each other. Times are Unix milliseconds.

Directions: ``ToShard`` gateway → the shard's owner (exchange ``hub.clients``), ``Life`` gateway →
whoever binds, ``ToGateway`` owner → one gateway (``hub.events``, key ``:gateway.<id>.<term>``),
``Control`` everybody → everybody (``hub.control``). Events, presence and resets for everybody at a
document are not here: they travel as the JSON frames of ``schemas.frames`` with ``Marks``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas import codec, limits
from schemas.errors import MalformedMessage
from schemas.presence import Lease, Mode, Position

Json = Annotated[bytes, Meta(max_length=limits.EVENT_BYTES)]
"""A JSON value, UTF-8, as it was written."""


class _Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    connection: str


class JoinAct(_Act, frozen=True, kw_only=True, tag="join"):
    """The connection takes a seat, or changes the whole of the one it has.

    Attributes:
        previous: A connection this one takes over from. Its seat at this document, if it is the
            same user's and ``away``, ends in the same step.
        info, state: JSON objects.
    """

    user: str
    name: str
    info: Json
    mode: Mode
    state: Json
    previous: str | None = None


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
    gateway: Its id.
    term: Counts the gateway's connections to the broker; anything of a lower term than seen
        comes from a half-dead connection and is ignored. Also the last part of its address.
    """

    gateway: str
    term: int


class Acts(_ToShard, frozen=True, kw_only=True, tag="acts"):
    """What happened at one document in one loop turn of one gateway, in order.

    Key ``:<slot>.<document>``; ``BCC`` names ``receive.<connection>`` for each connection in it.
    """

    document: str
    at: int
    acts: Annotated[list[Act], Meta(min_length=1, max_length=limits.ACTS_PER_MESSAGE)]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One connection at one document, as its gateway knows it."""

    document: str
    connection: str
    user: str
    name: str
    info: Json
    mode: Mode
    state: Json
    away: bool = False


class Place(msgspec.Struct, frozen=True):
    """What a gateway has of one document."""

    document: str
    epoch: str
    seq: int


class Seats(_ToShard, frozen=True, kw_only=True, tag="seats"):
    """All seats and positions of this gateway in this slot. **Replaces** all known of it there.

    Key ``:<slot>.seats``. Sent when a new generation asks, after each connection, after an
    overflow, and each ``limits.AUDIT_MS``. Roster, audit, resume and repair in one.

    Attributes:
        collections: Those somebody here watches the list of.
    """

    slot: int
    at: int
    places: list[Place]
    seats: list[Seat]
    collections: list[str]


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


ToShard = Acts | Seats | Watch | Probe


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
    """A socket ended. Key ``disconnect.<connection>``. Exactly one for each ``connect``.

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


class _Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    pass


class UserNow(msgspec.Struct, frozen=True):
    """``schemas.presence.User`` with its JSON as bytes."""

    id: str
    name: str
    info: Json
    mode: Mode
    state: Json


class PresenceNow(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody at a document. ``v`` is the owner's count within its generation.

    Attributes:
        complete: False while gateways have not answered after a take-over, or above
            ``limits.PRESENCE_USERS``.
    """

    v: int
    users: list[UserNow]
    reading: int
    editing: int
    complete: bool
    lease: Lease | None = None


class Answer(_Reply, frozen=True, kw_only=True, tag="answer"):
    """The document as it is.

    Attributes:
        ask: Of the ``AskAct`` answered; 0 when it answers a place in ``Seats``.
        epoch, seq: The document's position.
        since: ``seq`` after which ``events`` begin: ``events[i]`` has ``since + 1 + i``.
        recovered: ``events`` hold everything after what the asker knew.
        events: CloudEvents as JSON.
    """

    ask: int
    document: str
    epoch: str
    seq: int
    since: int
    recovered: bool
    events: list[Json]
    presence: PresenceNow


class Done(_Reply, frozen=True, kw_only=True, tag="done"):
    """A request was carried out. ``seq`` for an event, ``fence`` for a lease."""

    request: int
    document: str
    seq: int | None = None
    fence: int | None = None


class Refused(_Reply, frozen=True, kw_only=True, tag="refused"):
    """A request was not carried out. ``code`` of ``schemas.errors.ErrorCode``."""

    request: int
    document: str
    code: str
    message: str
    by: str | None = None
    by_name: str | None = None


class LeaseLost(_Reply, frozen=True, kw_only=True, tag="lease_lost"):
    """This seat no longer holds the lease."""

    document: str
    connection: str
    reason: str


class DocumentNow(msgspec.Struct, frozen=True):
    """One member of a collection: counts and at most ``limits.SUMMARY_USERS``, editors first."""

    document: str
    users: list[UserNow]
    reading: int
    editing: int


class Part(_Reply, frozen=True, kw_only=True, tag="part"):
    """A collection's members in one slot: the whole, or those that changed.

    Attributes:
        v: Counts this owner's parts to this gateway for this collection; a gap is asked for.
    """

    collection: str
    v: int
    full: bool
    complete: bool
    documents: list[DocumentNow]


Reply = Answer | Done | Refused | LeaseLost | Part


class Replies(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="replies"):
    """What an owner has to tell one gateway, in order. Of a lower generation than seen: ignored."""

    slot: int
    generation: int
    replies: list[Reply]


def read_to_shard(body: bytes) -> ToShard:
    """Raises: MalformedMessage."""
    message: ToShard = codec.read_any(body, ToShard)
    return message


def read_life(body: bytes) -> Life:
    """Raises: MalformedMessage."""
    message: Life = codec.read_any(body, Life)
    return message


class HubBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="hub"):
    """A hub worker is alive. ``shards``: slot (as text) → generation it owns it with."""

    worker: str
    at: int
    shards: dict[str, int]


class GatewayBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway"):
    """A gateway is alive."""

    gateway: str
    term: int
    at: int
    connections: int
    draining: bool = False


class RelayBeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="relay"):
    """A relay is alive. ``lag_ms``: age of the oldest unpublished row; 0 when there is none."""

    relay: str
    at: int
    active: bool
    backlog: int
    lag_ms: int


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


Control = HubBeat | GatewayBeat | RelayBeat | Bye | SeatsWanted | Succeeded


def read_control(body: bytes) -> Control:
    """Raises: MalformedMessage."""
    message: Control = codec.read_any(body, Control)
    return message


@dataclass(frozen=True, slots=True)
class Marks:
    """What the headers of a document's message say, so that nobody parses its body.

    The body is a JSON frame of ``schemas.frames``: ``event``, ``presence`` or ``reset``.

    Attributes:
        what: Which of them.
        seq: Of the event; for ``presence`` and ``reset`` the document's position.
        v: Of the presence, in this generation; else 0. Ephemeral events have ``seq`` 0.
    """

    what: Literal["event", "presence", "reset"]
    document: str
    generation: int
    epoch: str
    seq: int
    v: int = 0

    def headers(self) -> dict[str, str | int]:
        """As AMQP headers, short because each costs on every hop."""
        return {
            "w": self.what,
            "d": self.document,
            "g": self.generation,
            "e": self.epoch,
            "s": self.seq,
            "v": self.v,
        }


def read_marks(headers: Mapping[str, object]) -> Marks:
    """The marks of a document's message.

    Raises:
        MalformedMessage: Some are missing or of another type.
    """
    match headers:
        case {
            "w": ("event" | "presence" | "reset") as what,
            "d": str(document),
            "g": int(generation),
            "e": str(epoch),
            "s": int(seq),
            "v": int(v),
        }:
            return Marks(what, document, generation, epoch, seq, v)
    raise MalformedMessage("no marks of a document's message", 0)

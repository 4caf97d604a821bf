"""Records of ``hub.log.<kk>``: what a shard's owner tells its successor. msgpack.

The log decides. A record counts only if the last ``claim`` before it is its writer's, that is, has
the same ``nonce``; so an owner that woke up late cannot write. What is published was read back from
here first, and a successor that folds the same records reaches the same state.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from schemas import codec
from schemas.messages import Json
from schemas.unknown import Unknown


class Claim(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="claim"):
    """A worker takes the shard over.

    The generation it begins is not written but read out, by every reader alike:
    ``max(generation of the claim before + 1, at)``.

    Attributes:
        at: Unix milliseconds.
        before: The generation the writer knew of last, for when the log was cut short.
    """

    worker: str
    nonce: str
    at: int
    before: int = 0


class Numbered(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="event"):
    """One event with its place.

    Attributes:
        digest: Of its content, to tell a repeat from another event under the same id.
        event: The CloudEvent as JSON.
    """

    document: str
    epoch: str
    seq: int
    source: str
    id: str
    type: str
    digest: bytes
    at: int
    event: Json


class Granted(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="granted"):
    """A seat got the sole right to edit; with the fence in force: the lease moved to this seat."""

    document: str
    connection: str
    user: str
    name: str
    fence: int


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="ended"):
    """A lease ended. ``reason``: ``released``, ``left``, ``expired``, ``taken``."""

    document: str
    fence: int
    reason: str


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="begun"):
    """The document's numbers begin anew in ``epoch``, at 0."""

    document: str
    epoch: str


class Exchanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="exchange"):
    """The document gets an exchange of its own (``on``), or has none any more."""

    document: str
    on: bool


class Serving(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gateway"):
    """A gateway is there (``on``), or its loss has been told.

    In the log of slot 0 only, whose owner tells of losses: its successor must know whom it may have
    to tell of.
    """

    gateway: str
    on: bool


class Renewed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="renewed"):
    """All documents of a collection in this shard begin anew, as an event at its list asked for.

    Written when it is asked for, again when it is begun, if that takes more than a turn, and when
    it is done, so that a successor does the rest and nobody does it twice.

    Attributes:
        events: The last ones that asked for it, the latest last: digests of their names.
        to: Their new epoch: those of an older one have yet to begin anew. Empty: not begun.
        done: None has.
    """

    collection: str
    events: list[bytes]
    to: str = ""
    done: bool = False


Fact = Numbered | Granted | Ended | Begun | Exchanged | Serving | Renewed


class Batch(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="batch"):
    """What one turn decided, in order. ``n`` counts this claim's batches from 1."""

    nonce: str
    n: int
    facts: Sequence[Fact | Unknown]


class At(msgspec.Struct, frozen=True):
    """Where one document stands."""

    document: str
    epoch: str
    seq: int


class State(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="state"):
    """Everything a successor must know besides the records after this one.

    Attributes:
        places: Positions, at most ``limits.DOCUMENTS_PER_SHARD``, the latest used.
        fence: The highest ever granted in this shard.
        exchanges: Documents that have an exchange of their own, for the successor to keep or end.
        gateways: Those there, see ``Serving``.
        renewals: Of collections, the latest of each.
    """

    nonce: str
    generation: int
    places: list[At]
    leases: list[Granted]
    fence: int
    exchanges: list[str]
    gateways: list[str] = []
    renewals: list[Renewed] = []


class StateHead(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="state"):
    """A ``State`` for who only wants to know whose records count. The rest is not even decoded."""

    nonce: str
    generation: int


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A fact for who only wants to know what types of events there are; of any kind."""

    kind: str
    type: str = ""
    document: str = ""
    at: int = 0


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """A record likewise. Bodies of events are not even copied."""

    kind: str
    facts: list[Hint] = []


Record = Claim | Batch | State
ReadRecord = Record | Unknown
PastRecord = Claim | Batch | StateHead | Unknown


def read_record(body: bytes) -> ReadRecord:
    """Raises: MalformedMessage."""
    record: ReadRecord = codec.read_ours(body, ReadRecord)
    return record


def read_past_record(body: bytes) -> PastRecord:
    """A record of long ago. Raises: MalformedMessage."""
    record: PastRecord = codec.read_ours(body, PastRecord)
    return record


def read_glance(body: bytes) -> Glance:
    """A record, only glanced at. Raises: MalformedMessage."""
    glance: Glance = codec.read_ours(body, Glance)
    return glance

"""Who is where in one collection: sixteen parts made one, for the sockets at its list. Pure.

The owner of each slot tells us its members: the whole, then what changed, counted by ``v``. What
changed in one turn goes out as one frame. A socket that asked for certain keys only sees those, and
counts what it sees: sockets with the same keys are one group with one ``v``.
"""

from __future__ import annotations

from collections.abc import Collection as Several
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Generic

from msgspec import Raw

from gateway.effects import Deliver, P
from schemas import frames, limits
from schemas.ids import SLOTS, DocumentId, key_of, list_of
from schemas.messages import DocumentNow, Part
from schemas.presence import Counts, DocumentSummary, Summary, User

SUMMARY_BYTES: Final = limits.SOCKET_BYTES // 2
"""About what one frame may tell of a collection: a browser that takes it slowly still has room for
what follows."""

KEPT: Final = 10_000
"""Members of one collection that are kept here; of more it is only known that there are more."""

Keys = frozenset[str] | None
"""The members a socket asked for; ``None``: all."""


@dataclass(slots=True)
class _Slot:
    generation: int = 0
    v: int = 0
    complete: bool = False
    cut: bool = False
    documents: set[DocumentId] = field(default_factory=set)


@dataclass(slots=True)
class _Group(Generic[P]):
    complete: bool
    v: int = 0
    peers: dict[P, None] = field(default_factory=dict)


class Collection(Generic[P]):
    """One watched collection. ``since``: when we began to watch, Unix milliseconds."""

    def __init__(self, name: str, since: int) -> None:
        self.name = name
        self.since = since
        self._slots = [_Slot() for _ in range(SLOTS)]
        self._documents: dict[DocumentId, DocumentSummary] = {}
        self._changed: set[DocumentId] = set()
        self._groups: dict[Keys, _Group[P]] = {}
        self._keys: dict[P, Keys] = {}

    # --- what the owners say --------------------------------------------------------

    def take(self, slot: int, generation: int, part: Part) -> bool:
        """A part came. False: one before it is missing, ask that slot for the whole."""
        known = self._slots[slot]
        if part.full:
            if (generation, part.v) < (known.generation, known.v):
                return True
            self._replace(known, part.documents)
        elif (generation, part.v) <= (known.generation, known.v):
            return True
        elif (generation, part.v) != (known.generation, known.v + 1):
            return False
        else:
            for document in part.documents:
                self._put(known, document)
        known.generation, known.v, known.complete = generation, part.v, part.complete
        return True

    @property
    def complete(self) -> bool:
        """Whether all sixteen parts are known, each of them whole."""
        return all(slot.complete and not slot.cut for slot in self._slots)

    def whole(self, keys: Keys = None) -> tuple[list[DocumentSummary], bool]:
        """The members, within ``limits.SUMMARY_DOCUMENTS`` and ``SUMMARY_BYTES``; and whether
        these are all."""
        chosen = [now for now in self._documents.values() if _wanted(now.document, keys)]
        shown = _cut(chosen)
        return shown, self.complete and len(shown) == len(chosen)

    def _replace(self, slot: _Slot, documents: list[DocumentNow]) -> None:
        slot.cut = False
        for gone in slot.documents - {DocumentId(now.document) for now in documents}:
            self._put(slot, DocumentNow(gone, [], 0, 0))
        for document in documents:
            self._put(slot, document)

    def _put(self, slot: _Slot, now: DocumentNow) -> None:
        document = DocumentId(now.document)
        said = _summary(now)
        if now.reading or now.editing:
            if document not in self._documents and len(self._documents) >= KEPT:
                slot.cut = True
                return
            slot.documents.add(document)
            if self._documents.get(document) == said:
                return
            self._documents[document] = said
        else:
            slot.documents.discard(document)
            if self._documents.pop(document, None) is None:
                return
        self._changed.add(document)

    # --- what the sockets hear ------------------------------------------------------

    def seat(self, peer: P, keys: Keys) -> None:
        """A socket takes a place at the list, or changes its keys."""
        self.unseat(peer)
        self._keys[peer] = keys
        self._groups.setdefault(keys, _Group(self.complete)).peers[peer] = None

    def unseat(self, peer: P) -> None:
        """A socket leaves the list."""
        keys = self._keys.pop(peer, None)
        group = self._groups.get(keys)
        if group is not None:
            group.peers.pop(peer, None)
            if not group.peers:
                del self._groups[keys]

    def summary(self, peer: P) -> Summary:
        """The whole, as this socket may see it, under the ``v`` of its last frame.

        Changes not yet told follow; putting them twice does no harm.
        """
        keys = self._keys.get(peer)
        documents, complete = self.whole(keys)
        return Summary(self._groups[keys].v, True, complete, documents)

    def readers(self, document: DocumentId, besides: Several[P]) -> list[P]:
        """The sockets at the list that shall hear a member's event, without those ``besides``."""
        key = key_of(document)
        return [
            peer
            for peer, keys in self._keys.items()
            if (keys is None or key in keys) and peer not in besides
        ]

    def tell(self) -> list[Deliver[P]]:
        """What changed since the last call, a frame for each group."""
        changed, self._changed = self._changed, set()
        complete = self.complete
        told = []
        for keys, group in self._groups.items():
            documents = [document for document in changed if _wanted(document, keys)]
            if documents or group.complete != complete:
                group.complete = complete
                told.append(self._told(keys, group, documents))
        return told

    def _told(self, keys: Keys, group: _Group[P], documents: list[DocumentId]) -> Deliver[P]:
        group.v += 1
        now = [self._documents.get(d) or DocumentSummary(d, [], Counts(0, 0)) for d in documents]
        list_document = list_of(self.name)
        whole, complete = self.whole(keys)
        fits = len(_cut(now)) == len(now)
        said = Summary(group.v, not fits, complete, now if fits else whole)
        frame = frames.summary_frame(list_document, said)
        return Deliver(list(group.peers), frame, list_document)


def _wanted(document: str, keys: Keys) -> bool:
    return keys is None or key_of(DocumentId(document)) in keys


def _summary(now: DocumentNow) -> DocumentSummary:
    users = [User(u.id, u.name, Raw(u.info), u.mode, Raw(u.state)) for u in now.users]
    return DocumentSummary(now.document, users, Counts(now.reading, now.editing))


def _cut(documents: list[DocumentSummary]) -> list[DocumentSummary]:
    """The first ones, as many as one frame takes."""
    size = 0
    for number, now in enumerate(islice(documents, limits.SUMMARY_DOCUMENTS)):
        size += 80 + len(now.document) + sum(_weight(user) for user in now.users)
        if size > SUMMARY_BYTES:
            return documents[:number]
    return documents[: limits.SUMMARY_DOCUMENTS]


def _weight(user: User) -> int:
    """About its bytes in JSON. A name may grow by its escapes, but names are short."""
    return 80 + len(user.id) + 2 * len(user.name) + len(user.info) + len(user.state)

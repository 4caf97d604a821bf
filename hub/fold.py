"""The log folded into what a shard's owner knows. Pure.

The owner applies each fact when it decides it and its successor when it reads it: one function, so
both reach the same. A record counts only if the last claim before it is its writer's.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from hub.documents import Document
from hub.events import Window
from hub.in_force import InForce
from hub.past import Past
from schemas import limits
from schemas.ids import epoch_age, epoch_name
from schemas.log import (
    At,
    Batch,
    Begun,
    Claim,
    Ended,
    Exchanged,
    Fact,
    Granted,
    Numbered,
    ReadRecord,
    Renewed,
    Serving,
    State,
)
from schemas.unknown import Unknown

AT_BYTES: Final = 60
"""More than a position takes in the log beside its document's name."""
VISITED: Final = 2_000
"""Documents of a shard without an event, now or ever, and without anybody at them, whose numbers a
successor goes on with; one beyond them begins anew, and nobody misses anything by it."""
GATEWAYS: Final = 1_000
"""Gateways whose loss is told of, should they fall silent."""
RENEWALS: Final = 1_000
"""Collections whose last renewal is known. Asked again for one beyond them, it is done again."""


class Budget:
    """Bytes of history in one process, all its shards together."""

    def __init__(self, limit: int = limits.HISTORY_PROCESS_BYTES) -> None:
        self.limit = limit
        self.used = 0


class Book:
    """What the log says of one shard.

    Attributes:
        nonce: Of the claim in force; its writer's records count.
        generation: Of that claim; 0 before the first.
        complete: A ``State`` was met, or the beginning of the log: nothing older is missing.
        documents: By id, longest unused first.
        leases: Those in force, by document.
        fence: The highest ever granted.
        exchanges: Documents with an exchange of their own.
        gateways: Those there, in slot 0; beyond ``GATEWAYS`` the oldest go.
        renewals: The last one of each collection; of those that are done, beyond ``RENEWALS`` the
            oldest go.
        unknown: Records and facts met that only another version knows.
    """

    def __init__(self, budget: Budget) -> None:
        self.complete = False
        self.documents: dict[str, Document] = {}
        self.leases: dict[str, Granted] = {}
        self.fence = 0
        self.exchanges: dict[str, None] = {}
        self.gateways: dict[str, None] = {}
        self.renewals: dict[str, Renewed] = {}
        self.window = Window()
        self.unknown = 0
        self._budget = budget
        self._in_force = InForce()
        self._with_history: dict[str, Document] = {}
        self._dropped_age = 0

    @property
    def nonce(self) -> str:
        """See above."""
        return self._in_force.nonce

    @property
    def generation(self) -> int:
        """See above."""
        return self._in_force.generation

    # --- records ----------------------------------------------------------------------

    def fold(self, record: ReadRecord) -> None:
        """The next record of the log."""
        match record:
            case Claim():
                self._in_force.claim(record)
            case Batch():
                if record.nonce == self.nonce:
                    for fact in record.facts:
                        self.apply(fact)
            case State():
                self._fold_state(record)
            case Unknown():
                self.unknown += 1

    def _fold_state(self, state: State) -> None:
        known = self.nonce
        if not self._in_force.vouches(state):
            return
        if self.nonce != known:
            self.forget()
        before, self.documents = self.documents, {}
        for at in state.places:
            document = before.pop(at.document, None)
            if document is None:
                document = Document(at.epoch, at.seq)
            elif (document.epoch, document.seq) != (at.epoch, at.seq):
                self._drop_history(at.document, document)
                document = Document(at.epoch, at.seq)
            self.documents[at.document] = document
        for name, document in before.items():
            self._drop_history(name, document)
            self._dropped_age = max(self._dropped_age, epoch_age(document.epoch))
        self.leases = {lease.document: lease for lease in state.leases}
        self.fence = max(self.fence, state.fence)
        self.exchanges = dict.fromkeys(state.exchanges)
        self.gateways = dict.fromkeys(state.gateways)
        self.renewals = {renewal.collection: renewal for renewal in state.renewals}
        self.complete = True

    def state(self, seated: Container[str] = ()) -> State:
        """Everything a successor must know, the longest unused documents beyond the bounds left
        out. The writer folds it too, and so forgets the same ones.

        Args:
            seated: Documents that somebody is at. Of those that nobody is at and that never had an
                event only ``VISITED`` are kept: whoever opens one made-up document after another
                must not drive out what others rely on.
        """
        places: list[At] = []
        size = visited = 0
        for name, document in reversed(self.documents.items()):
            if not document.seq and name not in seated:
                visited += 1
                if visited > VISITED:
                    continue
            size += AT_BYTES + len(name)
            if size > limits.LOG_STATE_BYTES or len(places) == limits.DOCUMENTS_PER_SHARD:
                break
            places.append(At(name, document.epoch, document.seq))
        places.reverse()
        return State(
            nonce=self.nonce,
            generation=self.generation,
            places=places,
            leases=list(self.leases.values()),
            fence=self.fence,
            exchanges=list(self.exchanges),
            gateways=list(self.gateways),
            renewals=list(self.renewals.values()),
        )

    def inherit(self) -> None:
        """The log was read up to our claim: from here on it is we who number."""
        for document in self.documents.values():
            document.base = document.seq

    # --- facts ------------------------------------------------------------------------

    def apply(self, fact: Fact | Unknown) -> None:
        """One fact, decided now or read back."""
        match fact:
            case Numbered():
                self._number(fact)
            case Begun():
                self._begin(fact)
            case Granted():
                self.leases[fact.document] = fact
                self.fence = max(self.fence, fact.fence)
            case Ended():
                held = self.leases.get(fact.document)
                if held is not None and held.fence == fact.fence:
                    del self.leases[fact.document]
            case Exchanged():
                if fact.on:
                    self.exchanges[fact.document] = None
                else:
                    self.exchanges.pop(fact.document, None)
            case Serving():
                self.gateways.pop(fact.gateway, None)
                if fact.on:
                    self.gateways[fact.gateway] = None
                if len(self.gateways) > GATEWAYS:
                    del self.gateways[next(iter(self.gateways))]
            case Renewed():
                self._renew(fact)
            case Unknown():
                self.unknown += 1

    def _number(self, fact: Numbered) -> None:
        name = fact.document
        document = self.documents.pop(name, None)
        if document is None or (document.epoch, document.seq) != (fact.epoch, fact.seq - 1):
            if document is not None:
                self._drop_history(name, document)
            document = Document(fact.epoch, fact.seq - 1)
        self.documents[name] = document
        before = document.bytes
        document.add(fact.event, fact.at)
        self._budget.used += document.bytes - before
        self._with_history.pop(name, None)
        self._with_history[name] = document
        self.window.remember(fact)
        while self._budget.used > self._budget.limit and self._with_history:
            idle, history = next(iter(self._with_history.items()))
            self._drop_history(idle, history)

    def _begin(self, fact: Begun) -> None:
        document = self.documents.pop(fact.document, None)
        if document is None:
            document = Document(fact.epoch)
        else:
            self._drop_history(fact.document, document)
            document.begin(fact.epoch)
        self.documents[fact.document] = document

    def _renew(self, fact: Renewed) -> None:
        self.renewals.pop(fact.collection, None)
        self.renewals[fact.collection] = fact
        if len(self.renewals) > RENEWALS:
            done = next((name for name, one in self.renewals.items() if one.done), None)
            if done is not None:
                del self.renewals[done]

    def next_epoch(self, name: str, seen: str = "") -> str:
        """An epoch this document never had, newer than ``seen`` and all before.

        Named after the generation, or the next free name after what was used within it.
        """
        document = self.documents.get(name)
        used = epoch_age(document.epoch) if document else self._dropped_age
        return epoch_name(max(self.generation, used + 1, epoch_age(seen) + 1))

    # --- bounds -----------------------------------------------------------------------

    def recall(self, past: Past) -> None:
        """Put a stretch of the log that ends where ours begins before what is known.

        What is there already is never given up for it.
        """
        revived: list[tuple[str, Document]] = []
        for name, older in reversed(past.documents.items()):
            if self._budget.used + older.bytes > self._budget.limit:
                break
            document = self.documents.get(name)
            if document is None:
                continue
            before, idle = document.bytes, not document.kept
            document.recall(older)
            self._budget.used += document.bytes - before
            if idle and document.kept:
                revived.append((name, document))
        if revived:
            self._with_history = dict(reversed(revived)) | self._with_history
        self.window.recall(past.window)

    def drop_older(self, at: int) -> None:
        """Drop the histories of documents without an event since ``at``."""
        while self._with_history:
            name, document = next(iter(self._with_history.items()))
            if document.last_at >= at:
                return
            self._drop_history(name, document)

    def forget(self) -> None:
        """Drop everything but the claim: the shard is lost, or its log begins elsewhere."""
        for name, document in tuple(self._with_history.items()):
            self._drop_history(name, document)
        self.documents.clear()
        self.leases.clear()
        self.exchanges.clear()
        self.gateways.clear()
        self.renewals.clear()
        self.window.clear()
        self.complete = False

    def _drop_history(self, name: str, document: Document) -> None:
        self._budget.used -= document.bytes
        document.forget()
        self._with_history.pop(name, None)

"""What the logs say, read as plainly as can be: only claims and the batches of who claimed last.

States are not read at all: they may say nothing that the rest does not say.
"""

from __future__ import annotations

from typing import Any

from schemas.ids import DocumentId, collection_of, epoch_age, is_list
from schemas.log import Batch, Begun, Claim, Ended, Granted, Numbered, Renewed, State, read_record


class SlotLedger:
    """One shard's log."""

    def __init__(self) -> None:
        self.generation = 0
        self.nonce = ""
        self.places: dict[str, tuple[str, int]] = {}
        self.numbers: dict[tuple[str, str], tuple[str, int]] = {}
        self.ids: dict[tuple[str, str, int], str] = {}
        self.leases: dict[str, Granted] = {}
        self.fence = 0
        self.renewals: dict[str, Renewed] = {}
        self.renewal_asked: dict[str, dict[str, str]] = {}
        self.read = 0

    def fold(self, body: bytes) -> None:
        record = read_record(body)
        match record:
            case Claim():
                self.generation = max(self.generation + 1, record.at, record.before + 1)
                self.nonce = record.nonce
            case Batch() if record.nonce == self.nonce:
                for fact in record.facts:
                    self._fact(fact)
            case State() if record.nonce == self.nonce:
                assert record.generation == self.generation
                assert {at.document: (at.epoch, at.seq) for at in record.places} == self.places
                assert {held.document: held for held in record.leases} == self.leases
                assert record.fence == self.fence
                assert {one.collection: one for one in record.renewals} == self.renewals

    def _fact(self, fact: Any) -> None:
        match fact:
            case Numbered():
                epoch, seq = self.places.get(fact.document, (fact.epoch, 0))
                assert (fact.epoch, fact.seq) == (epoch, seq + 1), "a gap, or a number twice"
                assert (fact.document, fact.id) not in self.numbers, "numbered twice"
                self.places[fact.document] = fact.epoch, fact.seq
                self.numbers[fact.document, fact.id] = fact.epoch, fact.seq
                self.ids[fact.document, fact.epoch, fact.seq] = fact.id
            case Begun():
                before = self.places.get(fact.document)
                assert before is None or epoch_age(before[0]) < epoch_age(fact.epoch)
                self.places[fact.document] = fact.epoch, 0
            case Granted():
                held = self.leases.get(fact.document)
                if held is None:
                    assert fact.fence > self.fence, "the fence went back"
                    self.fence = fact.fence
                else:  # The same lease, at the same page's next connection.
                    assert (held.user, held.fence) == (fact.user, fact.fence), "two hold the lease"
                self.leases[fact.document] = fact
            case Ended():
                held = self.leases.pop(fact.document)
                assert held.fence == fact.fence
            case Renewed():
                self._renewed(fact)
            case _:
                pass

    def _renewed(self, fact: Renewed) -> None:
        before = self.renewals.get(fact.collection)
        known = before.events if before else []
        if not (fact.to or fact.done):  # It is asked for.
            assert fact.events[-1] not in known, "heeded twice"
            assert fact.events[:-1] == known[-len(fact.events) + 1 :][: len(fact.events) - 1]
            self.renewal_asked[fact.collection] = {
                name: epoch for name, (epoch, _) in self.places.items()
            }
        else:
            assert fact.events == known
            assert before is not None
            assert not before.done, "done twice"
        if fact.done:  # Then no document of the collection is where it was before.
            asked = self.renewal_asked[fact.collection]
            for name, (epoch, _) in self.places.items():
                if collection_of(DocumentId(name)) == fact.collection:
                    assert asked.get(name) != epoch or is_list(DocumentId(name)), name
        self.renewals[fact.collection] = fact

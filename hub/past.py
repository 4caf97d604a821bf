"""A stretch of a log older than what a take-over read: its events by document. Pure.

A take-over reads the last records, and service goes on. What is older is read behind it, stretch
by stretch, the latest first; ``Book.recall`` puts each before what is known already.
"""

from __future__ import annotations

from typing import Final

from hub.documents import Document
from hub.events import Window
from hub.in_force import InForce
from schemas.log import Batch, Begun, Claim, Numbered, PastRecord, StateHead

PAST_BYTES: Final = 32 * 1024 * 1024
"""Of events in one stretch; the longest idle documents' go first. One is read at a time, and one
more may wait to be recalled: both are beside ``limits.HISTORY_PROCESS_BYTES``."""


class Past:
    """Folded in order, from any place on.

    Attributes:
        records: How many were folded.
        since: The offset from which on nothing is missing; ``None`` as long as it is not known
            whose records count.
        newest_at: Unix milliseconds of its latest event or claim; 0 without any.
        documents: Those with events, longest idle first, up to where each was at the end.
        window: The names of its events.
    """

    def __init__(self, limit: int = PAST_BYTES) -> None:
        self.records = 0
        self.since: int | None = None
        self.newest_at = 0
        self.documents: dict[str, Document] = {}
        self.window = Window()
        self._in_force = InForce()
        self._limit = limit
        self._bytes = 0

    def fold(self, record: PastRecord, offset: int) -> None:
        """The next record of the stretch."""
        self.records += 1
        match record:
            case Claim():
                self._in_force.claim(record)
                self.newest_at = max(self.newest_at, record.at)
                if self.since is None:
                    self.since = offset
            case StateHead():
                before = self._in_force.nonce
                if self._in_force.vouches(record) and self._in_force.nonce != before:
                    self._forget()
                    self.since = offset
            case Batch():
                if record.nonce == self._in_force.nonce:
                    for fact in record.facts:
                        match fact:
                            case Numbered():
                                self._number(fact)
                            case Begun():
                                self._drop(fact.document)

    def _number(self, fact: Numbered) -> None:
        name = fact.document
        document = self.documents.pop(name, None)
        if document is None or (document.epoch, document.seq) != (fact.epoch, fact.seq - 1):
            self._bytes -= document.bytes if document else 0
            document = Document(fact.epoch, fact.seq - 1)
        self.documents[name] = document
        before = document.bytes
        document.add(fact.event, fact.at)
        self._bytes += document.bytes - before
        self.window.remember(fact)
        self.newest_at = max(self.newest_at, fact.at)
        while self._bytes > self._limit:
            self._drop(next(iter(self.documents)))

    def _drop(self, name: str) -> None:
        document = self.documents.pop(name, None)
        self._bytes -= document.bytes if document else 0

    def _forget(self) -> None:
        self.documents.clear()
        self.window.clear()
        self._bytes = 0

"""One append-and-read log in memory, as awkward as a RabbitMQ stream.

Offsets only grow and have gaps; a reader is attached at the beginning of a chunk, so it may see
records before the offset it asked for; retention drops whole chunks from the front.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from broker.memory_queue import Held, Reader
from broker.port import Offset, Outgoing, QueueSpec

CHUNK = 8
"""Records in a chunk. Small, so that tests meet its edges."""


class Log:
    """A queue of type ``stream``.

    Args:
        keep_bytes: Bound of one log in this process, whatever its arguments allow more.
    """

    def __init__(self, spec: QueueSpec, keep_bytes: int) -> None:
        self.spec = spec
        self._keep = min(int(spec.arguments.get("x-max-length-bytes", keep_bytes)), keep_bytes)
        self._chunks: list[list[Held]] = [[]]
        self._bytes = 0
        self._next = 0
        self._cursors: dict[Reader, int] = {}

    def depth(self) -> int:
        """Records kept."""
        return sum(len(chunk) for chunk in self._chunks)

    @property
    def used(self) -> bool:
        """Whether anybody reads."""
        return bool(self._cursors)

    def put(self, message: Outgoing) -> None:
        """Append one record."""
        if len(self._chunks[-1]) == CHUNK:
            self._chunks.append([])
            self._next += 1  # the gap between two chunks
        self._chunks[-1].append(Held(self._next, message))
        self._next += 1
        self._bytes += len(message.body)
        self._keep_bound()
        self.pump()

    def attach_at(self, reader: Reader, offset: Offset) -> None:
        """A reader begins at ``offset``, or at the beginning of the chunk that holds it."""
        self._cursors[reader] = self._start(offset)
        self.pump()

    def detach(self, reader: Reader, unacked: Iterable[Held]) -> None:
        """A reader ends. Nothing goes back: reading takes nothing away."""
        self._cursors.pop(reader, None)

    def pump(self) -> None:
        """Hand every reader what is next for it, as far as its prefetch goes."""
        for reader, cursor in self._cursors.items():
            if cursor < self._next:
                self._cursors[reader] = self._read(reader, cursor)

    def remove(self) -> None:
        """The log is deleted: its readers hear of it."""
        readers = tuple(self._cursors)
        self._cursors.clear()
        for reader in readers:
            reader.dismiss(f"queue {self.spec.name} was deleted")

    def restart(self) -> None:
        """A log survives a restart whole."""

    def _read(self, reader: Reader, cursor: int) -> int:
        for chunk in self._chunks[self._chunk_of(cursor) :]:
            for held in chunk:
                if held.place < cursor:
                    continue
                if not reader.free():
                    return held.place
                reader.give(held)
        return self._next

    def _start(self, offset: Offset) -> int:
        match offset:
            case "first":
                return 0
            case "next":
                return self._next
            case "last":
                return self._first_of(self._chunks[-1])
            case int():
                if offset >= self._next:
                    return self._next
                return self._first_of(self._chunks[self._chunk_of(offset)])

    def _chunk_of(self, offset: int) -> int:
        """Index of the chunk that holds an offset, or of the oldest one there is."""
        return max(bisect_right(self._chunks, offset, key=self._first_of) - 1, 0)

    def _first_of(self, chunk: list[Held]) -> int:
        return chunk[0].place if chunk else self._next

    def _keep_bound(self) -> None:
        while self._bytes > self._keep and len(self._chunks) > 1:
            self._bytes -= sum(len(held.message.body) for held in self._chunks.pop(0))

"""Looking at a document or collection without a seat there: what the HTTP API answers from.

The question goes the same way as a browser's: to the owner of the shard, wherever that is.
"""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.outbox import Outbox
from gateway.rooms import Rooms
from gateway.socket import Socket
from gateway.summaries import Collection
from schemas.ids import DocumentId
from schemas.messages import Answer, AskAct
from schemas.presence import DocumentSummary

FIRST: Final = 1 << 40
"""Numbers of our questions begin here, above those that rooms ask."""
REPEAT_S: Final = 2.0
WAIT_S: Final = 10.0
PARTS_S: Final = 2.0
"""How long to wait for all sixteen parts of a collection. Then what is known is told."""


class NoAnswer(Exception):
    """Nobody owns the shard just now, or the broker is away. Trying again may help."""


class Lookups:
    """Open questions."""

    def __init__(self, outbox: Outbox, rooms: Rooms[Socket]) -> None:
        self._outbox = outbox
        self._rooms = rooms
        self._last = FIRST
        self._open: dict[int, asyncio.Future[Answer]] = {}
        self._parts: dict[str, asyncio.Event] = {}

    async def document(self, document: DocumentId) -> Answer:
        """The document as its owner has it.

        Raises:
            NoAnswer: None within ``WAIT_S``.
        """
        self._last += 1
        number = self._last
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    self._outbox.act(document, AskAct(connection="", ask=number))
                    done, _ = await asyncio.wait([answer], timeout=REPEAT_S)
                    if done:
                        return answer.result()
        except TimeoutError:
            raise NoAnswer from None
        finally:
            del self._open[number]

    async def collection(self, name: str, now: int) -> tuple[list[DocumentSummary], bool]:
        """The members of a collection that somebody is at; and whether these are all."""
        collection, effects = self._rooms.look(name, now)
        for watching in effects:
            self._outbox.watch(watching.collection, watching.on, watching.slot)
        await self._until_complete(collection)
        return collection.whole()

    async def _until_complete(self, collection: Collection[Socket]) -> None:
        try:
            async with asyncio.timeout(PARTS_S):
                while not collection.complete:
                    await self._parts.setdefault(collection.name, asyncio.Event()).wait()
        except TimeoutError:
            return
        finally:
            self.told(collection.name)  # Whoever else waits for it, waits anew.

    def answered(self, said: Answer) -> None:
        """An answer came; perhaps one of ours."""
        answer = self._open.get(said.ask)
        if answer is not None and not answer.done():
            answer.set_result(said)

    def told(self, collection: str) -> None:
        """A part of a collection came."""
        waiting = self._parts.pop(collection, None)
        if waiting is not None:
            waiting.set()

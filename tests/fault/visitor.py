"""A page that stays: it comes back as ``browser/src`` does, and tells again what it wants.

The rules are those of ``browser/src/backoff.js``, ``close.js`` and ``life.js``: full jitter, a
floor for two codes, at once for the 41 hundred, never for the 44 hundred.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.fault.ledger import Ledger, Numbers
from tests.support.stack import token
from tests.support.tab import Answered, Tab

BASE_S, CAP_S, STABLE_S = 0.5, 20.0, 5.0
WELCOME_S, SILENCE_S = 10.0, 35.0
FLOORS = {4009: 30.0, 4029: 10.0}
UNKNOWN = "unknown"
"""The mode after a request that was not answered in time: it may have been carried out."""
RIGHTS = {"page.*": "edit"}
LOST = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, EOFError)


class Visitor:
    """One page of one user.

    Attributes:
        wants: Document → mode. Change it with ``want``.
        told: Document → mode as the gateway confirmed it on the present connection.
        said: (document, event id, seq) of everything that was confirmed.
        connects: Connections that were welcomed.
        at: The URL of the last connection.
        stays: Nobody changes what it wants.
        haunts: The documents it may be at.
        returns: When it was welcomed elsewhere after a drain (``time.monotonic()``).

    Args:
        urls: Where gateways are; a balancer passes on to one that takes the connection.
        load: Reads the version of a document's row.
    """

    def __init__(
        self,
        name: str,
        user: str,
        numbers: Numbers,
        urls: Callable[[], Sequence[str]],
        load: Callable[[str], Awaitable[int]],
        dice: random.Random,
    ) -> None:
        self.name, self.user = name, user
        self.wants: dict[str, str] = {}
        self.told: dict[str, str] = {}
        self.said: list[tuple[str, str, int]] = []
        self.stays, self.haunts = False, list[str]()
        self.connects = 0
        self.returns: list[float] = []
        self._drained = False
        self.codes: list[int | None] = []
        self.tab: Tab | None = None
        self.ledger = Ledger(name, numbers, self._ask_load)
        self._numbers, self._urls, self._load, self._dice = numbers, urls, load, dice
        self.at = ""
        self._tasks: asyncio.TaskGroup
        self._previous: str | None = None
        self._changed: dict[str, asyncio.Event] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._move = asyncio.Event()
        self._leaving = self._navigating = False
        self._ids = itertools.count(1)
        self._attempt = 0

    # What the page wants

    def want(self, document: str, mode: str | None) -> None:
        """Be at a document in this mode, or not at all."""
        if mode is None:
            self.wants.pop(document, None)
        else:
            self.wants[document] = mode
        self._changed.setdefault(document, asyncio.Event()).set()

    def seated(self) -> bool:
        """Whether the gateway knows all we want."""
        return self.tab is not None and self.told == self.wants

    def leave(self) -> None:
        """For good."""
        self._leaving = True
        self._move.set()

    def navigate(self) -> None:
        """The page is left for the next one, which knows nothing but who came before."""
        if self.tab is not None:
            self._navigating = True
            self._move.set()

    async def say(self, document: str) -> None:
        """Send an event, again and again under its id until it is confirmed."""
        id = f"{self.name}-{next(self._ids)}"
        while not self._leaving and document in self.wants:
            tab = self.tab
            try:
                if tab is not None and document in self.told:
                    event = {"id": id}
                    done = await tab.send(document, "chat.said", {"by": self.name}, event=event)
                    self.said.append((document, id, done["seq"]))
                    return
            except Answered as error:
                if not error.frame.get("temporary") and error.code != "not_joined":
                    self.ledger.faults.append(f"{self.name} may not say {id}: {error}")
                    return
            except LOST:
                pass
            await asyncio.sleep(self._pause(1))

    async def point(self, document: str) -> None:
        """Move a cursor: an event that is worth nothing a moment later."""
        with contextlib.suppress(Answered, *LOST):
            if self.tab is not None:
                await self.tab.send(document, "cursor.moved", {"x": 1}, ephemeral=True)

    async def take(self, document: str) -> None:
        """Ask once for the right to edit. It ends with the seat, or with another mode."""
        fences = self._numbers.fences
        async with self._turns[document]:
            tab, above = self.tab, fences.highest(document)
            if tab is None or not self.told.get(document) == self.wants.get(document) == "editing":
                return
            with contextlib.suppress(Answered, *LOST):
                done = await tab.update(document, mode="editing", lease=True)
                fences.grant(document, done["fence"], (self.user, tab.connection), above)

    # The life of the line

    async def live(self) -> None:
        """Stay online until ``leave``."""
        async with asyncio.TaskGroup() as self._tasks:
            while not self._leaving:
                began = time.monotonic()
                code = await self._visit()
                if self.connects and time.monotonic() - began >= STABLE_S:
                    self._attempt = 0
                self.codes.append(code)
                if code is not None and (code in (1002, 1003, 1007, 1009) or code // 100 == 44):
                    self.ledger.faults.append(f"{self.name} was closed for good with {code}")
                    return
                await self._wait(code)

    async def _wait(self, code: int | None) -> None:
        if self._move.is_set():
            self._attempt = 0
            self._move.clear()
            return
        at_once = code is not None and code // 100 == 41 and self._attempt == 0
        floor = FLOORS.get(code or 0, 0.0)
        pause = 0.0 if at_once else floor + self._pause(self._attempt)
        self._attempt += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._move.wait(), pause)

    def _pause(self, attempt: int) -> float:
        return self._dice.random() * min(CAP_S, BASE_S * 2.0**attempt)

    async def _visit(self) -> int | None:
        """One connection, from its beginning to its end; returns the close code, if any."""
        socket = await self._dial()
        if socket is None:
            return None
        tab = Tab(socket, self.ledger.hear)
        tab.faults = self.ledger.faults
        tending: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(tab.read())
            try:
                await tab.hello(token(self.user, RIGHTS), previous=self._previous)
                self._previous = tab.connection
                self.connects += 1
                if self._drained:
                    self.returns.append(time.monotonic())
                self.told.clear()
                self.tab = tab
                for document in self._changed:
                    tending.append(tasks.create_task(self._tend(tab, document)))
                tending.append(tasks.create_task(self._watch(tab)))
                moving = tasks.create_task(self._move.wait())
                tending.append(moving)  # type: ignore[arg-type]
                await asyncio.wait({reading, moving}, return_when=asyncio.FIRST_COMPLETED)
            except (*LOST, Answered):
                pass
            finally:
                self.tab = None
                self.told.clear()
                for task in tending:
                    task.cancel()
                if self._leaving or self._navigating:
                    await socket.close(1001)
                else:
                    socket.transport.abort()
                await reading
                if self._navigating:
                    self._navigating = False
                    self.ledger.pages.clear()
        self._drained = tab.drained is not None
        return tab.closed

    async def _dial(self) -> ClientConnection | None:
        urls = list(self._urls())
        self._dice.shuffle(urls)
        for url in urls:
            try:
                socket = await connect(
                    url, compression=None, ping_interval=None, open_timeout=WELCOME_S, proxy=None
                )
            except LOST:
                continue
            self.at = url
            return socket
        return None

    async def _watch(self, tab: Tab) -> None:
        """A line that died without a word is noticed by its silence; a drain is followed."""
        while time.monotonic() - self.ledger.heard_at < SILENCE_S:
            await asyncio.sleep(0.05)
            if tab.drained is not None:
                low, high = tab.drained
                await asyncio.sleep((low + self._dice.random() * (high - low)) / 1000)
                self._move.set()
                return
        tab.vanish()

    async def _tend(self, tab: Tab, document: str) -> None:
        """Keep the gateway told of what we want of one document."""
        attempt, changed = 0, self._changed[document]
        while True:
            changed.clear()
            want, told = self.wants.get(document), self.told.get(document)
            try:
                if want == told:
                    attempt = 0
                    if want is None:  # It was told by the end of the last connection.
                        self.ledger.pages.pop(document, None)
                    await changed.wait()
                    continue
                async with self._turns[document]:
                    await self._tell(tab, document, want, told)
                continue
            except Answered as error:
                if error.code == "not_joined":  # So it has been left.
                    self.told.pop(document, None)
                elif not error.frame.get("temporary"):
                    self.ledger.faults.append(f"{self.name} is refused {document}: {error}")
                    return
                if error.code == "timeout":
                    self.told[document] = UNKNOWN
            except TimeoutError:
                self.told[document] = UNKNOWN
            except (OSError, ConnectionClosed):
                return
            attempt += 1
            await asyncio.sleep(self._pause(attempt))

    async def _tell(self, tab: Tab, document: str, want: str | None, told: str | None) -> None:
        if want is None:
            self.ledger.pages.pop(document, None)
            await tab.leave(document)
            self.told.pop(document, None)
            return
        if told is None or told == UNKNOWN:
            await tab.join(document, want, **self.ledger.since(document))
        else:
            await tab.update(document, mode=want)
        self.told[document] = want

    def _ask_load(self, document: str, load: int) -> None:
        async def read() -> None:
            self.ledger.loaded(document, load, await self._load(document))

        self._tasks.create_task(read())

"""Pages that race for the right to edit, and the rows they save under it.

They do what ``browser/src`` does: a page that comes back joins with the fence it holds and asks
again; whoever is told that it is lost, or gets no answer, holds nothing. ``Rows`` is a backend that
stores the highest fence it saw, as docs/protocol.md says it should.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.fault.fences import Fences
from tests.support.stack import token
from tests.support.tab import Answered, Tab

LOST = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, TimeoutError, EOFError)
RIGHTS = {"page.*": "edit"}


@dataclass
class Rows:
    """One row a document, and who saved it last.

    Attributes:
        accepted: Document → fences of the saves it took, in order.
        refused: How many came too late.
    """

    accepted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    _pages: dict[tuple[str, int], str] = field(default_factory=dict)

    def save(self, document: str, fence: int, page: str) -> bool:
        """``UPDATE … SET fence = $1 WHERE fence <= $1``."""
        taken = self.accepted[document]
        if taken and fence < taken[-1]:
            self.refused += 1
            return False
        taken.append(fence)
        whose = self._pages.setdefault((document, fence), page)
        if whose != page:
            self.faults.append(f"{document} was saved under {fence} by {whose} and by {page}")
        return True


class Editor:
    """One page of one user, and after it the next one of the same tab.

    Attributes:
        held: Document → fence, by its own account.
        late: Fences it held once: it may try to save under them.
        told: Reasons it was given for losing one.
    """

    def __init__(
        self,
        name: str,
        user: str,
        documents: Sequence[str],
        rows: Rows,
        fences: Fences,
        urls: Callable[[], Sequence[str]],
        dice: random.Random,
    ) -> None:
        self.name, self.user, self.documents = name, user, documents
        self.held: dict[str, int] = {}
        self.late: list[tuple[str, int, str]] = []
        self.told: Counter[str] = Counter()
        self.faults: list[str] = []
        self.tab: Tab | None = None
        self.resting = asyncio.Event()
        self._rows, self._fences, self._urls, self._dice = rows, fences, urls, dice
        self._pages = itertools.count(1)
        self._page = f"{name}/0"
        self._previous: str | None = None
        self._leaving = False
        self._lost: set[tuple[str, int]] = set()

    def leave(self) -> None:
        """For good, at the next step."""
        self._leaving = True
        self.resting.clear()

    async def live(self) -> None:
        """Stay online until ``leave``."""
        while not self._leaving:
            with contextlib.suppress(*LOST):
                url = self._dice.choice(list(self._urls()))
                await self._visit(await connect(url, compression=None, ping_interval=None))
            await asyncio.sleep(self._dice.random())

    async def _visit(self, socket: ClientConnection) -> None:
        tab = Tab(socket, self._hear)
        tab.faults = self.faults
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(tab.read())
            try:
                await tab.hello(token(self.user, RIGHTS), previous=self._previous)
                self._previous = tab.connection
                for document in self.documents:
                    claim = {"lease": self.held[document]} if document in self.held else {}
                    await tab.join(document, "reading", **claim)
                    if document in self.held:
                        await self._ask(tab, document)
                self.tab = tab
                while tab.closed is None and not self._leaving:
                    await self._act(tab)
            except (*LOST, Answered):
                pass  # Not answered, or not done: come back, and say then what we hold.
            finally:
                self.tab = None
                await socket.close(1001)
                await reading

    async def _act(self, tab: Tab) -> None:
        if self.resting.is_set():
            await asyncio.sleep(0.05)
            return
        await asyncio.sleep(self._dice.random() * 0.4)
        document, fate = self._dice.choice(self.documents), self._dice.random()
        if fate < 0.02:
            tab.vanish()
            await asyncio.sleep(0.05)
        elif fate < 0.03:  # The next page of the tab knows nothing of what the last one held.
            self.late += [(document, fence, self._page) for document, fence in self.held.items()]
            self.held.clear()
            self._page = f"{self.name}/{next(self._pages)}"
            await tab.close()
        elif document not in self.held:
            await self._ask(tab, document)
        elif fate < 0.7:
            self._rows.save(document, self.held[document], self._page)
        else:
            self.late.append((document, self.held.pop(document), self._page))
            await tab.update(document, mode="reading", lease=False)
        if self.late and self._dice.random() < 0.2:
            self._rows.save(*self._dice.choice(self.late[-20:]))

    async def _ask(self, tab: Tab, document: str) -> None:
        above, before = self._fences.highest(document), self.held.get(document)
        try:
            answer = await tab.update(document, mode="editing", lease=True)
        except Answered as error:
            self.held.pop(document, None)
            if error.code == "locked" and not error.frame["by"]["name"]:
                self.faults.append(f"{self.name} is locked out by nobody: {error.frame}")
            elif error.code != "locked" and not error.frame["temporary"]:
                self.faults.append(f"{self.name} is refused {document}: {error}")
            return
        except TimeoutError:
            # No answer at all: nobody knows, so the line ends, and the page claims nothing.
            self.held.pop(document, None)
            tab.vanish()
            raise
        fence = answer["fence"]
        if (document, fence) not in self._lost:  # It may be heard before we get to run again.
            self.held[document] = fence
        if fence != before:
            self._fences.grant(document, fence, (self.user, self._page), above)

    def _hear(self, tab: Tab, frame: dict[str, Any]) -> None:
        document = frame.get("document", "")
        if frame["type"] == "lease":
            self.told[frame["lost"]] += 1
            self._lost.add((document, frame["fence"]))
        if frame["type"] == "lease" and self.held.get(document) == frame["fence"]:
            self.late.append((document, self.held.pop(document), self._page))
        if frame["type"] in ("joined", "presence") and document in tab.views:
            # One page on one connection: what it shows never goes back.
            who = f"{self.name} {tab.connection}"
            self._fences.show(document, tab.views[document].lease, who)


def odd(editors: Iterable[Editor], documents: Sequence[str]) -> list[str]:
    """At rest: what is shown that is not so, and who holds what nobody shows."""
    wrong = [f"{each.name} is not seated" for each in editors if each.tab is None]
    for document in documents:
        holders = [
            {"user": each.user, "fence": each.held[document]}
            for each in editors
            if document in each.held
        ]
        if len(holders) > 1:
            wrong.append(f"{document} is held by {holders}")
        for each in editors:
            view = each.tab.views.get(document) if each.tab else None
            shown = [view.lease] if view and view.lease else []
            if shown != holders:
                wrong.append(f"{each.name} shows {shown} at {document}, it is {holders}")
    return wrong

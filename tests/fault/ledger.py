"""What one page knows of its documents, over all its connections, and what it may never see.

A page loads a row with its version, then follows the events: each must bring the next version. Only
who was told to reload (``recovered`` false, or ``reset``) may skip, by loading the row again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.fault.fences import Fences
from tests.support.tab import Tab
from tests.support.view import View


class Numbers(Protocol):
    """Who compares what different pages see."""

    fences: Fences

    def numbered(self, document: str, epoch: str, seq: int, id: str, who: str) -> None:
        """A page saw this event under this number."""

    def gone(self, document: str, users: set[str], who: str) -> None:
        """A page no longer shows these users."""


@dataclass
class Page:
    """One document as a page shows it.

    Attributes:
        version: Of the row; ``None`` while it is being loaded.
        floor: What the last load brought; older events that still come are no news.
        waiting: Versions that came while it was being loaded.
        reloads: Times it was told to load anew, the first time not counted.
    """

    epoch: str = ""
    seq: int = 0
    version: int | None = None
    floor: int = 0
    load: int = 0
    reloads: int = 0
    waiting: list[int] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)


class Ledger:
    """All documents of one page.

    Args:
        who: For messages.
        load: Called to load a document's row; ``loaded`` brings the answer.
    """

    def __init__(self, who: str, numbers: Numbers, load: Callable[[str, int], None]) -> None:
        self.who = who
        self.faults: list[str] = []
        self.pages: dict[str, Page] = {}
        self.arrivals: dict[tuple[str, int], float] = {}
        self.heard_at = 0.0
        self._members: dict[str, int] = {}
        self._numbers = numbers
        self._load = load

    def since(self, document: str) -> dict[str, Any]:
        """The position to resume after, as a field of ``join``; nothing for a new page."""
        page = self.pages.get(document)
        return {"since": {"epoch": page.epoch, "seq": page.seq}} if page else {}

    def hear(self, tab: Tab, frame: dict[str, Any]) -> None:
        """The tab took in a frame."""
        tab.raw.clear()
        tab.members.clear()
        self.heard_at = time.monotonic()
        document = frame.get("document", "")
        if document.endswith(".~"):
            if frame["type"] == "joined":
                self._members.clear()
            return
        if frame["type"] in ("event", "reset"):
            self._member(document, frame, joined=document in tab.views)
        if frame["type"] == "joined":
            self._joined(document, frame, tab.views[document])
        page, view = self.pages.get(document), tab.views.get(document)
        if page is None or view is None:
            return
        if frame["type"] == "reset":
            page.epoch, page.seq = view.epoch, view.seq
            self._reload(document, page)
        if frame["type"] in ("joined", "event"):
            self._follow(document, page, view)
        if frame["type"] in ("joined", "presence"):
            self._numbers.fences.show(document, view.lease, self.who)
            present = set(view.present)
            if gone := page.present - present:
                how = f"{frame['type']}, complete: {view.complete}"
                self._numbers.gone(document, gone, f"{self.who} ({how})")
            page.present = present

    def _member(self, document: str, frame: dict[str, Any], *, joined: bool) -> None:
        """Of a document that only the list brings, each event comes, once and in order, for as long
        as the connection lasts."""
        if joined or frame["type"] == "reset":
            self._members.pop(document, None)
        elif "seq" in frame:
            last, seq = self._members.get(document), frame["seq"]
            if last is not None and seq != last + 1:
                self.faults.append(f"{self.who} {document}: {seq} after {last} at the list")
            self._members[document] = seq

    def loaded(self, document: str, load: int, version: int) -> None:
        """The row was read; an older load than the latest is no news."""
        page = self.pages.get(document)
        if page is None or page.load != load:
            return
        page.version = page.floor = version
        waiting, page.waiting = page.waiting, []
        for each in waiting:
            self._version(document, page, each)

    def _joined(self, document: str, frame: dict[str, Any], view: View) -> None:
        page = self.pages.get(document)
        began = frame["seq"] - len(frame["events"])
        if page is None:
            page = self.pages[document] = Page(frame["epoch"], began)
            self._ask(document, page)
        elif not frame["recovered"]:
            page.epoch, page.seq = frame["epoch"], began
            self._reload(document, page)
        elif (frame["epoch"], began) != (page.epoch, page.seq):
            self.faults.append(
                f"{self.who} {document}: resumed after {page.epoch}:{page.seq}, "
                f"got all from {frame['epoch']}:{began}"
            )

    def _reload(self, document: str, page: Page) -> None:
        page.reloads += 1
        self._ask(document, page)

    def _ask(self, document: str, page: Page) -> None:
        page.version = None
        page.waiting.clear()
        page.ids.clear()
        page.load += 1
        self._load(document, page.load)

    def _follow(self, document: str, page: Page, view: View) -> None:
        news, view.events = view.events, []
        first = view.seq - len(news) + 1
        for seq, event in enumerate(news, first):
            page.epoch, page.seq = view.epoch, seq
            self._numbers.numbered(document, view.epoch, seq, event["id"], self.who)
            if event["id"] in page.ids:
                self.faults.append(f"{self.who} {document}: {event['id']} twice, at {seq}")
            page.ids.add(event["id"])
            if event["type"] == "cursor.moved":
                self.faults.append(f"{self.who} {document}: a cursor has the number {seq}")
            if event["type"] == "presently.change":
                version = event["data"]["after"]["version"]
                self.arrivals.setdefault((document, version), time.monotonic())
                self._version(document, page, version)

    def _version(self, document: str, page: Page, version: int) -> None:
        if page.version is None:
            page.waiting.append(version)
        elif version == page.version + 1:
            page.version = version
        elif version > page.floor or page.version > page.floor:
            self.faults.append(
                f"{self.who} {document}: version {version} after {page.version} "
                f"(loaded {page.floor}) at {page.epoch}:{page.seq}"
            )
            page.version = version

"""A browser tab as the protocol sees it: one WebSocket that checks every frame it gets.

    async with open_tab(url, token) as tab:
        await tab.join("article.42")
        await eventually(lambda: tab.users("article.42") == {"fry": "reading"})

It keeps what a client keeps (position, presence, summary) by the rules of docs/protocol.md, and
raises at the end of the block what broke them: an event out of order, twice or missing, a presence
whose ``v`` is neither consecutive nor whole, an answer nobody asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.eventually import eventually
from tests.support.view import View

WITHIN = 10.0
"""Seconds an answer may take on a loaded machine."""


class Answered(Exception):
    """The gateway answered with an ``error`` frame."""

    def __init__(self, frame: Mapping[str, Any]) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.frame = frame
        self.code: str = frame["code"]


class Tab:
    """One open socket and what came through it.

    Args:
        hear: Called after each frame was taken in, with the tab and the frame.
    """

    def __init__(
        self,
        socket: ClientConnection,
        hear: Callable[[Tab, dict[str, Any]], None] = lambda tab, frame: None,
    ) -> None:
        self._socket = socket
        self._hear = hear
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._joining: dict[str, list[dict[str, Any]]] = {}
        self.connection = ""
        self.user: dict[str, Any] = {}
        self.views: dict[str, View] = {}
        self.members: dict[str, list[dict[str, Any]]] = {}
        self.raw: list[str] = []
        self.faults: list[str] = []
        self.drained: list[int] | None = None
        self.closed: int | None = None

    # What a page does

    async def ask(self, type: str, **fields: Any) -> dict[str, Any]:
        """Send a frame with an id and return its answer.

        Raises:
            Answered: The answer is an error.
        """
        id = str(next(self._ids))
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[id] = answer
        await self.tell(json.dumps({"type": type, "id": id} | fields))
        async with asyncio.timeout(WITHIN):
            frame = await answer
        if frame["type"] == "error":
            raise Answered(frame)
        return frame

    async def tell(self, text: str | bytes) -> None:
        """Send whatever this is."""
        await self._socket.send(text)

    async def hello(self, token: str, **fields: Any) -> None:
        """Say who we are."""
        welcome = await self.ask("hello", token=token, **fields)
        self.connection = welcome["connection"]
        self.user = welcome["user"]

    async def join(self, document: str, mode: str = "reading", **fields: Any) -> dict[str, Any]:
        """Take a seat. Events that overtake the answer are kept for after it."""
        self._joining[document] = []
        try:
            joined = await self.ask("join", document=document, mode=mode, **fields)
        finally:
            self._joining.pop(document, None)
        return joined

    async def update(self, document: str, **fields: Any) -> dict[str, Any]:
        """Change mode, state or lease."""
        return await self.ask("update", document=document, **fields)

    async def send(self, document: str, type: str, data: Any = None, **fields: Any) -> Any:
        """Say something to everybody there."""
        event = {"type": type, "data": data or {}} | fields.pop("event", {})
        return await self.ask("send", document=document, event=event, **fields)

    async def leave(self, document: str) -> None:
        """Give up the seat."""
        await self.ask("leave", document=document)
        self.views.pop(document, None)

    async def close(self, code: int = 1001) -> None:
        """As a browser does when the page is left."""
        await self._socket.close(code)

    def vanish(self) -> None:
        """As a phone does in a tunnel: no close frame."""
        self._socket.transport.abort()

    # What a page shows

    def users(self, document: str) -> dict[str, str]:
        """User → mode at a document."""
        return {id: user["mode"] for id, user in self.views[document].present.items()}

    def events(self, document: str) -> list[dict[str, Any]]:
        """The numbered events of a document since we joined, replayed ones included."""
        return self.views[document].events

    def types(self, document: str) -> list[str]:
        """Their types."""
        return [event["type"] for event in self.events(document)]

    def position(self, document: str) -> dict[str, Any]:
        """What to resume after."""
        view = self.views[document]
        return {"epoch": view.epoch, "seq": view.seq}

    def shown(self, list_: str) -> dict[str, dict[str, str]]:
        """Member → user → mode in a list's summary."""
        return {
            document: {user["id"]: user["mode"] for user in row["users"]}
            for document, row in self.views[list_].summary.items()
        }

    async def until_users(self, document: str, users: Mapping[str, str]) -> None:
        """Return once exactly these users are shown, in these modes."""
        await eventually(
            lambda: self.users(document) == users, what=f"{self.user['id']} sees {users}"
        )

    async def until_mode(self, document: str, user: str, mode: str | None) -> None:
        """Return once the user is shown in this mode, or (None) not at all."""
        await eventually(lambda: self.users(document).get(user) == mode, what=f"{user} is {mode}")

    async def until_events(self, document: str, count: int) -> list[dict[str, Any]]:
        """The events of a document, once there are so many."""
        await eventually(lambda: len(self.events(document)) >= count, what=f"{count} events")
        return self.events(document)

    # What comes in

    async def read(self) -> None:
        """Take frames until the socket ends."""
        try:
            async for text in self._socket:
                assert isinstance(text, str), "a gateway sends text frames only"
                self.raw.append(text)
                await self._take(msgspec.json.decode(text))
        except ConnectionClosed:
            pass
        self.closed = self._socket.close_code
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"closed with {self.closed}"))
                answer.exception()  # An unawaited one is not worth a warning.

    async def _take(self, frame: dict[str, Any]) -> None:
        document = frame.get("document", "")
        match frame["type"]:
            case "ping":
                await self.tell('{"type":"pong"}')
            case "drain":
                self.drained = frame["reconnect_in_ms"]
            case "joined":
                self._joined(frame)
            case "event":
                self._event(document, frame)
            case "presence" if document in self.views:
                self.views[document].take_presence(frame)
            case "summary" if document in self.views:
                self.views[document].take_summary(frame)
            case "reset" if document in self.views:
                view = self.views[document]
                view.epoch, view.seq, view.resets = frame["epoch"], frame["seq"], view.resets + 1
        self._hear(self, frame)
        self._answer(frame)

    def _answer(self, frame: dict[str, Any]) -> None:
        id = frame.get("id")
        if id is None:
            return
        answer = self._waiting.pop(id, None)
        if answer is None:
            self.faults.append(f"an answer nobody waits for: {frame}")
        elif not answer.done():
            answer.set_result(frame)

    def _joined(self, frame: dict[str, Any]) -> None:
        document = frame["document"]
        view = self.views[document] = View(epoch=frame["epoch"], faults=self.faults)
        view.events = [event["event"] for event in frame["events"]]
        numbers = [event["seq"] for event in frame["events"]]
        if numbers and numbers != list(range(frame["seq"] - len(numbers) + 1, frame["seq"] + 1)):
            self.faults.append(f"a replay with gaps: {numbers} before {frame['seq']}")
        view.seq = frame["seq"]
        view.take_presence(frame["presence"])
        if "summary" in frame:
            view.take_summary(frame["summary"])
        for event in self._joining.pop(document, []):
            if event["seq"] > view.seq:
                self._event(document, event)

    def _event(self, document: str, frame: dict[str, Any]) -> None:
        self.members.setdefault(document, []).append(frame["event"])
        if document in self._joining and "seq" in frame:
            self._joining[document].append(frame)
            return
        view = self.views.get(document)
        if view is None:
            return
        if "seq" not in frame:
            view.ephemeral.append(frame["event"])
            return
        if frame["seq"] != view.seq + 1:
            self.faults.append(f"{document}: event {frame['seq']} after {view.seq}")
        view.seq = frame["seq"]
        view.events.append(frame["event"])


@contextlib.asynccontextmanager
async def open_tab(
    url: str, token: str | None, *, origin: str | None = None, **hello: Any
) -> AsyncIterator[Tab]:
    """A tab that said hello (unless ``token`` is None) and reads until the block ends."""
    async with (
        connect(url, origin=origin, compression=None) as socket,  # type: ignore[arg-type]
        asyncio.TaskGroup() as tasks,
    ):
        tab = Tab(socket)
        reading = tasks.create_task(tab.read())
        try:
            if token is not None:
                await tab.hello(token, **hello)
            yield tab
        finally:
            await socket.close()
            await reading
    assert not tab.faults, tab.faults

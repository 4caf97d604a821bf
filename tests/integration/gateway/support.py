"""Gateways with real sockets on a broker in memory, and browsers as simple as can be."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from broker.memory import Bus
from broker.port import Connect
from gateway import server
from gateway.health import Health
from gateway.server import Bound
from gateway.settings import GatewaySettings
from hub import worker
from hub.settings import HubSettings
from tests.support.contract import Listener
from tests.support.eventually import eventually

KEY = "0123456789abcdef0123456789abcdef"
API_KEY = "an-api-key"
QUICK = HubSettings(heartbeat_ms=200, probe_ms=50, settle_ms=20, answers_ms=2_000, retry_ms=100)
"""A hub in a hurry."""


def token(user: str, *, ttl: float = 3600, **claims: Any) -> str:
    said = {
        "sub": user,
        "name": user.title(),
        "aud": "presently",
        "exp": int(time.time() + ttl),
        "docs": {"#": "edit"},
    }
    return jwt.encode({**said, **claims}, KEY, algorithm="HS256")


class Browser:
    """One WebSocket and everything it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.code: int | None = None
        self._asked = 0

    async def listen(self) -> None:
        """Take frames until the end; answer pings."""
        try:
            while True:
                frame = msgspec.json.decode(await self.socket.recv())
                if frame["type"] == "ping":
                    await self.say("pong")
                self.heard.append(frame)
                self.answers.setdefault(str(frame.get("id")), frame)
        except ConnectionClosed as end:
            self.code = end.rcvd.code if end.rcvd else 1006

    async def say(self, type: str, **fields: Any) -> None:
        await self.socket.send(msgspec.json.encode({"type": type, **fields}).decode())

    async def ask(self, type: str, **fields: Any) -> dict[str, Any]:
        """Send a frame with an id and return its answer."""
        self._asked += 1
        id = f"q{self._asked}"
        await self.say(type, id=id, **fields)
        await eventually(lambda: id in self.answers, what=f"an answer to {type}")
        return self.answers[id]

    async def hears(self, **fields: Any) -> dict[str, Any]:
        """The first frame with these fields, waited for."""
        frames = await eventually(lambda: self.all(**fields), what=f"a frame with {fields}")
        return frames[0]

    def first(self, **fields: Any) -> dict[str, Any]:
        return self.all(**fields)[0]

    def all(self, **fields: Any) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if all(frame.get(k) == v for k, v in fields.items())]

    def seqs(self, document: str) -> list[int]:
        """Numbers of the events of one document, those of ``joined`` included, as they came."""
        seqs: list[int] = []
        for frame in self.heard:
            if frame.get("document") == document and frame["type"] in ("event", "joined"):
                events = frame.get("events", [frame])
                seqs += [event["seq"] for event in events if "seq" in event]
        return seqs

    def here(self, document: str) -> dict[str, str]:
        """Who is at a document, by all that was told: user to mode. Checks ``v`` on the way."""
        users: dict[str, str] = {}
        v = None
        for frame in self.heard:
            if frame.get("document") != document:
                continue
            if frame["type"] not in ("joined", "presence"):
                continue
            said = frame["presence"] if frame["type"] == "joined" else frame
            if said["full"]:
                users = {}
            else:
                assert v is not None
                assert said["v"] == v + 1, f"presence {v} and then {said['v']}"
            v = said["v"]
            users.update((user["id"], user["mode"]) for user in said["users"])
            for gone in said["left"]:
                users.pop(gone, None)
        return users

    async def sees(self, document: str, **users: str) -> None:
        """Wait until exactly these users are at the document."""
        await eventually(lambda: self.here(document) == users, what=f"{users} at {document}")


class House:
    """What runs in one test."""

    def __init__(self, bus: Bus, tasks: asyncio.TaskGroup) -> None:
        self.bus = bus
        self.tasks = tasks
        self.bounds: list[Bound] = []
        self.healths: list[Health] = []
        self.running: list[asyncio.Task[None]] = []
        self._stops: list[asyncio.Event] = []
        self._browsers: list[Browser] = []

    async def gateway(self, connect: Connect | None = None, **settings: Any) -> int:
        """Start one; return its index once it listens."""
        defaults: dict[str, Any] = {
            "port": 0,
            "api_port": 0,
            "jwt_keys": (KEY,),
            "api_keys": (API_KEY,),
            "heartbeat_ms": QUICK.heartbeat_ms,
            "drain_delay_s": 0,
            "drain_window_s": 0,
        }
        chosen = GatewaySettings(**{**defaults, **settings})
        bounds: list[Bound] = []
        stop, health = asyncio.Event(), Health()
        running = self.tasks.create_task(
            server.run(
                chosen,
                connect or self.bus.connect,
                stopping=stop,
                ready=bounds.append,
                health=health,
            )
        )
        self.running.append(running)
        await eventually(lambda: bounds)
        self.bounds += bounds
        self.healths.append(health)
        self._stops.append(stop)
        return len(self.bounds) - 1

    async def hub(self) -> asyncio.Event:
        """Start the real hub; return what stops it."""
        stop = asyncio.Event()
        self._stops.append(stop)
        self.tasks.create_task(worker.run(QUICK, self.bus.connect, stopping=stop))
        return stop

    async def ready(self) -> None:
        await eventually(lambda: all(health.ready for health in self.healths))

    def url(self, gateway: int = 0) -> str:
        return f"ws://127.0.0.1:{self.bounds[gateway].port}/"

    def api(self, gateway: int = 0) -> str:
        return f"http://127.0.0.1:{self.bounds[gateway].api_port}/v1"

    async def dial(self, gateway: int = 0, **options: Any) -> Browser:
        """A socket that has said nothing yet."""
        browser = Browser(await connect(self.url(gateway), ping_interval=None, **options))
        self._browsers.append(browser)
        self.tasks.create_task(browser.listen())
        return browser

    async def browser(
        self, user: str, gateway: int = 0, *, receive_bytes: int = 0, **hello: Any
    ) -> Browser:
        """A socket that was welcomed. ``receive_bytes``: what its system keeps unread for it."""
        options: dict[str, Any] = {}
        if receive_bytes:
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            raw.connect(("127.0.0.1", self.bounds[gateway].port))
            options["sock"] = raw
        browser = await self.dial(gateway, **options)
        answer = await browser.ask("hello", token=token(user), **hello)
        assert answer["type"] == "welcome", answer
        return browser

    def stop(self, gateway: int) -> None:
        """Ask a gateway to drain. (Without a hub: the only things that can be stopped.)"""
        self._stops[gateway].set()

    async def refuses_posts(self, gateway: int = 0) -> None:
        """Wait until the HTTP API's listener is closed."""
        host, port = self.bounds[gateway].api_host, self.bounds[gateway].api_port

        async def refused() -> bool:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except ConnectionError:
                return True
            writer.close()
            return False

        await eventually(refused)

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.socket.close()
        for stop in reversed(self._stops):
            stop.set()

    def wrong(self) -> list[str]:
        """What browsers were told that is not as its schema says."""
        listener = Listener()
        for browser in self._browsers:
            for frame in browser.heard:
                listener.note("gateway-frames", frame)
        return listener.wrong()


@asynccontextmanager
async def house(gateways: int = 1, *, hub: bool = True, **settings: Any) -> AsyncIterator[House]:
    """Gateways, and the real hub unless the test plays it."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        built = House(Bus(), tasks)
        try:
            for _ in range(gateways):
                await built.gateway(**settings)
            if hub:
                await built.hub()
                await built.ready()
            yield built
        finally:
            await built.close()
    assert built.wrong() == []


def codes(browsers: list[Browser]) -> Counter[int | None]:
    return Counter(browser.code for browser in browsers)

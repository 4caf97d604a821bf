"""`presently tail` and a gateway that restarts, refuses or is not there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from presently_server.mistakes import Failed
from presently_server.tail_socket import Watch
from schemas.frames import SUBPROTOCOL

JOINED: dict[str, Any] = {"type": "joined", "document": "article.1", "epoch": "e", "seq": 7}
WELCOME: dict[str, Any] = {"type": "welcome"}


Play = tuple[list[dict[str, Any]], int]


class Gateway:
    """Plays one conversation after the other, one on each connection.

    Each is a list of frames to send after the join, and the code to close with.
    """

    def __init__(self, *plays: Play) -> None:
        self._plays = list(plays)
        self.joins: list[dict[str, Any]] = []

    async def __call__(self, socket: ServerConnection) -> None:
        frames, code = self._plays.pop(0)
        await socket.recv()
        self.joins.append(json.loads(await socket.recv()))
        for frame in frames:
            await socket.send(json.dumps(frame))
        await socket.close(code, "because")


@asynccontextmanager
async def watching(
    *plays: Play,
) -> AsyncIterator[tuple[Watch, Gateway, list[str], list[float]]]:
    gateway, said, slept = Gateway(*plays), list[str](), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    protocol: Any = SUBPROTOCOL
    async with serve(gateway, "127.0.0.1", 0, subprotocols=[protocol]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        url = f"ws://127.0.0.1:{port}/"
        yield Watch(url, "article.1", lambda: "t", said.append, sleep=sleep), gateway, said, slept


async def all_of(watch: Watch) -> tuple[list[str], str]:
    """Types of all frames, and how it failed in the end."""
    types: list[str] = []
    try:
        async for frame in watch.frames():
            types.append(frame["type"])
    except Failed as error:
        return types, error.message
    raise AssertionError("it ended without a word")


async def test_it_resumes_after_the_last_event_until_it_is_refused() -> None:
    event: dict[str, Any] = {"type": "event", "document": "article.1", "seq": 8, "event": {}}
    plays: tuple[Play, ...] = (([WELCOME, JOINED, event], 4000), ([JOINED], 4100), ([JOINED], 4403))
    async with watching(*plays) as (watch, gateway, said, slept):
        types, why = await all_of(watch)
    assert types == ["joined", "event", "joined", "joined"]
    assert why == "the gateway has ended the connection (4403 because)"
    assert [join.get("since") for join in gateway.joins] == [
        None,
        {"epoch": "e", "seq": 8},
        {"epoch": "e", "seq": 7},
    ]
    assert said == [
        "the gateway has ended the connection (4000 because); trying again",
        "the gateway is back",
        "the gateway is back",
    ]
    assert len(slept) == 1  # after 41xx it comes back at once


async def test_who_is_too_many_stays_away_for_long() -> None:
    async with watching(([JOINED], 4009), ([JOINED], 4400)) as (watch, _, _, slept):
        await all_of(watch)
    assert slept[0] >= 30


async def test_an_error_ends_it_unless_it_passes() -> None:
    passing = {"type": "error", "code": "unavailable", "message": "away", "temporary": True}
    lasting = {"type": "error", "code": "forbidden", "message": "no right", "temporary": False}
    async with watching(([JOINED, passing], 4000), ([lasting], 4000)) as (watch, gateway, _, _):
        types, why = await all_of(watch)
    assert (types, why, len(gateway.joins)) == (["joined"], "no right (forbidden)", 2)


async def test_the_first_connection_must_succeed() -> None:
    async with watching(([], 4000)) as (watch, _, _, slept):
        assert await all_of(watch) == (
            [],
            "the gateway has ended the connection (4000 because)",
        )
    assert slept == []
    nobody = Watch("ws://127.0.0.1:1/", "article.1", lambda: "t", print)
    assert "no gateway at ws://127.0.0.1:1/" in (await all_of(nobody))[1]

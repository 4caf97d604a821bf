"""A gateway takes so much and no more, and serves whom it has taken."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from gateway.reader import Reader
from gateway.server import INBOUND_FRAMES
from tests.integration.gateway.support import house
from tests.support.eventually import eventually

DOC = "article.42"


async def test_a_full_gateway_refuses_the_next_and_keeps_the_others() -> None:
    async with house(connections=1) as built:
        leela = await built.browser("leela")
        with pytest.raises(InvalidStatus) as refused:
            await connect(built.url())
        assert refused.value.response.status_code == 503
        await leela.ask("join", document=DOC)
        await leela.socket.close()

        async def admitted() -> bool:
            try:
                await built.dial()
            except InvalidStatus:
                return False
            return True

        await eventually(admitted)


async def test_a_socket_is_read_no_further_than_a_few_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[ServerConnection] = []
    go_on = asyncio.Event()

    async def hold(reader: Reader, connection: ServerConnection) -> None:
        served.append(connection)
        await go_on.wait()

    monkeypatch.setattr(Reader, "handle", hold)
    async with house() as built, asyncio.TaskGroup() as tasks:
        browser = await built.dial()

        async def flood() -> None:
            for _ in range(200):
                await browser.socket.send("x" * 60_000)

        flooding = tasks.create_task(flood())
        await eventually(lambda: served and served[0].recv_messages.paused)
        assert len(served[0].recv_messages.frames) <= 2 * INBOUND_FRAMES
        flooding.cancel()
        go_on.set()

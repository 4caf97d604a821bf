"""The HTTP API's listener on a real socket."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway import api_listener
from gateway.api_listener import ApiListener


async def test_one_request_too_many_is_told_so_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_listener, "ANSWERING", 2)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    with ApiListener(slow, "127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.socket.getsockname()[1]}"
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(listener.run())
            async with httpx.AsyncClient(timeout=10) as one, httpx.AsyncClient(timeout=10) as two:
                first = tasks.create_task(one.get(url))
                await begun.wait()
                assert (await two.get(url)).status_code == 503
                go_on.set()
                assert (await first).text == "done"
            listener.stop()
            await serving

"""A gateway that is asked to stop: who is told what, and how long it takes at most."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from websockets.exceptions import WebSocketException

from gateway.drain import LAST_S
from schemas.events import JSON_TYPE
from schemas.messages import AwayAct, Bye, Disconnected, GatewayBeat, LeaveAct
from tests.integration.gateway.played import DOC, joined, played
from tests.integration.gateway.support import API_KEY, Browser, House, house
from tests.support.eventually import eventually

EVENT = b'{"specversion":"1.0","id":"1","source":"/test","type":"said","subject":"article.42"}'


async def ended(built: House, gateway: int = 0) -> None:
    """Return once it has ended."""
    await asyncio.wait({built.running[gateway]})
    built.running[gateway].result()


def windows(browsers: list[Browser]) -> list[list[int]]:
    """The part of the window that each was told."""
    return sorted(browser.first(type="drain")["reconnect_in_ms"] for browser in browsers)


async def test_everybody_is_told_a_part_of_the_window_and_closed_at_its_end() -> None:
    async with played(drain_window_s=0.4, drain_delay_s=0.1) as (built, _):
        browsers = [await joined(built, f"user{n}") for n in range(3)]
        built.stop(0)
        await eventually(lambda: built.healths[0].why == "draining")
        assert not built.healths[0].ready
        late = await built.browser("late")  # Load balancers do not know yet.
        await ended(built)
        everybody = [*browsers, late]
        assert windows(everybody) == [[0, 100], [100, 200], [200, 300], [300, 400]]
        assert {browser.code for browser in everybody} == {4000}


async def test_no_seat_ends_and_the_last_word_is_good_bye() -> None:
    async with played() as (built, hub):
        for n in range(5):
            await joined(built, f"user{n}")
        built.stop(0)
        await ended(built)
        await eventually(lambda: any(isinstance(said, Bye) for said in hub.control))
        assert any(said.draining for said in hub.control if isinstance(said, GatewayBeat))
        assert len(hub.acts(AwayAct)) == 5
        assert hub.acts(LeaveAct) == []
        lives = [life for life in hub.lives if isinstance(life, Disconnected)]
        assert {(life.code, life.cause) for life in lives} == {(4000, "drained")}
        assert len(lives) == 5


async def test_with_nobody_left_the_window_is_not_waited_for() -> None:
    async with played(drain_window_s=60) as (built, _):
        leela, fry = await joined(built, "leela"), await joined(built, "fry")
        built.stop(0)
        for browser in (leela, fry):
            await browser.hears(type="drain")
            await browser.socket.close()
        await ended(built)
        fields = [frame["reconnect_in_ms"] for b in (leela, fry) for frame in b.all(type="drain")]
        assert sorted(fields) == [[0, 30_000], [30_000, 60_000]]


async def test_who_has_not_said_hello_is_told_and_closed_too() -> None:
    async with played() as (built, _):
        shy = await built.dial()
        built.stop(0)
        await ended(built)
        await eventually(lambda: shy.code == 4000)
        assert shy.all(type="drain")


async def test_who_does_not_even_shake_hands_or_does_not_read_is_cut() -> None:
    async with played() as (built, _):
        port = built.bounds[0].port
        mute = socket.create_connection(("127.0.0.1", port))
        deaf = await built.browser("deaf", receive_bytes=4096)
        deaf.socket.transport.pause_reading()
        began = time.monotonic()
        built.stop(0)
        await ended(built)
        assert time.monotonic() - began < LAST_S
        mute.close()
        deaf.socket.transport.abort()


async def test_it_accepts_until_the_delay_is_over_and_then_no_more() -> None:
    async with played(drain_delay_s=0.2, drain_window_s=0.2) as (built, _):
        leela = await joined(built)
        until = time.monotonic() + 0.2
        built.stop(0)
        came = 0
        while not leela.all(type="drain"):
            try:
                await built.browser(f"user{came % 40}")
            except (
                OSError,
                WebSocketException,
            ):  # The listener closed as we came; its word is on its way to the others.
                assert time.monotonic() >= until
                await eventually(lambda: leela.all(type="drain"))
                break
            came += 1
        assert came > 1
        with pytest.raises(OSError, match="Connect"):
            await built.dial()


async def test_a_post_under_way_is_answered() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield EVENT[:20]
        begun.set()
        await go_on.wait()
        yield EVENT[20:]

    headers = {"authorization": f"Bearer {API_KEY}", "content-type": JSON_TYPE}
    async with played() as (built, hub), asyncio.TaskGroup() as tasks, httpx.AsyncClient() as http:
        posting = tasks.create_task(
            http.post(f"{built.api()}/events", content=slowly(), headers=headers)
        )
        await begun.wait()
        built.stop(0)
        await eventually(lambda: built.healths[0].why == "draining")
        await built.refuses_posts()
        assert not built.running[0].done()
        go_on.set()
        assert (await posting).status_code == 202
        await ended(built)
        assert any(isinstance(said, Bye) for said in hub.control)


async def test_a_broker_that_is_away_holds_nobody_up() -> None:
    async with house(1, drain_window_s=0.1) as built:
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        built.bus.stop()
        began = time.monotonic()
        built.stop(0)
        await ended(built)
        assert time.monotonic() - began < LAST_S / 4
        assert leela.code == 4000
        built.bus.start()


async def test_whoever_insists_waits_for_nobody() -> None:
    async with played(drain_delay_s=600, drain_window_s=600) as (built, _):
        mute = socket.create_connection(("127.0.0.1", built.bounds[0].port))
        leela = await joined(built)
        built.stop(0)
        await eventually(lambda: built.healths[0].why == "draining")
        began = time.monotonic()
        built.running[0].cancel()
        await asyncio.wait({built.running[0]})
        assert time.monotonic() - began < 2
        mute.close()
        await eventually(lambda: leela.code is not None)

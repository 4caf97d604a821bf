"""The sole right to edit, over several gateways and the real hub: one winner, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.integration.gateway.support import Browser, House, house
from tests.support.eventually import eventually

DOC = "article.42"


async def seated(built: House, *people: tuple[str, int]) -> list[Browser]:
    browsers = [await built.browser(user, gateway) for user, gateway in people]
    for browser in browsers:
        await browser.ask("join", document=DOC)
    return browsers


async def ask(browser: Browser) -> dict[str, Any]:
    return await browser.ask("update", document=DOC, mode="editing", lease=True)


def connection(browser: Browser) -> str:
    id: str = browser.first(type="welcome")["connection"]
    return id


def shown(browser: Browser) -> dict[str, Any] | None:
    """Who holds it, by the last that the page was told."""
    said = [f for f in browser.all(document=DOC) if f["type"] in ("joined", "presence")][-1]
    lease: dict[str, Any] | None = said.get("presence", said)["lease"]
    return lease


def shows(browser: Browser, user: str | None, fence: int | None = None) -> Callable[[], bool]:
    def look() -> bool:
        lease = shown(browser)
        if lease is None or user is None:
            return lease is None and user is None
        return lease["user"] == user and fence in (None, lease["fence"])

    return look


async def test_of_thirty_on_three_gateways_one_wins_and_the_others_are_told_whom() -> None:
    async with house(3) as built:
        people = [(f"u{number}", number % 3) for number in range(30)]
        browsers = await seated(built, *people)
        fences: list[int] = []
        for _ in range(3):
            answers = await asyncio.gather(*map(ask, browsers))
            (winner,) = [n for n, answer in enumerate(answers) if answer["type"] == "ok"]
            fences.append(answers[winner]["fence"])
            for number, answer in enumerate(answers):
                if number != winner:
                    assert answer["code"] == "locked"
                    assert answer["by"]["id"] == people[winner][0]
            for browser in browsers:
                await eventually(shows(browser, people[winner][0], fences[-1]))
            await browsers[winner].ask("update", document=DOC, mode="reading", lease=False)
            await eventually(shows(browsers[0], None))
        assert fences == sorted(set(fences))


async def test_a_break_costs_its_holder_nothing_wherever_they_come_back() -> None:
    async with house(2) as built:
        fry, leela = await seated(built, ("fry", 0), ("leela", 1))
        fence = (await ask(fry))["fence"]
        for gateway in (0, 1):
            fry.socket.transport.abort()
            back = await built.browser("fry", gateway, previous=connection(fry))
            await back.ask("join", document=DOC, mode="editing", lease=fence)
            assert (await ask(leela))["by"]["id"] == "fry"
            assert (await ask(back))["fence"] == fence
            assert shown(leela) == shown(back) == {"user": "fry", "fence": fence}
            assert not back.all(type="lease")
            fry = back
        assert all(frame["lease"] for frame in leela.all(type="presence")[-3:])


async def test_who_comes_back_after_the_grace_is_told_that_it_is_lost() -> None:
    async with house(2, grace_ms=50) as built:
        fry, leela = await seated(built, ("fry", 0), ("leela", 1))
        fence = (await ask(fry))["fence"]
        await eventually(shows(leela, "fry", fence))
        fry.socket.transport.abort()
        await eventually(shows(leela, None))
        later = (await ask(leela))["fence"]
        assert later > fence
        back = await built.browser("fry", 0, previous=connection(fry))
        await back.ask("join", document=DOC, mode="reading", lease=fence)
        assert await back.hears(type="lease") == {
            "type": "lease",
            "document": DOC,
            "lost": "expired",
            "fence": fence,
        }
        assert (await ask(back))["by"] == {"id": "leela", "name": "Leela"}


async def test_the_next_page_of_a_tab_does_not_inherit_it() -> None:
    async with house(2, grace_clean_ms=60_000) as built:
        fry, leela = await seated(built, ("fry", 0), ("leela", 1))
        await ask(fry)
        await fry.socket.close()
        page = await built.browser("fry", 1, previous=connection(fry))
        await page.ask("join", document=DOC)
        await eventually(shows(leela, None))
        assert (await ask(leela))["type"] == "ok"


async def test_the_other_tab_takes_it_and_leaving_hands_it_on() -> None:
    async with house(2) as built:
        first, second, leela = await seated(built, ("fry", 0), ("fry", 1), ("leela", 0))
        fence = (await ask(first))["fence"]
        later = (await ask(second))["fence"]
        assert later > fence
        lost = await first.hears(type="lease")
        assert (lost["lost"], lost["fence"]) == ("taken", fence)
        await eventually(shows(leela, "fry", later))
        await second.ask("leave", document=DOC)
        await eventually(shows(leela, None))
        assert (await ask(leela))["fence"] > later


async def test_a_lease_outlives_its_hub() -> None:
    async with house(2, hub=False) as built:
        stop = await built.hub()
        await built.ready()
        fry, leela = await seated(built, ("fry", 0), ("leela", 1))
        fence = (await ask(fry))["fence"]
        await eventually(shows(leela, "fry", fence))
        stop.set()
        await built.hub()
        await eventually(lambda: leela.all(type="presence")[-1]["full"])
        assert shown(leela) == {"user": "fry", "fence": fence}
        assert (await ask(leela))["by"]["id"] == "fry"
        assert (await ask(fry))["fence"] == fence
        await fry.ask("update", document=DOC, mode="reading", lease=False)
        assert (await ask(leela))["fence"] > fence

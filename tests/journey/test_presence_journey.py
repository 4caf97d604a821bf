"""Browsers on different gateways see each other."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

from tests.support.eventually import eventually
from tests.support.stack import Stack, token
from tests.support.tab import Tab, open_tab

DOCUMENT = "article.42"


async def test_two_users_on_two_gateways_see_each_other_come_edit_and_go(stack: Stack) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela, open_tab(two, token("fry")) as fry:
        await leela.join(DOCUMENT)
        await fry.join(DOCUMENT, state={"field": "title"})
        here = {"leela": "reading", "fry": "reading"}
        await eventually(lambda: leela.users(DOCUMENT) == fry.users(DOCUMENT) == here)
        assert leela.views[DOCUMENT].present["fry"]["name"] == "Fry"

        await fry.update(DOCUMENT, mode="editing", state={"field": "body"})
        await leela.until_mode(DOCUMENT, "fry", "editing")
        assert leela.views[DOCUMENT].present["fry"]["state"] == {"field": "body"}
        assert leela.views[DOCUMENT].counts == {"reading": 1, "editing": 1}

        await fry.leave(DOCUMENT)
        await eventually(lambda: leela.users(DOCUMENT) == {"leela": "reading"})


async def test_a_dashboard_shows_who_is_where_and_what_became_free(stack: Stack) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela, open_tab(two, token("fry")) as fry:
        joined = await leela.join("article.~", "watching")
        assert joined["summary"]["full"]
        for number in range(1, 9):
            await fry.join(f"article.{number}", "editing" if number == 3 else "reading")
        expected = {
            f"article.{number}": {"fry": "editing" if number == 3 else "reading"}
            for number in range(1, 9)
        }
        await eventually(lambda: leela.shown("article.~") == expected)
        await eventually(lambda: leela.views["article.~"].summary_complete)
        await fry.leave("article.3")
        await eventually(lambda: "article.3" not in leela.shown("article.~"))

        async with open_tab(two, token("amy")) as amy:
            await amy.join("article.~", "watching", keys=["1", "2", "77"])
            await eventually(lambda: set(amy.shown("article.~")) == {"article.1", "article.2"})


async def test_a_second_tab_neither_doubles_a_user_nor_removes_them(stack: Stack) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela, open_tab(one, token("fry")) as fry:
        await leela.join(DOCUMENT)
        await fry.join(DOCUMENT)
        async with open_tab(two, token("fry")) as second:
            await second.join(DOCUMENT, "editing")
            await leela.until_mode(DOCUMENT, "fry", "editing")
            assert leela.views[DOCUMENT].counts == {"reading": 1, "editing": 1}
            await second.leave(DOCUMENT)
        await eventually(lambda: leela.users(DOCUMENT).get("fry") == "reading")
        seen_alone = [raw for raw in leela.raw if '"left":["fry"]' in raw]
        assert not seen_alone


async def test_a_page_left_for_the_next_does_not_flicker(stack: Stack) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela:
        await leela.join("site.all")
        await leela.join(DOCUMENT)
        previous = None
        for round_ in range(6):
            url = (one, two)[round_ % 2]
            async with open_tab(url, token("fry"), previous=previous) as fry:
                await fry.join("site.all")
                mode = "editing" if round_ % 3 == 0 else "reading"
                await fry.join(DOCUMENT, mode)
                await leela.until_mode(DOCUMENT, "fry", mode)
                previous = fry.connection
        assert not [raw for raw in leela.raw if '"left":["fry"]' in raw]
        # Nobody follows the last page: the grace ends, and so does the seat.
        await eventually(lambda: leela.users(DOCUMENT) == {"leela": "reading"})
        await eventually(lambda: leela.users("site.all") == {"leela": "reading"})


async def test_a_form_left_for_the_dashboard_is_free_within_half_a_second(stack: Stack) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela:
        await leela.join(DOCUMENT)
        async with open_tab(two, token("fry")) as fry:
            await fry.join(DOCUMENT, "editing")
            await eventually(lambda: leela.users(DOCUMENT).get("fry") == "editing")
        async with open_tab(one, token("fry"), previous=fry.connection) as fry:
            await fry.join("site.all")
            # The grace alone would take two seconds.
            await eventually(lambda: "fry" not in leela.users(DOCUMENT), within=1.5)


async def test_concurrent_joins_updates_and_leaves_end_as_a_simple_model_predicts(
    stack: Stack,
) -> None:
    """Two hundred acts at once by twenty tabs of ten users at eight documents."""
    dice = random.Random(2018)
    documents = [f"article.{number}" for number in range(1, 9)]
    model: dict[str, dict[int, str]] = {document: {} for document in documents}
    rank = {"watching": 0, "reading": 1, "editing": 2}

    async with AsyncExitStack() as tabs:
        open_: list[tuple[str, Tab]] = []
        for number in range(20):
            user = f"user{number % 10}"
            url = stack.gateways[number % 2].url
            open_.append((user, await tabs.enter_async_context(open_tab(url, token(user)))))
        watcher = await tabs.enter_async_context(open_tab(stack.gateways[0].url, token("leela")))
        for document in documents:
            await watcher.join(document, "watching")

        async def live(number: int, tab: Tab) -> None:
            for _ in range(10):
                document = dice.choice(documents)
                seats = model[document]
                mode = dice.choice(["reading", "editing", "watching"])
                if number not in seats:
                    seats[number] = mode
                    await tab.join(document, mode)
                elif dice.random() < 0.5:
                    seats[number] = mode
                    await tab.update(document, mode=mode)
                else:
                    del seats[number]
                    await tab.leave(document)

        async with asyncio.TaskGroup() as acts:
            for number, (_, tab) in enumerate(open_):
                acts.create_task(live(number, tab))

        for document in documents:
            expected: dict[str, str] = {}
            for number, mode in model[document].items():
                user = open_[number][0]
                if mode != "watching":
                    expected[user] = max(mode, expected.get(user, mode), key=rank.__getitem__)
            await watcher.until_users(document, expected)
            for number, (_, tab) in enumerate(open_):
                if number in model[document]:
                    await tab.until_users(document, expected)

"""A backend asks who is where: the same answer from every gateway, and what browsers show."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.eventually import eventually
from tests.support.stack import Stack, get, token
from tests.support.tab import Tab, open_tab

DOCUMENTS = [f"article.{number}" for number in range(1, 9)]


async def test_every_gateway_answers_what_the_browsers_show(stack: Stack) -> None:
    """Eight documents lie in several shards; a second hub stands by."""
    await stack.add_hub()
    one, two = stack.gateways
    async with open_tab(one.url, token("leela")) as leela, open_tab(two.url, token("fry")) as fry:
        await leela.join("article.~", "watching")
        for document in DOCUMENTS:
            await fry.join(document, "editing" if document == "article.3" else "reading")
            await leela.join(document)
        await fry.update("article.3", state={"field": "title"})
        expected = {document: {"leela": "reading", "fry": "reading"} for document in DOCUMENTS}
        expected["article.3"]["fry"] = "editing"
        await eventually(lambda: leela.shown("article.~") == expected)
        await eventually(lambda: all(leela.users(at) == expected[at] for at in DOCUMENTS))

        for gateway in stack.gateways:
            for document in DOCUMENTS:
                answer = await asyncio.to_thread(get, gateway.api, f"/v1/documents/{document}")
                assert shown(answer) == as_seen(leela, document)
            collection = await asyncio.to_thread(get, gateway.api, "/v1/collections/article")
            assert collection["complete"]
            assert {
                row["document"]: {user["id"]: user["mode"] for user in row["users"]}
                for row in collection["documents"]
            } == expected


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    """What of an answer a browser shows too."""
    users = {user["id"]: user for user in answer["users"]}
    return {"users": users} | {name: answer[name] for name in ("counts", "lease", "complete")}


def as_seen(tab: Tab, document: str) -> dict[str, Any]:
    """The same of a tab."""
    view = tab.views[document]
    return {
        "users": view.present,
        "counts": view.counts,
        "lease": view.lease,
        "complete": view.complete,
    }

"""Backends bind to the bus and hear what they should."""

from __future__ import annotations

import json

import asyncpg

from schemas import messages
from tests.support.eventually import eventually
from tests.support.stack import Stack, token
from tests.support.tab import open_tab
from tests.support.tap import Heard, listening


async def test_a_backend_bound_to_a_collection_hears_events_and_presence(
    stack: Stack, database: asyncpg.Connection, amqp_url: str
) -> None:
    async with listening(amqp_url, ("hub.events", "article.#")) as heard:
        # Nobody watches yet: the event comes all the same.
        await database.execute("UPDATE article SET title = 'unwatched' WHERE id = 7")
        await eventually(lambda: "article.7.event.presently.change" in [m.key for m in heard])
        async with open_tab(stack.gateways[0].url, token("fry")) as fry:
            await fry.join("article.42", "editing")
            await fry.send("article.42", "cursor.moved", {"x": 3})
            await fry.join("site.all")
            await eventually(lambda: "article.42.event.cursor.moved" in [m.key for m in heard])
        await eventually(
            lambda: (
                [m for m in heard if m.key == "article.42.presence"]
                and json.loads(heard[-1].body).get("left") == ["fry"]
            )
        )
    assert {message.key.split(".")[0] for message in heard} == {"article"}
    frame = json.loads(next(m.body for m in heard if m.key.endswith("cursor.moved")))
    assert (frame["type"], frame["seq"], frame["event"]["actor"]) == ("event", 1, "fry")
    assert all("BCC" not in message.headers for message in heard)


async def test_a_backend_bound_to_connections_hears_them_begin_act_and_end(
    stack: Stack, amqp_url: str
) -> None:
    async with listening(
        amqp_url,
        ("hub.clients", "connect.#"),
        ("hub.clients", "receive.#"),
        ("hub.clients", "disconnect.#"),
    ) as heard:
        async with open_tab(
            stack.gateways[0].url, token("fry"), client={"name": "web", "version": "1"}
        ) as fry:
            await fry.join("article.42")
            connection = fry.connection
        await eventually(lambda: [m for m in heard if m.key == f"disconnect.{connection}"])
    lives = {m.key: messages.read_life(m.body) for m in heard if m.key[0] in "cd"}
    began = lives[f"connect.{connection}"]
    ended = lives[f"disconnect.{connection}"]
    assert isinstance(began, messages.Connected)
    assert (began.user, began.name, began.client) == ("fry", "Fry", {"name": "web", "version": "1"})
    assert isinstance(ended, messages.Disconnected)
    assert (ended.user, ended.code, ended.cause) == ("fry", 1000, "closed")
    acts = [messages.read_to_shard(m.body) for m in heard if m.key.startswith(":")]
    kinds = [
        type(act).__name__
        for message in acts
        if isinstance(message, messages.Acts)
        for act in message.acts
        if not isinstance(act, messages.Unknown) and act.connection == connection
    ]
    assert kinds[0] == "JoinAct"


async def test_a_documents_own_exchange_feeds_a_backend_and_outlives_the_last_browser(
    stack: Stack, database: asyncpg.Connection, amqp_url: str
) -> None:
    async with open_tab(stack.gateways[0].url, token("fry")) as fry:
        await fry.join("article.42")
        async with listening(amqp_url, ("hub.events", "article.42.#")) as everywhere:
            await eventually(lambda: bindable(amqp_url, "doc.article.42"))
            async with listening(amqp_url, ("doc.article.42", "#")) as own:
                await fry.leave("article.42")
                await database.execute("UPDATE article SET title = 'later' WHERE id = 42")
                for heard in (everywhere, own):
                    await until_heard(heard, "article.42.event.presently.change")


async def until_heard(heard: list[Heard], key: str) -> None:
    """Return once a message with this key was heard."""
    await eventually(lambda: key in [message.key for message in heard])


async def bindable(amqp_url: str, exchange: str) -> bool:
    """Whether the exchange exists yet: a watched document's comes a moment after its first seat."""
    import aio_pika

    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        try:
            await channel.get_exchange(exchange, ensure=True)
        except aio_pika.exceptions.ChannelNotFoundEntity:
            return False
    return True

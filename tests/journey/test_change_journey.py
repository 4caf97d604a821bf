"""A row changes, or a producer in any language says something: every screen hears it once."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import urllib.request

import asyncpg

from tests.support.eventually import eventually
from tests.support.stack import API_KEY, ROOT, Stack, token
from tests.support.tab import open_tab
from tests.support.tap import EVERYTHING, listening

DOCUMENT = "article.42"


async def test_an_update_typed_into_psql_reaches_both_browsers_once_in_order(
    stack: Stack, database: asyncpg.Connection, database_url: str
) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela, open_tab(two, token("fry")) as fry:
        await leela.join(DOCUMENT)
        await fry.join(DOCUMENT)
        await fry.join("article.~", "watching")

        rolled_back = database.transaction()
        await rolled_back.start()
        await database.execute("UPDATE article SET title = 'never' WHERE id = 42")
        await rolled_back.rollback()
        for number in range(1, 31):
            await psql(
                database_url,
                f"UPDATE article SET title = 'Moon {number}', updated_by = 'amy' WHERE id = 42",
            )
        titles = [f"Moon {number}" for number in range(1, 31)]
        for tab in (leela, fry):
            events = await tab.until_events(DOCUMENT, 30)
            assert [event["data"]["after"]["title"] for event in events] == titles
            assert {event["actor"] for event in events} == {"amy"}
            assert {event["subject"] for event in events} == {DOCUMENT}
        assert len(fry.members[DOCUMENT]) == 30, "seated at both: each event once"


async def test_insert_delete_and_truncate_arrive_where_they_belong(
    stack: Stack, database: asyncpg.Connection
) -> None:
    async with open_tab(stack.gateways[0].url, token("leela")) as leela:
        await leela.join("article.~", "watching")
        await leela.join("article.200")
        await database.execute("INSERT INTO article (id, title) VALUES (200, 'New')")
        await database.execute("DELETE FROM article WHERE id = 200")
        await eventually(
            lambda: [event["data"]["op"] for event in leela.events("article.200")] == ["c", "d"]
        )
        await database.execute("TRUNCATE article")
        await eventually(
            lambda: [event["data"]["op"] for event in leela.events("article.~")] == ["t"]
        )


async def test_a_reconnect_within_the_window_loses_and_repeats_nothing(
    stack: Stack, database: asyncpg.Connection
) -> None:
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela:
        await leela.join(DOCUMENT)
        for number in range(5):
            await database.execute(
                "UPDATE article SET title = $1 WHERE id = 42", f"before {number}"
            )
        await eventually(lambda: len(leela.events(DOCUMENT)) == 5)
        since = leela.position(DOCUMENT)
        leela.vanish()
    for number in range(7):
        await database.execute("UPDATE article SET title = $1 WHERE id = 42", f"away {number}")
    async with open_tab(two, token("leela"), previous=leela.connection) as leela:
        joined = await leela.join(DOCUMENT, since=since)
        assert joined["recovered"]
        await database.execute("UPDATE article SET title = 'after' WHERE id = 42")
        await eventually(lambda: len(leela.events(DOCUMENT)) == 8)
        titles = [event["data"]["after"]["title"] for event in leela.events(DOCUMENT)]
        assert titles == [*(f"away {number}" for number in range(7)), "after"]

        foreign = await leela.join("article.7", since={"epoch": "nosuch", "seq": 3})
        assert not foreign["recovered"]


async def test_every_way_in_reaches_the_browser(
    stack: Stack, database: asyncpg.Connection, amqp_url: str
) -> None:
    gateway = stack.gateways[1]
    async with open_tab(stack.gateways[0].url, token("leela")) as leela:
        await leela.join(DOCUMENT)

        curl(gateway.api, {"type": "by.curl", "id": "1", "actor": "cron"})
        await eventually(lambda: leela.types(DOCUMENT) == ["by.curl"])

        await command("publish", DOCUMENT, "by.command", '{"text":"nice"}', api=gateway.api)
        await eventually(lambda: leela.types(DOCUMENT)[1:] == ["by.command"])

        await database.execute("SELECT presently.publish('article.42', 'by.sql', '{\"n\": 1}')")
        await eventually(lambda: leela.types(DOCUMENT)[2:] == ["by.sql"])

        amqp_publish(amqp_url, "article.42", {"type": "by.shell", "id": "2"})
        await eventually(lambda: leela.types(DOCUMENT)[3:] == ["by.shell"])

        # The same id again, by another way: known, so shown once.
        curl(gateway.api, {"type": "by.curl", "id": "1", "actor": "cron"})
        curl(gateway.api, {"type": "the.last", "id": "3"})
        await eventually(lambda: leela.types(DOCUMENT)[4:] == ["the.last"])
        assert leela.events(DOCUMENT)[0]["actor"] == "cron"


async def test_what_a_capture_does_not_name_never_leaves_the_database(
    stack: Stack, database: asyncpg.Connection, amqp_url: str
) -> None:
    async with (
        listening(amqp_url, *EVERYTHING) as heard,
        open_tab(stack.gateways[0].url, token("leela")) as leela,
    ):
        await leela.join("memo.1")
        await leela.join(DOCUMENT)
        await database.execute("INSERT INTO memo VALUES (1, 'hunter2-secret')")
        await database.execute("UPDATE memo SET password_hash = 'hunter3-secret' WHERE id = 1")
        await database.execute(
            "UPDATE article SET password_hash = 'hunter4-secret', title = 'seen' WHERE id = 42"
        )
        await database.execute("DELETE FROM memo WHERE id = 1")
        await eventually(lambda: len(leela.events("memo.1")) == 3)
        await eventually(lambda: len(leela.events(DOCUMENT)) == 1)
        assert leela.events("memo.1")[1]["data"]["changed"] == []
        ours = [message for message in heard if b"presently.change" in message.body]
        assert len(ours) >= 8, "each of the four on its way in and on its way out"
        assert any(b"seen" in message.body for message in ours)
        # Neither the values nor so much as the name of the column.
        for told in [*(message.body for message in heard), *(raw.encode() for raw in leela.raw)]:
            assert b"-secret" not in told
            assert b"password_hash" not in told


async def psql(database_url: str, statement: str) -> None:
    """As typed by a person, if there is a psql; else as psql would send it."""
    if binary := shutil.which("psql"):
        await asyncio.to_thread(
            subprocess.run,
            [binary, "-qX", database_url, "-c", statement],
            check=True,
            capture_output=True,
        )
        return
    connection = await asyncpg.connect(database_url)
    await connection.execute(statement)
    await connection.close()


def curl(api: str, fields: dict[str, object]) -> None:
    """What ``curl -X POST …/v1/events`` sends."""
    event = {"specversion": "1.0", "source": "/cron", "subject": DOCUMENT, "data": {}} | fields
    request = urllib.request.Request(
        f"{api}/v1/events",
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {API_KEY}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 202
        assert json.load(response) == {"ids": [fields["id"]]}


async def command(*arguments: str, api: str) -> None:
    """The ``presently`` command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "presently_server",
        *arguments,
        cwd=ROOT,
        env={"PATH": "/usr/bin", "PRESENTLY_API_URL": api, "PRESENTLY_API_KEY": API_KEY},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 0, error


def amqp_publish(amqp_url: str, key: str, fields: dict[str, object]) -> None:
    """A bare shell: no checksum, no slot, so it comes in through the intake."""
    event = {"specversion": "1.0", "source": "/shell", "subject": DOCUMENT} | fields
    subprocess.run(
        [
            *("amqp-publish", f"--url={amqp_url}", "-e", "hub.in", "-r", key, "-p"),
            *("-C", "application/cloudevents+json", "-b", json.dumps(event)),
        ],
        check=True,
        timeout=20,
    )

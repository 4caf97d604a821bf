"""``docs/producers.md``, from its first example to its last, told to one page that watches."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import aio_pika
import pytest

from presently import mint_token
from tests.support.dev_stack import DevStack
from tests.support.processes import ROOT, environment
from tests.support.tab import open_tab

pytestmark = [pytest.mark.postgres, pytest.mark.rabbit]
PAGE: Final = (ROOT / "docs" / "producers.md").read_text("utf-8")
EXAMPLES: Final = re.findall(r"^```(sql|sh|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TOLD: Final = [
    ("presently.change", "amy"),
    ("presently.change", "fry"),
    ("invoice.paid", "fry"),
    ("presently.change", "leela"),
    ("invoice.sent", "leela"),
    ("invoice.reminded", "cron"),
    ("invoice.archived", None),
    ("invoice.noted", "hermes"),
]
"""Type and actor. What goes over AMQP goes to another broker: `presently dev` has none."""


async def run(command: list[str], env: Mapping[str, str]) -> None:
    """Raise if it fails or complains."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=ROOT,
        env={**environment(env), "PATH": path},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, ""), done


async def test_every_example_is_told(dev_stack: DevStack, amqp_url: str) -> None:
    env = {
        "DATABASE_URL": dev_stack.postgres.replace("postgresql://", "postgresql+psycopg://"),
        "PRESENTLY_URL": dev_stack.api,
        "PRESENTLY_API_URL": dev_stack.api,
        "PRESENTLY_API_KEY": dev_stack.api_key,
        "PRESENTLY_AMQP_URL": amqp_url,
    }

    async def psql(example: str) -> None:
        await dev_stack.psql(example)

    runs: dict[str, Callable[[str], Awaitable[None]]] = {
        "sql": psql,
        "sh": lambda example: run(["sh", "-e", "-c", example], env),
        "python": lambda example: run([sys.executable, "-c", example], env),
    }
    token = mint_token(dev_stack.jwt_key, "reader", {"invoice.*": "read"})
    url = dev_stack.gateway.replace("http", "ws", 1)
    async with await aio_pika.connect(amqp_url) as connection, open_tab(url, token) as tab:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("hub.in", "topic", durable=True)
        queue = await channel.declare_queue(
            "", exclusive=True, arguments={"x-queue-type": "classic"}
        )
        await queue.bind(exchange, "#")
        await tab.join("invoice.7")
        for language, example in EXAMPLES:
            await runs[language](example)
        events = await tab.until_events("invoice.7", len(TOLD))
        over_amqp = await queue.get(no_ack=True)
    assert [(event["type"], event.get("actor")) for event in events] == TOLD
    assert events[0]["data"]["after"] == {"status": "open"}
    assert over_amqp.message_id == "view-7-1"
    for revoked in re.findall(r"`(REVOKE [^`]+)`", PAGE):
        await dev_stack.psql(f"BEGIN; {revoked}; ROLLBACK")
    await dev_stack.psql("SELECT presently.release('invoice'); DROP TABLE invoice")


def test_every_way_has_an_example() -> None:
    ways = re.findall(r"^## (.+?)$", PAGE, re.MULTILINE)
    without = [
        way
        for way, part in zip(ways, re.split(r"^## .+$", PAGE, flags=re.MULTILINE)[1:], strict=True)
        if "```" not in part
    ]
    assert without == ["In tests"]

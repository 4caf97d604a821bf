"""`presently dev` as a newcomer has it: started, used by every door, and ended."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from presently import PresentlyError, Publisher, mint_token
from tests.integration.presently_server.process import COMMAND, environment, presently
from tests.support.dev_stack import DevStack, _free_ports
from tests.support.eventually import eventually
from tests.support.tab import Tab, open_tab

pytestmark = pytest.mark.postgres
EVENT = {"specversion": "1.0", "id": "c1", "source": "/cron", "subject": "article.2"}


def options(stack: DevStack) -> dict[str, str]:
    """The addresses, as an operator's environment has them."""
    return {
        "PRESENTLY_API_URL": stack.api,
        "PRESENTLY_API_KEY": stack.api_key,
        "PRESENTLY_GATEWAY_URL": stack.gateway,
        "PRESENTLY_JWT_KEYS": stack.jwt_key,
    }


@pytest.fixture
async def tab(dev_stack: DevStack) -> AsyncIterator[Tab]:
    """Somebody reading article.2."""
    token = mint_token(dev_stack.jwt_key, "leela", {"article.*": "edit"}, name="Leela")
    async with open_tab(dev_stack.gateway, token) as tab:
        await tab.join("article.2")
        yield tab


async def next_event(tab: Tab, count: int, act: Any) -> dict[str, Any]:
    """Do something; return the event it brings."""
    before = len(tab.events("article.2"))
    await act
    events = await tab.until_events("article.2", before + count)
    event: dict[str, Any] = events[-1]
    return event


async def test_curl_reaches_a_browser(dev_stack: DevStack, tab: Tab) -> None:
    async def post() -> None:
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                f"{dev_stack.api}/v1/events",
                json={**EVENT, "type": "report.ready", "data": {"pages": 3}},
                headers={
                    "Authorization": f"Bearer {dev_stack.api_key}",
                    "Content-Type": "application/cloudevents+json",
                },
            )
            assert answer.status_code == 202

    event = await next_event(tab, 1, post())
    assert (event["type"], event["data"]) == ("report.ready", {"pages": 3})


async def test_presently_publish_reaches_a_browser(
    dev_stack: DevStack, tab: Tab, tmp_path: Path
) -> None:
    async def publish() -> None:
        words = ("publish", "article.2", "comment.added", '{"text": "nice"}', "--actor", "fry")
        done = await presently(*words, folder=tmp_path, **options(dev_stack))
        assert (done.code, done.err) == (0, "")

    event = await next_event(tab, 1, publish())
    assert (event["type"], event["actor"]) == ("comment.added", "fry")


async def test_sql_reaches_a_browser(dev_stack: DevStack, tab: Tab) -> None:
    published = dev_stack.psql("SELECT presently.publish('article.2', 'note.added', '{\"n\": 1}')")
    event = await next_event(tab, 1, published)
    assert (event["type"], event["data"]) == ("note.added", {"n": 1})
    updated = dev_stack.psql("UPDATE article SET title = 'Phobos' WHERE id = 2")
    event = await next_event(tab, 1, updated)
    assert event["type"] == "presently.change"
    assert event["data"]["after"]["title"] == "Phobos"


async def test_the_sdk_publishes_to_several_documents_and_sees_who_is_there(
    dev_stack: DevStack, tab: Tab
) -> None:
    async with Publisher(dev_stack.api, source="/shop", api_key=dev_stack.api_key) as publisher:
        several = publisher.publish(["article.2", "article.3"], "sale.begun", {"percent": 5})
        event = await next_event(tab, 1, several)
        assert (event["source"], event["data"]) == ("/shop", {"percent": 5})
        presence = await publisher.presence("article.2")
        assert [(user.name, user.mode) for user in presence.users] == [("Leela", "reading")]
        assert presence.seq == tab.position("article.2")["seq"]
    async with Publisher(dev_stack.api, source="/shop", api_key="wrong") as stranger:
        with pytest.raises(PresentlyError, match="API key"):
            await stranger.publish("article.2", "a.b")


async def test_presently_tail_sees_people_and_events(
    dev_stack: DevStack, tab: Tab, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("tail", "article.2", "--json"),
        cwd=tmp_path,
        env=environment(options(dev_stack)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            joined = json.loads(await process.stdout.readline())
            assert joined["type"] == "joined"
            assert [user["name"] for user in joined["presence"]["users"]] == ["Leela"]
            await tab.update("article.2", mode="editing")
            presence = json.loads(await process.stdout.readline())
            assert presence["users"][0]["mode"] == "editing"
            await tab.send("article.2", "cursor.moved", {"x": 3})
            event = json.loads(await process.stdout.readline())
            assert (event["event"]["type"], event["event"]["actor"]) == ("cursor.moved", "leela")
        assert "tail" not in " ".join(await dev_stack.people("article.2"))
    finally:
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130


async def test_presently_status_tells_of_everybody(dev_stack: DevStack, tmp_path: Path) -> None:
    async def told() -> bool:
        done = await presently("status", folder=tmp_path, **options(dev_stack))
        assert done.code == 0, done.err
        assert "shards    all 16 owned" in done.out
        assert "NONE" not in done.out
        return True

    await eventually(told, within=20)


async def test_presently_tail_dead_shows_why(dev_stack: DevStack, tmp_path: Path) -> None:
    row = "('article.2', 'no type', '{}')"
    await dev_stack.psql(f"INSERT INTO presently.outbox (document, type, data) VALUES {row}")
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("tail", "--dead", "--json"),
        cwd=tmp_path,
        env=environment(options(dev_stack)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        letter = {"reason": "", "body": ""}
        async with asyncio.timeout(20):
            while "no type" not in letter["body"]:  # those of other tests of this stack
                letter = json.loads(await process.stdout.readline())
        assert "type" in letter["reason"]
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def test_it_leaves_addresses_and_keys_and_cleans_up(tmp_path: Path) -> None:
    first = _free_ports()
    tmp_path.chmod(0o711)
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("dev", "--no-demo", "--port", str(first)),
        cwd=tmp_path,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    path = tmp_path / ".presently" / "dev.json"
    try:
        await eventually(path.exists, within=60)
        there = json.loads(path.read_text())
        assert set(there) == {"demo", "gateway", "api", "api_key", "postgres", "jwt_key"}
        assert there["gateway"] == f"ws://127.0.0.1:{first + 1}/"
        assert there["api"] == f"http://127.0.0.1:{first + 2}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (tmp_path / ".presently" / ".gitignore").read_text() == "*\n"
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"http://127.0.0.1:{first + 3}/readyz")
            assert ready.status_code == 200
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        in_use = await presently("dev", "--port", str(first - 1), folder=elsewhere)
        assert in_use.code == 2
        assert in_use.err.startswith("presently: port ")
        assert in_use.err.count("\n") == 1
        assert not (elsewhere / ".presently").exists()
        for port in (first, _free_ports()):
            twice = await presently("dev", "--port", str(port), folder=tmp_path)
            assert (twice.code, twice.err) == (
                2,
                "presently: another `presently dev` is running in this folder\n",
            )
        checked = await presently("check", folder=tmp_path)
        assert checked.code == 0, checked.out
        assert "it needs no settings" in checked.out.splitlines()[0]
        status = await presently("status", folder=tmp_path)
        assert "NONE" not in status.out
        wrong = ("--api-key", "wrong")
        refused = [
            await presently(*words, *wrong, folder=tmp_path)
            for words in (("status",), ("publish", "a.1", "b.c"))
        ]
        assert [(done.code, done.err) for done in refused] == [
            (1, f"presently: {there['api']}{path}: the API key is wrong\n")
            for path in ("/v1/status", "/v1/events")
        ]
        published = await presently("publish", "a.1", "b.c", folder=tmp_path)
        assert published.code == 0
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
    said = out.decode()
    assert process.returncode == 0, said
    assert "Presently is running" in said
    assert "Traceback" not in said
    assert not path.exists()
    port = there["postgres"].partition("127.0.0.1:")[2].partition("/")[0]
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", int(port))

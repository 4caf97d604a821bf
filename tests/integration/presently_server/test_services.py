"""Services as processes, among what Kubernetes injects, and the commands that look after them."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from presently_server.check_broker import check_broker
from presently_server.check_database import check_database
from schemas import limits
from tests.integration.presently_server.process import COMMAND, environment, presently
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.rabbit import Rabbit

KEY = "k" * 40
KUBERNETES = {
    "GATEWAY_SERVICE_HOST": "10.0.0.1",
    "HUB_PORT": "tcp://10.0.0.2:8003",
    "PRESENTLY_GATEWAY_SERVICE_HOST": "10.0.0.1",
    "PRESENTLY_GATEWAY_SERVICE_PORT": "8001",
    "PRESENTLY_GATEWAY_PORT": "tcp://10.0.0.1:8001",
    "PRESENTLY_GATEWAY_PORT_8001_TCP_ADDR": "10.0.0.1",
}


@asynccontextmanager
async def service(name: str, folder: Path, more: dict[str, str]) -> AsyncIterator[str]:
    """A running, ready service: where its ops listener is. It ends with exit code 0."""
    ops = f"127.0.0.1:{free_port()}"
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            name,
            env=environment({**KUBERNETES, **more, "PRESENTLY_OPS_LISTEN": ops}),
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        async with httpx.AsyncClient() as client:

            async def ready() -> bool:
                assert process.returncode is None, log.read_text()
                try:
                    answer = await client.get(f"http://{ops}/readyz")
                except httpx.TransportError:
                    return False
                return answer.status_code == 200

            await eventually(ready, within=30, what=f"{name} is ready")
        yield ops
    finally:
        process.send_signal(signal.SIGTERM)
        code = await process.wait()
    assert code == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.rabbit
@pytest.mark.postgres
async def test_all_services_start_among_what_kubernetes_injects(
    amqp_url: str, database_url: str, tmp_path: Path
) -> None:
    api = f"127.0.0.1:{free_port()}"
    bus = {"PRESENTLY_AMQP_URL": amqp_url}
    gateway = {
        **bus,
        "PRESENTLY_JWT_KEYS": KEY,
        "PRESENTLY_API_KEYS": "sesame",
        "PRESENTLY_LISTEN": f"127.0.0.1:{free_port()}",
        "PRESENTLY_API_LISTEN": api,
        "PRESENTLY_DRAIN_DELAY": "0",
        "PRESENTLY_DRAIN_WINDOW": "0",
    }
    relay = {**bus, "PRESENTLY_DATABASE_URL": database_url}
    ask = {"PRESENTLY_API_URL": f"http://{api}", "PRESENTLY_API_KEY": "sesame"}
    async with (
        service("hub", tmp_path, bus) as hub,
        service("gateway", tmp_path, gateway) as listening,
        service("relay", tmp_path, relay) as carrying,
        httpx.AsyncClient() as client,
    ):
        metrics = await client.get(f"http://{hub}/metrics")
        assert "presently_hub_shard_owned" in metrics.text
        metrics = await client.get(f"http://{listening}/metrics")
        assert "presently_gateway_broker_connected 1.0" in metrics.text
        metrics = await client.get(f"http://{carrying}/metrics")
        assert "presently_relay_active 1.0" in metrics.text

        async def told() -> bool:
            done = await presently("status", "--json", folder=tmp_path, **ask)
            assert done.code == 0, done.err
            status = json.loads(done.out)
            counts = [len(status[name]) for name in ("gateways", "hubs", "relays")]
            return counts == [1, 1, 1] and None not in status["shards"]

        await eventually(told, within=20)
        taken = await presently("hub", folder=tmp_path, **bus, PRESENTLY_OPS_LISTEN=hub)
        assert taken.code == 2
        assert f"PRESENTLY_OPS_LISTEN: cannot listen on {hub}" in taken.err


@pytest.mark.rabbit
async def test_the_broker_waits_less_for_a_hub_than_for_others(
    rabbit: Rabbit, amqp_url: str, tmp_path: Path
) -> None:
    names = 'proplists:get_value(<<"connection_name">>, [{K, V} || {K, _, V} <- P])'
    asked = (
        f"[{names} || [{{client_properties, P}}, {{timeout, {limits.HUB_AMQP_HEARTBEAT_S}}}]"
        " <- rabbit_networking:connection_info_all([client_properties, timeout])]"
    )
    async with service("hub", tmp_path, {"PRESENTLY_AMQP_URL": amqp_url}):
        assert "hub/" in await asyncio.to_thread(rabbit.eval, asked)


@pytest.mark.parametrize("name", ["gateway", "hub", "relay"])
async def test_a_mistyped_setting_stops_a_service(name: str, tmp_path: Path) -> None:
    done = await presently(name, folder=tmp_path, PRESENTLY_ORIGINZ="https://a.example")
    assert (done.code, done.out) == (2, "")
    expected = "PRESENTLY_ORIGINZ is no setting; did you mean PRESENTLY_ORIGINS?"
    assert done.err == f"presently: {expected}\n"


@pytest.mark.rabbit
async def test_check_and_declare_say_what_the_broker_lacks(amqp_url: str, tmp_path: Path) -> None:
    before = await check_broker(amqp_url)
    assert [finding.level for finding in before] == ["ok", "ok", "ok", "ok", "FAIL"]
    assert before[-1].do == "presently declare"
    for _ in range(2):
        done = await presently("declare", folder=tmp_path, PRESENTLY_AMQP_URL=amqp_url)
        assert (done.code, done.out) == (0, "6 exchanges and 34 queues are there\n")
    assert {finding.level for finding in await check_broker(amqp_url)} == {"ok"}
    checked = await presently("check", folder=tmp_path, PRESENTLY_AMQP_URL=amqp_url)
    assert checked.code == 0
    assert "ok    broker    6 exchanges, 34 queues, as designed" in checked.out
    host = amqp_url.rpartition("@")[2].partition("/")[0]
    two = amqp_url.replace(host, f"{host},127.0.0.1:{free_port()}")
    one, other, *rest = await check_broker(two)
    assert (one.level, one.what) == ("ok", f"{host} answers")
    assert (other.level, "is not reachable" in other.what) == ("warn", True)
    assert {finding.level for finding in rest} == {"ok"}
    [missing] = await check_broker(f"{amqp_url.rpartition('/')[0]}/nowhere")
    assert (missing.level, "no such vhost" in missing.what) == ("FAIL", True)


@pytest.mark.postgres
async def test_migrate_capture_and_check_the_database(
    empty_database_url: str, tmp_path: Path
) -> None:
    async def run(*arguments: str) -> tuple[int, str]:
        done = await presently(
            *arguments, folder=tmp_path, PRESENTLY_DATABASE_URL=empty_database_url
        )
        assert "Traceback" not in done.err
        return done.code, done.out + done.err

    assert [one.level for one in await check_database(empty_database_url)] == ["ok", "FAIL"]
    code, said = await run("capture", "list")
    assert (code, "presently migrate" in said) == (1, True)
    code, said = await run("migrate")
    assert (code, "0001 outbox" in said) == (0, True)
    assert await run("migrate") == (0, "nothing to do: it is up to date\n")

    code, said = await run("capture", "add", "public.article", "--document", "article.{id}")
    assert (code, "article" in said) == (2, True)
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("CREATE TABLE article (id int PRIMARY KEY, title text, by text)")
    await connection.close()
    add = ("capture", "add", "public.article", "--document", "article.{id}")
    code, said = await run(*add, "--columns", "titel")
    assert (code, "no column 'titel'" in said) == (2, True)
    code, said = await run(*add, "--columns", "title", "--actor", "by")
    assert (code, said) == (0, "every change of public.article is now told at article.{id}\n")
    code, said = await run("capture", "list")
    assert said == "public.article  article.{id}  columns title  actor by\n"
    findings = await check_database(empty_database_url)
    assert {finding.level for finding in findings} == {"ok"}
    await run(*add, "--columns", "*")
    assert "warn" in {finding.level for finding in await check_database(empty_database_url)}
    assert (await run("capture", "remove", "public.article"))[0] == 0
    assert (await run("capture", "remove", "public.article"))[0] == 1
    code, said = await run("migrate", "--sql")
    assert (code, said.startswith("BEGIN;")) == (0, True)

"""The ops listener."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from presently_server import ops
from presently_server.ops import CannotListen, bind, ops_app, serving
from presently_server.settings_values import Listen


@dataclass
class Health:
    ready: bool = False
    why: str = "starting"


async def test_health_readiness_and_metrics() -> None:
    health, registry = Health(), CollectorRegistry()
    Counter("tried", "Times tried.", registry=registry).inc(3)
    transport = httpx.ASGITransport(ops_app(health, registry))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "not ready: starting\n")
        health.ready = True
        assert (await client.get("/readyz")).status_code == 200
        metrics = await client.get("/metrics")
        assert "tried_total 3.0" in metrics.text
        assert metrics.headers["content-type"].startswith("text/plain")


async def test_it_serves_on_a_socket_while_the_block_runs() -> None:
    bound = bind(Listen("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/healthz"
    async with httpx.AsyncClient() as client:
        async with serving(ops_app(Health()), bound):
            assert (await client.get(url)).text == "ok\n"
        with pytest.raises(httpx.TransportError):
            await client.get(url)


async def test_one_too_many_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "ANSWERING", 2)
    bound = bind(Listen("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/healthz"
    async with serving(ops_app(Health()), bound):
        async with httpx.AsyncClient() as stays, httpx.AsyncClient() as comes:
            assert (await stays.get(url)).status_code == 200
            assert (await comes.get(url)).status_code == 503
        async with httpx.AsyncClient() as next_one:
            assert (await next_one.get(url)).status_code == 200


async def test_a_failure_in_the_block_ends_it_and_is_seen() -> None:
    async def block() -> None:
        async with serving(ops_app(Health()), bind(Listen("127.0.0.1", 0))):
            raise LookupError("the service")

    with pytest.raises(BaseExceptionGroup) as caught:
        await block()
    assert caught.group_contains(LookupError, match="the service")


def test_a_taken_address_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=f"PRESENTLY_LISTEN: cannot listen on .*:{port}"):
            bind(Listen("127.0.0.1", port), "PRESENTLY_LISTEN")


def test_an_address_is_taken_as_soon_as_it_is_bound() -> None:
    with bind(Listen("127.0.0.1", 0)) as other, pytest.raises(CannotListen):
        bind(Listen("127.0.0.1", other.getsockname()[1]))

"""Several nodes, some of which are dead: RabbitMQ alone, for only a network can do this."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from yarl import URL

from broker.amqp import connector
from broker.errors import BrokerRefused, BrokerUnavailable
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.proxy import Proxy

pytestmark = pytest.mark.rabbit


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a node that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def at(url: str, *ports: int) -> str:
    """The URL with these ports."""
    parts = URL(url)
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"amqp://{parts.user}:{parts.password}@{hosts}{parts.raw_path}"


async def test_who_answers_is_found_behind_a_dead_and_a_silent_node(amqp_url: str) -> None:
    with silent() as deaf:
        url = at(amqp_url, free_port(), deaf, URL(amqp_url).port or 0)
        for luck in (0.0, 0.4, 0.9):
            broker = await connector(url, timeout=2.0, luck=lambda luck=luck: luck)("it")  # type: ignore[misc]
            assert not broker.lost
            await broker.close()


async def test_when_none_answers_all_reasons_are_told(amqp_url: str) -> None:
    with silent() as deaf, pytest.raises(BrokerUnavailable) as error:
        await connector(at(amqp_url, free_port(), deaf), timeout=0.2, luck=lambda: 0.0)("it")
    assert "Connect call failed" in error.value.why
    assert "no answer in time" in error.value.why
    assert "guest" not in error.value.why


async def test_who_loses_a_node_goes_on_to_the_next_and_takes_the_others_along(
    amqp_url: str,
) -> None:
    port = URL(amqp_url).port or 0
    nodes = [await Proxy.to("127.0.0.1", port) for _ in range(2)]
    connect = connector(at(amqp_url, *(node.port for node in nodes)), luck=lambda: 0.0)
    brokers = [await connect("down"), await connect("up")]
    assert [node.accepted for node in nodes] == [2, 0]
    nodes[0].cut()
    await eventually(lambda: all(broker.lost for broker in brokers))
    brokers += [await connect("down"), await connect("up")]
    assert [node.accepted for node in nodes] == [2, 2]
    for broker in brokers:
        await broker.close()
    for node in nodes:
        await node.close()


async def test_a_name_of_several_machines_is_several_addresses(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of them is a machine that is gone: it takes connections and is silent."""
    port = URL(amqp_url).port or 0
    found = socket.getaddrinfo("127.0.0.2", port, type=socket.SOCK_STREAM)
    found += socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)

    async def getaddrinfo(host: str, *more: Any, **named: Any) -> Any:
        return found if host == "rabbit.example" else socket.getaddrinfo(host, *more)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    url = str(URL(amqp_url).with_host("rabbit.example"))
    with socket.create_server(("127.0.0.2", port)):
        broker = await connector(url, timeout=2.0)("it")
    assert not broker.lost
    await broker.close()


async def test_who_is_never_let_in_is_told_for_good(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.amqp.REFUSED", 0.0)
    for wrong, what in ((f"{amqp_url}-not", "vhost"), (amqp_url.replace("st@", "@"), "password")):
        with pytest.raises(BrokerRefused, match=what):
            await connector(wrong)("it")


async def test_one_node_that_is_away_may_still_let_us_in(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.amqp.REFUSED", 0.0)
    url = at(f"{amqp_url}-not", URL(amqp_url).port or 0, free_port())
    with pytest.raises(BrokerUnavailable):
        await connector(url)("it")

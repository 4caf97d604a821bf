"""The topology as RabbitMQ's definitions."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from presently_server.cli import cli
from presently_server.declare import definitions, vhost_of
from schemas.topology import installation


def test_everything_of_the_topology_is_printed() -> None:
    printed = definitions(installation(), "shop")
    assert len(printed["queues"]) == len(installation().queues)
    assert len(printed["exchanges"]) == len(installation().exchanges)
    assert len(printed["bindings"]) == len(installation().binds)
    assert {thing["vhost"] for things in printed.values() for thing in things} == {"shop"}
    assert all(queue["arguments"]["x-queue-type"] for queue in printed["queues"])


def test_print_needs_no_broker() -> None:
    result = CliRunner().invoke(cli, ["declare", "--print"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["exchanges"][0]["vhost"] == "/"


@pytest.mark.parametrize(
    ("url", "vhost"),
    [("amqp://h", "/"), ("amqp://h/", "/"), ("amqp://h/shop", "shop"), ("amqp://h/%2Fa", "/a")],
)
def test_the_vhost_of_a_url(url: str, vhost: str) -> None:
    assert vhost_of(url) == vhost

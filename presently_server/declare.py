"""``presently declare``: the exchanges and queues of an installation, made or printed."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import click

from broker.amqp import connector
from broker.amqp_addresses import addresses
from broker.declare import declare as declare_all
from broker.errors import BrokerError
from presently_server.mistakes import Failed, Mistake
from presently_server.run import settings
from presently_server.settings import SettingsError, need
from schemas.topology import Topology, installation

VHOST: Final = "/"


@click.command()
@click.option(
    "--print", "printing", is_flag=True, help="Print RabbitMQ definitions (JSON) instead."
)
@click.option("--vhost", help="For --print: the vhost; else that of PRESENTLY_AMQP_URL, else /.")
def declare(printing: bool, vhost: str | None) -> None:
    """Make the exchanges and queues, or print them. Repeating it is harmless.

    \b
    presently declare
    presently declare --print > definitions.json    # rabbitmqctl import_definitions
    """
    given = settings()
    if printing:
        name = vhost or vhost_of(given.amqp_url)
        click.echo(json.dumps(definitions(installation(), name), indent=2))
        return
    try:
        need(given, "amqp_url")
    except SettingsError as error:
        raise Mistake(str(error)) from None
    try:
        asyncio.run(_declare(given.amqp_url))
    except BrokerError as error:
        raise Failed(str(error)) from None
    all_of_it = installation()
    click.echo(f"{len(all_of_it.exchanges)} exchanges and {len(all_of_it.queues)} queues are there")


def definitions(topology: Topology, vhost: str) -> dict[str, Any]:
    """As RabbitMQ's ``import_definitions`` reads it. The vhost itself is not among them."""
    return {
        "exchanges": [
            {
                "name": exchange.name,
                "vhost": vhost,
                "type": exchange.kind,
                "durable": True,
                "auto_delete": exchange.auto_delete,
                "internal": False,
                "arguments": dict(exchange.arguments),
            }
            for exchange in topology.exchanges
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
            for queue in topology.queues
        ],
        "bindings": [
            {
                "source": bind.source,
                "vhost": vhost,
                "destination": bind.destination,
                "destination_type": bind.to,
                "routing_key": bind.key,
                "arguments": {},
            }
            for bind in topology.binds
        ],
    }


def vhost_of(url: str) -> str:
    """The vhost of ``PRESENTLY_AMQP_URL``: ``amqp://host`` and ``amqp://host/`` mean ``/``."""
    first = addresses(url)[0] if url else ""
    return unquote(urlsplit(first).path.removeprefix("/")) or VHOST


async def _declare(url: str) -> None:
    broker = await connector(url)("declare")
    try:
        await declare_all(broker, installation())
    finally:
        await broker.close()

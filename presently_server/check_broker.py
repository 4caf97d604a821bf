"""What ``presently check`` says of the broker, found out by doing what the services do."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from typing import Final
from urllib.parse import urlsplit

from broker.amqp import AmqpBroker, connector
from broker.amqp_addresses import addresses
from broker.declare import declare
from broker.errors import BrokerError, BrokerUnavailable, NoSuchQueue, TopologyMismatch
from broker.port import Binding, Outgoing, QueueSpec
from presently_server.findings import Finding, fail, ok, warn
from schemas import topology
from schemas.topology import installation

OLDEST: Final = (3, 10)
PATIENCE: Final = 5.0
EXPIRES: Final[dict[str, str | int | bool]] = {"x-expires": 60_000}
RIGHTS: Final = "rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'"


async def check_broker(url: str) -> list[Finding]:
    """Reachable, new enough, able, and laid out as designed."""
    if not url:
        return [fail("PRESENTLY_AMQP_URL is not set", "amqp://user:password@host/vhost")]
    try:
        broker = await connector(url)("check")
    except BrokerUnavailable as error:
        return [
            fail(
                f"not reachable: {error.why}",
                "host, port, user, password and vhost of PRESENTLY_AMQP_URL; is it running?",
            )
        ]
    assert isinstance(broker, AmqpBroker)
    try:
        return [
            *await _nodes(url),
            check_version(broker.version),
            await _kind(broker, "quorum", {"x-queue-type": "quorum"}),
            await _kind(broker, "stream", {"x-queue-type": "stream"}),
            await _rights(broker),
            await _layout(broker),
            *await _dead(broker),
        ]
    except BrokerError as error:
        return [fail(f"it went away while we looked: {error}", "look into its log")]
    finally:
        await broker.close()


async def _nodes(url: str) -> list[Finding]:
    """Whether each of several answers; services work as long as one of them does."""
    nodes = addresses(url)
    return [] if len(nodes) == 1 else [await _node(node) for node in nodes]


async def _node(url: str) -> Finding:
    parts = urlsplit(url)
    name = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    try:
        broker = await connector(url)("check")
    except BrokerUnavailable as error:
        return warn(f"{name} is not reachable: {error.why}", "the other nodes serve meanwhile")
    await broker.close()
    return ok(f"{name} answers")


def check_version(version: str) -> Finding:
    """Whether it is a RabbitMQ that can do what we need."""
    match = re.search(r"RabbitMQ (\d+)\.(\d+)", version)
    if match is None:
        return warn(f"this is {version}", "only RabbitMQ was tried")
    if (int(match[1]), int(match[2])) < OLDEST:
        return fail(f"{version} is too old", "RabbitMQ 3.10 or newer; a cluster 3.12 or newer")
    return ok(version)


async def _kind(broker: AmqpBroker, kind: str, arguments: dict[str, str | int | bool]) -> Finding:
    """Whether queues of this kind can be declared."""
    name = f"hub.check.{kind}.{secrets.token_hex(4)}"
    more = {} if kind == "stream" else EXPIRES
    try:
        await broker.declare([QueueSpec(name, {**arguments, **more})])
    except TopologyMismatch as error:
        return fail(f"{kind} queues cannot be declared: {error.reason}", RIGHTS)
    except BrokerUnavailable as error:
        do = "enable the feature flags: rabbitmqctl enable_feature_flag all"
        return fail(f"{kind} queues cannot be declared: {error.why}", do)
    await broker.delete(name)
    return ok(f"{kind} queues can be declared")


async def _rights(broker: AmqpBroker) -> Finding:
    """Configure, write and read, by sending ourselves a message."""
    name = f"hub.check.{secrets.token_hex(4)}"
    began = time.perf_counter()
    try:
        await broker.declare([QueueSpec(name, {"x-queue-type": "classic", **EXPIRES})])
        there = await broker.exists(topology.EVENTS)
        if there:
            await broker.declare(bindings=[Binding(topology.EVENTS, name, f":check.{name}")])
        async with await broker.open() as channel:
            inbox = await channel.consume(name, prefetch=1)
            to = (topology.EVENTS, f":check.{name}") if there else ("", name)
            await channel.confirmed(await channel.send([Outgoing(*to, b"?", persistent=False)]))
            async with asyncio.timeout(PATIENCE):
                inbox.ack((await inbox.take())[-1].tag)
    except (BrokerError, TimeoutError) as error:
        return fail(f"this user may not configure, write and read: {error}", RIGHTS)
    finally:
        await broker.delete(name)
    took = (time.perf_counter() - began) * 1000
    return ok(f"this user may configure, write and read (all of it in {took:.0f} ms)")


async def _layout(broker: AmqpBroker) -> Finding:
    """Exchanges and queues as in ``schemas.topology``. Only if all are there, bind them again."""
    wanted = installation()
    missing = [one.name for one in wanted.exchanges if not await broker.exists(one.name)]
    for queue in wanted.queues:
        try:
            await broker.depth(queue.name)
        except NoSuchQueue:
            missing.append(queue.name)
    if missing:
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        return fail(f"{len(missing)} exchanges and queues are missing: {some}", "presently declare")
    try:
        await declare(broker, wanted)
    except TopologyMismatch as error:
        do = f"somebody declared {error.name} otherwise: remove it, then `presently declare`"
        return fail(str(error), do)
    return ok(f"{len(wanted.exchanges)} exchanges, {len(wanted.queues)} queues, as designed")


async def _dead(broker: AmqpBroker) -> list[Finding]:
    try:
        waiting = await broker.depth(topology.DEAD)
    except NoSuchQueue:
        return []
    if waiting:
        return [warn(f"{waiting} dead letters", "presently tail --dead shows them, with reasons")]
    return [ok("no dead letters")]

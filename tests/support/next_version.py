"""What a later version might say: every map of every message has a field nobody knows yet, every
list of acts, facts or replies one of a kind nobody knows.

``python -m tests.support.next_version hub`` runs such a process. ``Gossip`` says whole messages of
unknown kinds everywhere.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import msgpack
import msgspec

from broker.port import Connect, Outgoing
from presently_server.cli import main
from schemas import codec, limits, log, messages, topology
from schemas.ids import SLOTS

FIELD = "since_the_next_version"
NEWS = {"kind": "news", "list": [1, {"kind": "more"}], "nothing": None}


def with_more_fields(value: Any) -> Any:
    """As plain values, with a field more in each struct; maps of names (``shards``, ``client``)
    stay as they are."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        said = {config.tag_field: config.tag} if config.tag else {}
        fields = {name: with_more_fields(getattr(value, name)) for name in value.__struct_fields__}
        return {**said, **fields, FIELD: NEWS}
    if isinstance(value, list | tuple):
        return [with_more_fields(each) for each in value]
    return value


def packed(message: msgspec.Struct) -> bytes:
    """A message as the next version would say it."""
    plain = with_more_fields(message)
    news = {**NEWS, "connection": "", "document": "page.1"}
    match message:
        case messages.Acts() if len(message.acts) < limits.ACTS_PER_MESSAGE:
            plain["acts"].append(news)
        case messages.Replies():
            plain["replies"].append(news)
        case log.Batch():
            plain["facts"].append(news)
    body: bytes = msgpack.packb(plain, use_bin_type=True)
    return body


def whispers(gateways: Sequence[str]) -> list[Outgoing]:
    """A message of an unknown kind to everybody: on ``hub.control``, to each shard and its log, to
    each of the gateways (by address), as a reply and as a document's message."""
    body = msgpack.packb({**NEWS, "gateway": "next", "term": 1})
    said = [Outgoing(topology.CONTROL, "", body, content_type=codec.MSGPACK)]
    for slot in range(SLOTS):
        said.append(Outgoing(topology.CLIENTS, topology.probe_key(slot), body))
        said.append(Outgoing("", topology.log_queue(slot), body))
    for address in gateways:
        said.append(Outgoing(topology.EVENTS, address, body, content_type=codec.MSGPACK))
        said.append(Outgoing(topology.EVENTS, address, b"{}", headers={"w": "news", "d": "a.b"}))
    return said


class Gossip:
    """Says such things again and again. ``said``: how many messages so far."""

    def __init__(self, connect: Connect, gateways: list[str], every: float = 0.1) -> None:
        self.said = 0
        self._connect = connect
        self._gateways = gateways
        self._every = every

    async def run(self) -> None:
        """Until cancelled."""
        broker = await self._connect("gossip")
        try:
            channel = await broker.open()
            for _ in itertools.count():
                batch = whispers(self._gateways)
                await channel.confirmed(await channel.send(batch))
                self.said += len(batch)
                await asyncio.sleep(self._every)
        finally:
            await broker.close()


if __name__ == "__main__":
    codec.pack = packed
    main()

"""Which types of events were produced of late, out of the ends of the logs.

For `presently check types`: what nobody handles is found before it ships. Ephemeral events are in
no log, and so not seen.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from broker.errors import NoSuchQueue
from broker.port import Broker, Delivery, Inbox
from schemas import ids, topology
from schemas.errors import InvalidDocument, MalformedMessage
from schemas.log import Hint, read_glance

RECORDS: Final = 500
RECORDS_MOST: Final = 2_000
"""Of one log, from its end: unless asked otherwise, and at most."""
AT_ONCE: Final = 8
"""Records waiting in our process, each up to about ``hub``'s message of 1 MiB."""
SECONDS: Final = 8.0
"""For all logs; what was not read then is not told, and the answer says so."""
SILENT_S: Final = 1.0
"""A log that has nothing for so long is empty."""
TYPES_MOST: Final = 1_000
COLLECTIONS_MOST: Final = 20
"""Of one type; one document of each is told."""


@dataclass(slots=True)
class Seen:
    """One type. ``documents``: collection → the last document of it."""

    count: int = 0
    last_at: int = 0
    documents: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Produced:
    """What was seen so far.

    Attributes:
        complete: Everything that was asked for was read, and no bound was met.
    """

    records: int = 0
    complete: bool = True
    types: dict[str, Seen] = field(default_factory=dict)

    def add(self, hint: Hint) -> None:
        """One fact; only events count."""
        if hint.kind != "event" or not hint.type:
            return
        seen = self.types.get(hint.type)
        if seen is None:
            if len(self.types) >= TYPES_MOST:
                self.complete = False
                return
            seen = self.types[hint.type] = Seen()
        seen.count += 1
        seen.last_at = max(seen.last_at, hint.at)
        try:
            document = ids.parse_document(hint.document)
        except InvalidDocument:
            return
        collection = ids.collection_of(document)
        if collection in seen.documents or len(seen.documents) < COLLECTIONS_MOST:
            seen.documents[collection] = document
        else:
            self.complete = False

    def plain(self) -> dict[str, Any]:
        """As the HTTP API tells it, the types in order."""
        types = [
            {
                "type": name,
                "count": seen.count,
                "last_at": seen.last_at,
                "documents": sorted(seen.documents.values()),
            }
            for name, seen in sorted(self.types.items())
        ]
        return {"records": self.records, "complete": self.complete, "types": types}


async def produced(broker: Broker, records: int) -> Produced:
    """The types in the last ``records`` records of each log.

    Raises:
        BrokerUnavailable: No connection.
    """
    found = Produced()
    try:
        async with asyncio.timeout(SECONDS):
            for log, last in (await _ends(broker)).items():
                await _read(broker, log, last, records, found)
    except TimeoutError:
        found.complete = False
    return found


async def _ends(broker: Broker) -> dict[str, int]:
    """The last offset of each log that has something. All are listened to at once, so that a broker
    with nothing in its logs is silent for ``SILENT_S`` and not for that long sixteen times."""
    ends: dict[str, int] = {}
    async with AsyncExitStack() as channels:
        inboxes: dict[str, Inbox] = {}
        for log in map(topology.log_queue, range(ids.SLOTS)):
            channel = await channels.enter_async_context(await broker.open())
            with suppress(NoSuchQueue):  # a broker in which nothing was declared yet
                inboxes[log] = await channel.consume(log, prefetch=AT_ONCE, offset="last")
        until = asyncio.get_running_loop().time() + SILENT_S
        for log, inbox in inboxes.items():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    ends[log] = (await inbox.take())[-1].offset or 0
    return ends


async def _read(broker: Broker, log: str, last: int, records: int, found: Produced) -> None:
    start = max(0, last - records + 1)
    async with await broker.open() as channel:
        inbox = await channel.consume(log, prefetch=AT_ONCE, offset=start)
        at = -1
        while at < last:
            taken = await inbox.take()
            for delivery in taken:
                at = delivery.offset or 0
                if start <= at <= last:
                    _glance(delivery, found)
            inbox.ack(taken[-1].tag)


def _glance(delivery: Delivery, found: Produced) -> None:
    found.records += 1
    try:
        record = read_glance(delivery.body)
    except MalformedMessage:
        return  # an owner complains of it
    for hint in record.facts:
        found.add(hint)

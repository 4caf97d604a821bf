"""An append that is confirmed and lost costs a moment, never an event and never the shard."""

from collections.abc import Callable

import pytest

from broker.memory import Bus
from broker.port import Outgoing
from schemas import topology
from schemas.errors import MalformedMessage
from schemas.ids import DocumentId, slot_of
from schemas.log import Batch, Claim, Numbered, Record, read_record
from schemas.unknown import Unknown
from tests.integration.hub.forgetful import forgetful
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import change, hub, publish
from tests.support.eventually import eventually

DOCUMENT = "article.42"
LOG = topology.log_queue(slot_of(DocumentId(DOCUMENT)))


class LosesOnce:
    """The first append to the document's log that ``which`` says."""

    def __init__(self, which: Callable[[Record], bool]) -> None:
        self._which = which
        self.lost = 0

    def __call__(self, message: Outgoing) -> bool:
        if self.lost or message.key != LOG:
            return False
        try:
            record = read_record(message.body)
        except MalformedMessage:
            return False
        self.lost = not isinstance(record, Unknown) and self._which(record)
        return bool(self.lost)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.tail.READ_BACK_SECONDS", 0.2)


async def test_a_lost_claim_is_claimed_again() -> None:
    bus, loses = Bus(), LosesOnce(lambda record: isinstance(record, Claim))
    async with gateway(bus.connect) as g, hub(forgetful(bus.connect, loses)):
        await g.join(DOCUMENT, "c1", "leela")
        await publish(bus.connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
    assert loses.lost


async def test_events_of_a_lost_batch_are_numbered_once_and_published() -> None:
    def numbers(record: Record) -> bool:
        return isinstance(record, Batch) and any(isinstance(f, Numbered) for f in record.facts)

    bus, loses = Bus(), LosesOnce(numbers)
    async with gateway(bus.connect) as g, hub(forgetful(bus.connect, loses)):
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: g.present(DOCUMENT))
        await publish(bus.connect, change(DOCUMENT, "e1"))
        await publish(bus.connect, change(DOCUMENT, "e2"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1"), (2, "e2")])
    assert loses.lost

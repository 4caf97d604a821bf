"""A log that lost its end, or all of it: the documents it had more of are reset, others are not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemas.errors import MalformedMessage
from schemas.ids import DocumentId, slot_of
from schemas.log import Batch, Numbered, read_record
from tests.fault.conftest import NewTrial
from tests.fault.owners import beside, log_of, replaced
from tests.fault.trial import DOCUMENTS, Trial

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

DOCUMENT = DOCUMENTS[0]
SLOT = slot_of(DocumentId(DOCUMENT))
ELSEWHERE = [document for document in DOCUMENTS if slot_of(DocumentId(document)) != SLOT]


def is_of(record: bytes, document: str) -> bool:
    """Whether it numbers an event of this document."""
    try:
        said = read_record(record)
    except MalformedMessage:
        return False
    return isinstance(said, Batch) and any(
        isinstance(fact, Numbered) and fact.document == document for fact in said.facts
    )


def cut(records: list[bytes], what: str) -> list[bytes]:
    """What is left of a log."""
    if what == "nothing":
        return []
    places = [place for place, record in enumerate(records) if is_of(record, DOCUMENT)]
    return records[: places[-1] if what == "nearly all" else places[len(places) // 2]]


def reloads(it: Trial, documents: Sequence[str]) -> list[int]:
    """How often pages that stay at these documents were told to load them anew."""
    return [
        visitor.ledger.pages[document].reloads
        for visitor in it.visitors
        if visitor.stays
        for document in visitor.haunts
        if document in documents
    ]


@pytest.mark.parametrize("what", ["nothing", "half", "nearly all"])
async def test_of_one_shard(new_trial: NewTrial, what: str) -> None:
    """Of nearly all that is left, more comes before anybody is asked than was lost."""
    async with new_trial(hubs=1) as it, beside(it) as broker:
        (hub,) = it.stack.hubs
        await it.changes(600)
        await it.end(hub)
        await replaced(broker, SLOT, cut(await log_of(broker, SLOT), what))
        await it.go_on(2)
        at = it.now()
        await it.start(hub)
        await it.back(at, within=60, what=f"{what} was left of a log")
        await it.go_on(5)
        await it.settle()
        assert min(reloads(it, [DOCUMENT])) >= 1
        assert set(reloads(it, ELSEWHERE)) == {0}

"""Another worker's claim in the log, while the owner's channel is open: a partition can do that."""

from __future__ import annotations

import time

import pytest

from schemas.ids import SLOTS, DocumentId, slot_of
from tests.fault.conftest import NewTrial
from tests.fault.owners import beside, claimed, worst_delay
from tests.fault.trial import DOCUMENTS

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]


async def test_claims_of_somebody_else_under_load(new_trial: NewTrial) -> None:
    """Once in every log, then again and again in one: the owner stops, forgets, and whoever is next
    claims above the stranger, who never says a word."""
    async with new_trial(hubs=2) as it, beside(it) as broker:
        at = it.now()
        for slot in range(SLOTS):
            await claimed(broker, slot, f"stranger-{slot}", int(time.time() * 1000))
        await it.back(at, within=30, what="a stranger's claim in every log")
        slot = slot_of(DocumentId(DOCUMENTS[0]))
        for number in range(5):
            again = it.now()
            await claimed(broker, slot, f"again-{number}", int(time.time() * 1000) + 60_000)
            await it.back(again, within=30, what="a stranger's claim in one log")
        await it.go_on(5)
        print(f"the slowest change of all took {worst_delay(it, at):.2f} s")
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers

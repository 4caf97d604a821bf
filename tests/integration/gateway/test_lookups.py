"""Several who look at one collection at the same time."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from gateway import lookups as module
from gateway.lookups import Lookups
from gateway.outbox import Outbox
from tests.support.eventually import eventually


class Collection:
    """One whose parts come when the test says so."""

    name = "article"
    complete = False

    def whole(self) -> tuple[list[Any], bool]:
        return [], self.complete


class Rooms:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def look(self, name: str, now: int) -> tuple[Collection, list[Any]]:
        return self._collection, []


async def test_who_gives_up_takes_nobody_else_along(monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection()
    lookups = Lookups(Outbox("g", lambda slot: ([], [], [])), cast("Any", Rooms(collection)))
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        monkeypatch.setattr(module, "PARTS_S", 0.1)
        hasty = tasks.create_task(lookups.collection("article", 0))
        await asyncio.sleep(0)
        monkeypatch.setattr(module, "PARTS_S", 60)
        patient = tasks.create_task(lookups.collection("article", 0))
        await eventually(hasty.done)
        assert hasty.result() == ([], False)
        collection.complete = True
        lookups.told("article")
        assert await patient == ([], True)

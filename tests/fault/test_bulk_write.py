"""Very many rows in one statement: the outbox waits, people do not. `bench/bulk.py` writes more."""

from __future__ import annotations

import statistics

import asyncpg
import pytest

from tests.fault import table
from tests.fault.conftest import NewTrial
from tests.fault.trial import Trial
from tests.support.eventually import eventually
from tests.support.stack import token
from tests.support.tab import open_tab

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]

BULK = """
CREATE TABLE bulk (id int PRIMARY KEY, title text);
SELECT presently.capture('public.bulk', 'bulk.{id}');
"""
LONGEST_S = 3.0
"""A join may take 1 s (docs/guarantees.md); tests on a busy machine are given three times that."""


@pytest.mark.parametrize("rows", [5_000, pytest.param(30_000, marks=pytest.mark.long)])
async def test_joins_amid_a_bulk_write(new_trial: NewTrial, rows: int) -> None:
    async with new_trial() as it:
        db = await asyncpg.connect(it.stack.database_url)
        try:
            await db.execute(BULK)
            await db.execute(f"INSERT INTO bulk SELECT generate_series(1, {rows}), 'moon'")
            written = it.now()
            took = await _joins_until_sent(it, db)
        finally:
            await db.close()
        print(f"{rows} rows of one statement were on the bus after {it.now() - written:.1f} s")
        table.note(f"a join amid {rows:,} rows written by one statement", *_summed_up(took))
        assert max(took) < LONGEST_S
        await it.back(it.now(), within=60)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


async def _joins_until_sent(it: Trial, db: asyncpg.Connection) -> list[float]:
    """How long people who come meanwhile wait until they see a document."""
    took: list[float] = []
    last = await db.fetchval("SELECT max(id) FROM presently.outbox")

    async def sent() -> bool:
        number = len(took)
        gateway = it.stack.gateways[number % len(it.stack.gateways)]
        document = it.visitors[0].haunts[number % 4]
        began = it.now()
        async with open_tab(gateway.url, token(f"late{number}")) as tab:
            await tab.join(document, "watching")
            took.append(it.now() - began)
        return not await db.fetchval("SELECT count(*) FROM presently.outbox WHERE id <= $1", last)

    await eventually(sent, within=240, what="the outbox is empty again")
    return took


def _summed_up(took: list[float]) -> tuple[float, float]:
    print(f"{len(took)} joins: median {statistics.median(took):.3f} s, worst {max(took):.3f} s")
    return statistics.median(took), max(took)

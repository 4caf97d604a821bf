"""The database goes away, from the relay, from the writers, or from all."""

from __future__ import annotations

import asyncio

import pytest

from tests.fault.conftest import NewTrial
from tests.support.postgres import RestartablePostgres

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]


@pytest.mark.parametrize("hard", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_postgres_restarted(
    new_trial_on_postgres: NewTrial, restartable_postgres: RestartablePostgres, hard: bool
) -> None:
    """Writers get errors for what was not committed, and for some of what was."""
    async with new_trial_on_postgres(relays=2) as it:
        await it.restart_database(restartable_postgres, hard=hard)
        answers = it.now()
        how = "crashed and recovered" if hard else "restarted"
        await it.back(answers, within=60, what=f"PostgreSQL {how}, since it answers again")
        await it.go_on()
        await it.settle()
        assert it.writers.failed
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


@pytest.mark.long
async def test_postgres_away_for_20_s(
    new_trial_on_postgres: NewTrial, restartable_postgres: RestartablePostgres
) -> None:
    async with new_trial_on_postgres() as it:
        await asyncio.to_thread(restartable_postgres.stop)
        await asyncio.sleep(20)
        await asyncio.to_thread(restartable_postgres.start)
        answers = it.now()
        await it.back(answers, within=60, what="PostgreSQL away for 20 s, since it answers again")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


@pytest.mark.long
async def test_the_relay_cut_from_the_database(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        line = it.database_line(it.stack.relays[0])
        line.cut()
        await asyncio.sleep(2)
        restored = it.now()
        line.restore()
        await it.back(restored, within=60, what="the relay cut from the database for 2 s, since")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


@pytest.mark.long
async def test_the_relays_line_to_the_database_stalled(new_trial: NewTrial) -> None:
    """The database gives the silent session up, and with it the lock; the other relay gets it."""
    async with new_trial(relays=2) as it:
        line = it.database_line(it.stack.relays[0])
        at = it.now()
        line.stall()
        what = "the line between one of two relays and the database stalled without a word"
        await it.back(at, within=60, what=what)
        line.restore()
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


@pytest.mark.long
async def test_the_writers_cut_from_the_database_again_and_again(new_trial: NewTrial) -> None:
    """COMMITs that nobody answers: some happened, some did not, and the pages show the truth."""
    async with new_trial() as it:
        for _ in range(20):
            it.writers_line.cut()
            it.writers_line.restore()
            await it.go_on(0.5)
        await it.back(it.now(), within=60)
        await it.settle()
        assert it.writers.in_doubt
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers

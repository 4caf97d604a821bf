"""Faults from a seed, many at once, then rest and the oracle's verdict.

``make chaos`` runs it for ``PRESENTLY_CHAOS_SECONDS`` in rounds; the first has the seed
``PRESENTLY_CHAOS_SEED``, each next one the next number.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.fault.house import started
from tests.fault.schedule import KINDS, schedule, suffer
from tests.support.postgres import RestartablePostgres
from tests.support.rabbit import Rabbit

ROUND_S = 120.0
SHORT_SEED = 3493
"""Its first half minute has a bit of everything."""


@pytest.mark.long
@pytest.mark.rabbit
@pytest.mark.postgres
async def test_whatever_happens(
    restartable_rabbit: Rabbit, restartable_postgres: RestartablePostgres, tmp_path: Path
) -> None:
    seconds = float(os.environ.get("PRESENTLY_CHAOS_SECONDS") or ROUND_S)
    seed = int(os.environ.get("PRESENTLY_CHAOS_SEED") or random.randrange(10**6))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await _round(seed, restartable_rabbit, restartable_postgres, tmp_path / str(seed))
        seed += 1


@pytest.mark.rabbit
@pytest.mark.postgres
async def test_half_a_minute_of_it(
    restartable_rabbit: Rabbit, restartable_postgres: RestartablePostgres, tmp_path: Path
) -> None:
    await _round(SHORT_SEED, restartable_rabbit, restartable_postgres, tmp_path / "short", 30.0)


async def _round(
    seed: int,
    rabbit: Rabbit,
    postgres: RestartablePostgres,
    folder: Path,
    seconds: float = ROUND_S,
) -> None:
    folder.mkdir()
    faults = schedule(seed, seconds)
    command = f"make chaos SEED={seed} SECONDS=1"
    print(f"\nround: {command}, {time.strftime('%H:%M:%S')}", flush=True)
    vhost = f"chaos-{seed}"
    url = rabbit.add_vhost(vhost)
    try:
        async with started(
            url, postgres.url, folder, seed=seed, gateways=2, hubs=2, relays=2
        ) as it:
            await suffer(it, faults, rabbit, postgres)
            await it.settle()
    except BaseException:
        print(f"\nfailed: {command}", *faults, f"logs are in {folder}", sep="\n", flush=True)
        raise
    print(f"passed: seed {seed}, {seconds:.0f} s of faults, {len(faults)} of them", flush=True)
    rabbit.drop_vhost(vhost)


def test_a_seed_means_one_schedule() -> None:
    assert schedule(7, 300) == schedule(7, 300)
    assert schedule(7, 300) != schedule(8, 300)
    assert schedule(7, 30) == [fault for fault in schedule(7, 300) if fault.at < 30]
    assert {fault.kind for fault in schedule(7, 3000)} == set(KINDS)

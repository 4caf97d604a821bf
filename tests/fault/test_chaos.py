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
from tests.fault.schedule import schedule, suffer
from tests.support.rabbit import Rabbit

ROUND_S = 45.0


@pytest.mark.long
@pytest.mark.rabbit
@pytest.mark.postgres
async def test_whatever_happens(
    restartable_rabbit: Rabbit, database_url: str, tmp_path: Path
) -> None:
    seconds = float(os.environ.get("PRESENTLY_CHAOS_SECONDS") or 45)
    seed = int(os.environ.get("PRESENTLY_CHAOS_SEED") or random.randrange(10**6))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        folder = tmp_path / str(seed)
        folder.mkdir()
        print(f"\nround: make chaos SEED={seed} SECONDS={ROUND_S:.0f}", flush=True)
        vhost = f"chaos-{seed}"
        url = restartable_rabbit.add_vhost(vhost)
        async with started(
            url, database_url, folder, seed=seed, gateways=2, hubs=2, relays=2
        ) as it:
            await suffer(it, schedule(seed, ROUND_S), restartable_rabbit)
            await it.settle()
        restartable_rabbit.drop_vhost(vhost)
        seed += 1


def test_a_seed_means_one_schedule() -> None:
    assert schedule(7, 300) == schedule(7, 300)
    assert schedule(7, 300) != schedule(8, 300)
    assert {fault.kind for fault in schedule(7, 3000)} >= {"kill", "stall", "pause", "cut"}

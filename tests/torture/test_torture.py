"""Sixteen writers, and blows from a seed; then the verdict.

``make torture`` runs it for ``PRESENTLY_TORTURE_SECONDS`` in rounds; the first has the seed
``PRESENTLY_TORTURE_SEED``, each next one the next number.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.postgres import RestartablePostgres
from tests.support.rabbit import Rabbit
from tests.torture.house import SERVER, House, tortured
from tests.torture.plans import ENDINGS, ISOLATION, KINDS as STATEMENTS, draw
from tests.torture.schedule import KINDS, schedule

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]

ROUND_S: Final = 60.0
SHORT_S: Final = 9.0
ALL_AT_ONCE, NOTHING_FLUSHED = 157, 96
"""Seeds; an even one has writers of which none waits for the disk, else half of them do."""


@pytest.fixture
def server() -> Iterator[RestartablePostgres]:
    """One that loses what did not wait for the disk, when it crashes."""
    base = Path(tempfile.mkdtemp(prefix="presently-torture-"))
    base.chmod(0o711)
    try:
        made = RestartablePostgres(base / "data", SERVER)
        yield made
        made.close()
    finally:
        shutil.rmtree(base)


@pytest.mark.parametrize("seed", [ALL_AT_ONCE, NOTHING_FLUSHED])
async def test_every_committed_change_is_told_once_in_order_and_nothing_else(
    amqp_url: str, server: RestartablePostgres, tmp_path: Path, seed: int
) -> None:
    it = await _round(amqp_url, server, tmp_path, seed, SHORT_S)
    assert {what.partition(", ")[0] for what in it.did()} >= {*STATEMENTS, *ENDINGS, "undone"}
    assert {what.partition(", ")[2] for what in it.did()} >= set(ISOLATION)
    assert set(it.dealt) >= {"kill a relay", "kill writers", "end a session"}
    assert it.crashes >= 3


@pytest.mark.long
async def test_for_as_long_as_somebody_wants(
    rabbit: Rabbit, server: RestartablePostgres, tmp_path: Path
) -> None:
    seconds = float(os.environ.get("PRESENTLY_TORTURE_SECONDS") or ROUND_S)
    seed = int(os.environ.get("PRESENTLY_TORTURE_SEED") or random.randrange(10**6))
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        folder = tmp_path / str(seed)
        folder.mkdir()
        vhost = f"torture-{seed}"
        await server.empty()
        await _round(rabbit.add_vhost(vhost), server, folder, seed, min(ROUND_S, left + 1))
        rabbit.drop_vhost(vhost)
        seed += 1


async def _round(
    amqp_url: str, server: RestartablePostgres, folder: Path, seed: int, seconds: float
) -> House:
    command = f"make torture SEED={seed} SECONDS={seconds:.0f}"
    print(f"\nround: {command}, {time.strftime('%H:%M:%S')}", flush=True)
    try:
        flushed = 0.0 if seed % 2 == 0 else 0.5
        async with tortured(amqp_url, server, folder, seed, flushed) as it:
            await it.suffer(schedule(seed, seconds), seconds)
            await it.rest()
            await it.judge()
    except BaseException:
        print(f"\nfailed: {command}; logs are in {folder}", flush=True)
        raise
    print(f"passed: seed {seed}", flush=True)
    return it


def test_a_seed_means_one_schedule_and_one_plan() -> None:
    assert schedule(7, 300) == schedule(7, 300)
    assert schedule(7, 300) != schedule(8, 300)
    assert schedule(7, 30) == [blow for blow in schedule(7, 300) if blow.at < 30]
    assert {blow.kind for blow in schedule(7, 300)} == set(KINDS)
    one, same, another = (random.Random(f"{seed} w0-0") for seed in (7, 7, 8))
    plans = [[draw(dice, 0.5) for _ in range(200)] for dice in (one, same, another)]
    assert plans[0] == plans[1] != plans[2]

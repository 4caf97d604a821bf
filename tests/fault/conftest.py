"""A trial on the broker and database of the run, and one on those that may be restarted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import uvloop

from tests.fault.house import started
from tests.fault.trial import Trial
from tests.support.postgres import RestartablePostgres

NewTrial = Callable[..., AbstractAsyncContextManager[Trial]]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Which loop tests here run on: a quick one, for all pages and lines live in their process."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def new_trial(amqp_url: str, database_url: str, tmp_path: Path) -> NewTrial:
    """Start one: ``async with new_trial(hubs=2) as it``."""
    return partial(started, amqp_url, database_url, tmp_path)


@pytest.fixture
def new_restartable_trial(restartable_amqp_url: str, database_url: str, tmp_path: Path) -> NewTrial:
    """As ``new_trial``, on a broker that the test may restart."""
    return partial(started, restartable_amqp_url, database_url, tmp_path)


@pytest.fixture
def new_trial_on_postgres(
    amqp_url: str, restartable_postgres: RestartablePostgres, tmp_path: Path
) -> NewTrial:
    """As ``new_trial``, on a database that the test may restart."""
    return partial(started, amqp_url, restartable_postgres.url, tmp_path)

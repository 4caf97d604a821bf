"""A trial on the broker of the run, and one on a broker that may be restarted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.fault.house import started
from tests.fault.trial import Trial

NewTrial = Callable[..., AbstractAsyncContextManager[Trial]]


@pytest.fixture
def new_trial(amqp_url: str, database_url: str, tmp_path: Path) -> NewTrial:
    """Start one: ``async with new_trial(hubs=2) as it``."""
    return partial(started, amqp_url, database_url, tmp_path)


@pytest.fixture
def new_restartable_trial(restartable_amqp_url: str, database_url: str, tmp_path: Path) -> NewTrial:
    """As ``new_trial``, on a broker that the test may restart."""
    return partial(started, restartable_amqp_url, database_url, tmp_path)

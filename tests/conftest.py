"""Fixtures every test may ask for."""

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.dev_stack import dev_stack
from tests.support.postgres import (
    database_url,
    empty_database_url,
    migrated_template,
    postgres_url,
    restartable_postgres,
)
from tests.support.rabbit import (
    amqp_url,
    rabbit,
    restartable_amqp_url,
    restartable_rabbit,
)
from tests.support.rabbit_cluster import rabbit_cluster

__all__ = [
    "amqp_url",
    "database_url",
    "dev_stack",
    "empty_database_url",
    "migrated_template",
    "postgres_url",
    "rabbit",
    "rabbit_cluster",
    "restartable_amqp_url",
    "restartable_postgres",
    "restartable_rabbit",
]

ALONE: Final = ("fault", "browser")
"""Folders whose tests never run beside one another, though beside those of other folders."""
LONGEST_FIRST: Final = (
    "fault",
    "browser",
    "journey",
    "integration",
    "contract",
    "property",
    "unit",
)

# A shell without job control starts what runs in the background with SIGINT ignored, and so would
# be every service that a test starts and ends with it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several run at once, begin with what takes longest."""
    if hasattr(config, "workerinput"):
        order = {folder: place for place, folder in enumerate(LONGEST_FIRST)}
        here = Path(__file__).parent
        items.sort(
            key=lambda item: order.get(item.path.relative_to(here).parts[0], len(LONGEST_FIRST))
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """A file's tests share what it sets up, so they stay together."""
    return _ByFile(config, log)


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    def _split_scope(self, nodeid: str) -> str:
        file: Sequence[str] = nodeid.split("::", 1)[0].split("/")
        return "/".join(file[:2] if file[1] in ALONE else file)

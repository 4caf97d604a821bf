"""Celery's prefork pool: tasks publish over AMQP, and write rows and events in one commit."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.integration.presently_sdk.prefork.heard import hear
from tests.integration.presently_sdk.shop import Base
from tests.support.eventually import eventually_sync
from tests.support.processes import server

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]
TASKS = "tests.integration.presently_sdk.prefork.tasks"
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def outbox(engine: Engine) -> Counter[tuple[str, str, str]]:
    """Document, type and actor of what is committed."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT document, type, actor FROM presently.outbox"))
        return Counter((row[0], row[1], row[2]) for row in rows)


def test_every_task_is_told_once_whoever_is_killed(
    amqp_url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    env = {"PRESENTLY_URL": amqp_url, "SHOP_BROKER": amqp_url, "SHOP_DATABASE": url}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with hear(amqp_url) as heard:
        shop: Any = importlib.import_module(TASKS)  # as a web process has it, which only sends
        options = ("--app", TASKS, "worker", "--pool", "prefork", "--concurrency", "2", *QUIET)
        log = tmp_path / "log"
        with server("celery", *options, log=log, env=env):
            told = [shop.told.delay() for _ in range(15)]
            for number in range(1, 16):
                shop.saved.delay(number)
            killed = shop.told.delay(str(tmp_path / "killed-after-publishing"))
            shop.saved.delay(16, str(tmp_path / "killed-before-commit"))
            told += [shop.told.delay() for _ in range(5)]
            ids: Counter[str] = Counter()

            def done() -> bool:
                ids.update(heard())
                return len(outbox(engine)) == 32 and len(ids) == 22 and ids[killed.id] == 2

            eventually_sync(done, within=60, what="all tasks are done")
        shop.publisher.close()
        shop.engine.dispose()
        shop.app.close()
        ids.update(heard())
    assert len(list(tmp_path.glob("killed-*"))) == 2
    # Told by this process, by the worker's parent, and perhaps twice by whoever was killed.
    assert ids.pop("before") == 2
    assert ids.pop(killed.id) == 2, "the task was done again, under the same id: shown once"
    assert ids == Counter(task.id for task in told)
    assert outbox(engine) == Counter(
        (f"article.{number}", type, "celery")
        for number in range(1, 17)
        for type in ("announcement", "article.checked")
    )

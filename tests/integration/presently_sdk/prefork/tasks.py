"""A Celery application. Each task's id is its event's, so that a task done again tells once."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from presently import SyncPublisher
from presently.sqlalchemy import acting, announce, announcing
from tests.integration.presently_sdk.shop import Article

app = Celery("shop", broker=os.environ["SHOP_BROKER"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
publisher = SyncPublisher(source="/shop")  # before the fork
publisher.publish("article.1", "before.fork", id="before")
engine = create_engine(os.environ["SHOP_DATABASE"])
Session = announcing(sessionmaker(engine))


@worker_process_init.connect  # type: ignore[untyped-decorator]
def forked(**_: Any) -> None:
    """SQLAlchemy's connections are the parent's; ours look after themselves."""
    engine.dispose(close=False)


@app.task(bind=True)  # type: ignore[untyped-decorator]
def told(self: Task[Any, Any], marker: str = "") -> None:
    """Publish; with a marker, be killed before the task is acknowledged, the first time."""
    id = self.request.id
    publisher.publish("article.1", "article.told", {"pid": os.getpid()}, id=id)
    _die_once(marker)


@app.task(bind=True)  # type: ignore[untyped-decorator]
def saved(self: Task[Any, Any], number: int, marker: str = "") -> None:
    """Write a row and its event; with a marker, be killed before the commit, the first time."""
    with Session.begin() as session:
        acting(session, "celery")
        session.add(Article(id=number, title="Moon"))
        announce(session, f"article.{number}", "article.checked", {"task": self.request.id})
        _die_once(marker)


def _die_once(marker: str) -> None:
    if marker and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)

"""A plain WSGI application. ``GET /<id>`` publishes; ``/<id>?die`` is killed once it has."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from presently import SyncPublisher

publisher = SyncPublisher(source="/shop")
publisher.publish("article.1", "before.fork", id="before")  # so there is a thread, and a connection


def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """The answer is the worker's process id."""
    id = environ["PATH_INFO"].strip("/")
    if id:
        publisher.publish("article.1", "article.saved", {"pid": os.getpid()}, id=id)
    if environ["QUERY_STRING"] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

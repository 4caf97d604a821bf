"""gunicorn's settings: the application is there before the fork, workers retire after a while."""

from typing import Any

preload_app = True
workers = 2
max_requests = 15
graceful_timeout = 10
control_socket_disable = True


def on_exit(server: Any) -> None:
    """In the parent, after many a child has come and gone: its own line still works."""
    from tests.integration.presently_sdk.prefork.wsgi import publisher

    publisher.publish("article.1", "after.forks", id="after")

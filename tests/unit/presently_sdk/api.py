"""A tiny stand-in for Presently's HTTP API, which remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PRESENCE = {
    "document": "article.42",
    "epoch": "k3",
    "seq": 7,
    "users": [{"id": "fry", "name": "Fry", "info": {}, "mode": "editing", "state": {"field": "t"}}],
    "counts": {"reading": 2, "editing": 1},
    "complete": True,
    "lease": {"user": "fry", "fence": 17},
}


@dataclass
class Api:
    """Answers 202 or what ``answers`` holds, first come first served.

    Attributes:
        asked: Method, path, headers and JSON body of every request.
        connections: How many were made.
        hang_up: After this many answers a connection is closed without a word.
    """

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    connections: int = 0
    hang_up: int = 1_000_000


@contextmanager
def api() -> Iterator[Api]:
    """Serve on a free port of 127.0.0.1."""
    here = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            here.connections += 1
            self.answered = 0
            super().setup()

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self.answer(json.loads(self.rfile.read(size)), 202, {"ids": []})

        def do_GET(self) -> None:
            self.answer(None, 200, PRESENCE)

        def answer(self, body: Any, status: int, content: Any) -> None:
            if self.answered >= here.hang_up:
                self.close_connection = True
                return
            self.answered += 1
            here.asked.append((self.command, self.path, dict(self.headers), body))
            if here.answers:
                status, content = here.answers.pop(0)
            raw = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()

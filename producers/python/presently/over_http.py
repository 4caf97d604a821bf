"""Presently's HTTP API, with the standard library alone.

Connections are kept and used again. They belong to one process: after a fork the child forgets
its parent's and opens its own.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from presently.errors import InvalidEvent, PresentlyError, Unavailable
from presently.events import BATCH_TYPE, CONTENT_TYPE, Message
from presently.presence import Presence

IDLE_CONNECTIONS: Final = 8
ANSWER_BYTES: Final = 16 * 1024 * 1024
_AWAY: Final = (OSError, http.client.HTTPException)
_STALE: Final = (http.client.BadStatusLine, ConnectionError)
"""``RemoteDisconnected`` is a ``BadStatusLine``: the server closed an idle connection."""


class HttpLine:
    """Sends events with ``POST /v1/events``. Thread-safe; blocks.

    Args:
        url: ``http://host:port`` or ``https://…``, perhaps with a path before ``/v1``. The API key
            may stand in it: ``http://key@host:port``.
    """

    def __init__(self, url: str, api_key: str | None, timeout: float) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise PresentlyError(f"no host in {parts.scheme}://…: http://host:port is meant")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path.rstrip("/")
        key = api_key or unquote(parts.password or parts.username or "")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        _lines.add(self)

    def send(self, messages: Sequence[Message]) -> None:
        """Return once the hub's queue has taken all of them.

        Raises:
            InvalidEvent: The API refused one.
            Unavailable: No answer, or a temporary refusal.
            PresentlyError: The key or the address is wrong.
        """
        if len(messages) == 1:
            kind, body = CONTENT_TYPE, messages[0].body
        else:
            kind, body = BATCH_TYPE, b"[" + b",".join(each.body for each in messages) + b"]"
        status, answer = self._ask("POST", "/v1/events", body, kind, id=messages[0].id)
        if status == 400:
            raise InvalidEvent(str(answer.get("at", "")), str(answer.get("message", "refused")))

    def presence(self, document: str) -> Presence:
        """Who is at ``document``, now.

        Raises:
            Unavailable: No answer, or a temporary refusal.
            PresentlyError: The key or the address is wrong.
        """
        status, answer = self._ask("GET", f"/v1/documents/{quote(document, safe='')}")
        try:
            return Presence.read(answer)
        except (KeyError, TypeError, AttributeError):
            raise PresentlyError(f"the API answered {status} with no presence") from None

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    # --- one request ------------------------------------------------------------------

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", id: str = ""
    ) -> tuple[int, dict[str, Any]]:
        headers = {**self._headers, "Accept": "application/json"}
        if kind:
            headers["Content-Type"] = kind
        kept = self._kept()
        connection = kept or self._connection()
        try:
            try:
                status, raw = _exchange(connection, method, self._path + path, body, headers)
            except _STALE:
                connection.close()
                if kept is None:
                    raise
                connection = self._connection()  # it had gone stale; the id makes a repeat harmless
                status, raw = _exchange(connection, method, self._path + path, body, headers)
        except _AWAY as error:
            connection.close()
            why = f"no answer from {self._host}:{connection.port}: {error or type(error).__name__}"
            raise Unavailable(why, id) from None
        self._keep(connection)
        if status == 401:
            scheme = "https" if self._secure else "http"
            place = f"{scheme}://{self._host}:{connection.port}{self._path}{path}"
            raise PresentlyError(f"{place}: {_key_trouble(self._headers)}")
        return status, self._judge(status, raw, id)

    def _judge(self, status: int, raw: bytes, id: str) -> dict[str, Any]:
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = {}
        if not isinstance(answer, dict):
            answer = {}
        if status in (200, 202) or (status == 400 and answer.get("code") == "invalid_event"):
            return answer
        why = f"the API answered {status}: {answer.get('message') or answer.get('code') or ''}"
        if status in (408, 429) or status >= 500:
            raise Unavailable(why.rstrip(": "), id)
        raise PresentlyError(why.rstrip(": "))

    # --- connections ------------------------------------------------------------------

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=self._timeout)

    def _kept(self) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if connection.sock is not None and len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _forget(self) -> None:
        """Begin without connections, and with a lock that no vanished thread holds."""
        self._lock = threading.Lock()
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()  # our end of it; the parent goes on with its own


def _key_trouble(headers: Mapping[str, str]) -> str:
    if headers:
        return "the API key is wrong"
    return "no API key: api_key=, PRESENTLY_API_KEY, or in the URL"


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> tuple[int, bytes]:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read(ANSWER_BYTES)


_lines: weakref.WeakSet[HttpLine] = weakref.WeakSet()


def _forget_all() -> None:
    for line in _lines:
        line._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)

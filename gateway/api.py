"""The HTTP API, for backends: post events, see who is where. Bearer API keys, own listener.

Every answer is JSON. An error has ``code`` and ``message`` like the WebSocket's, and ``temporary``
when trying again may help.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from broker.errors import BrokerError
from broker.port import Outgoing
from gateway import metrics
from gateway.dead import peek
from gateway.heard import Heard
from gateway.link import Link
from gateway.lookups import Lookups, NoAnswer
from gateway.posted import BODY_BYTES, InvalidPost, Unreadable, read_events
from gateway.produced import RECORDS, RECORDS_MOST, produced
from gateway.settings import GatewaySettings
from gateway.uplink import Uplink
from schemas import ids, topology
from schemas.errors import InvalidDocument
from schemas.events import JSON_TYPE, Event
from schemas.ids import DocumentId
from schemas.messages import Answer
from schemas.presence import Counts

DEAD: Final = 100
"""Dead letters told in one answer, at most."""

Handler = Callable[[Request], Awaitable[Response]]


class _TooBig(Exception):
    pass


class Api:
    """``app`` is the Starlette application."""

    def __init__(
        self,
        settings: GatewaySettings,
        uplink: Uplink,
        lookups: Lookups,
        heard: Heard,
        link: Link,
        clock: Callable[[], float],
    ) -> None:
        self._keys = [key.encode() for key in settings.api_keys]
        self._uplink = uplink
        self._lookups = lookups
        self._heard = heard
        self._link = link
        self._clock = clock
        self._reading = asyncio.Lock()
        routes: list[tuple[str, Handler, str]] = [
            ("/v1/events", self._post_events, "POST"),
            ("/v1/documents/{document:path}", self._document, "GET"),
            ("/v1/collections/{collection:path}", self._collection, "GET"),
            ("/v1/status", self._status, "GET"),
            ("/v1/dead", self._dead, "GET"),
            ("/v1/types", self._types, "GET"),
        ]
        self.app = Starlette(
            routes=[
                Route(path, self._for_keys(handler), methods=[method])
                for path, handler, method in routes
            ],
            exception_handlers={HTTPException: _no_such},
        )

    def _for_keys(self, handler: Handler) -> Handler:
        """Only for bearers of an API key; and every failure as an answer."""

        async def guarded(request: Request) -> Response:
            if not self._knows(request.headers.get("authorization", "")):
                return _error(401, "unauthorized", "an API key is needed as bearer token")
            try:
                return await handler(request)
            except _TooBig:
                return _error(413, "too_big", f"a body may have {BODY_BYTES} bytes")
            except InvalidDocument as error:
                return _error(400, "invalid_document", str(error))
            except NoAnswer:
                return _unavailable("nobody owns the document's shard just now")
            except BrokerError as error:
                return _unavailable(str(error))

        return guarded

    def _knows(self, header: str) -> bool:
        scheme, _, given = header.partition(" ")
        said = given.strip().encode()
        # All are compared, so that the time taken does not tell which was close.
        known = [hmac.compare_digest(said, key) for key in self._keys]
        return scheme.lower() == "bearer" and any(known)

    async def _post_events(self, request: Request) -> Response:
        body = await _body(request)
        try:
            events = read_events(body, request.headers.get("content-type", ""))
        except Unreadable as error:
            return _error(415, "invalid_event", str(error))
        except InvalidPost as error:
            where = {} if error.index is None else {"index": error.index}
            return _error(400, "invalid_event", error.fault.why, at=error.fault.at, **where)
        if events:
            await self._uplink.post([_outgoing(event) for event in events])
        metrics.POSTED.inc(len(events))
        return _json(202, {"ids": [event.id for event in events]})

    async def _document(self, request: Request) -> Response:
        document = DocumentId(_id(request, "document", ids.parse_document))
        return _json(200, _told(await self._lookups.document(document)))

    async def _collection(self, request: Request) -> Response:
        name = _id(request, "collection", ids.parse_collection)
        now = int(self._clock() * 1000)
        documents, complete = await self._lookups.collection(name, now)
        return _json(200, {"collection": name, "complete": complete, "documents": documents})

    async def _status(self, request: Request) -> Response:
        up = self._link.up
        dead = None if up is None else await up.depth(topology.DEAD)
        now = int(self._clock() * 1000)
        self._heard.beat(self._link.beat(), now)  # We are here, whoever may have heard us or not.
        status = self._heard.status(now)
        return _json(200, {**status, "broker": up is not None, "dead": dead})

    async def _dead(self, request: Request) -> Response:
        limit = _number(request, "limit", DEAD, most=DEAD)
        if limit is None:
            return _error(400, "bad_request", f"limit: a number from 1 to {DEAD}")
        if self._link.up is None:
            return _unavailable("the broker is away")
        return _json(200, {"dead": await peek(self._link.up, limit)})

    async def _types(self, request: Request) -> Response:
        records = _number(request, "records", RECORDS, most=RECORDS_MOST)
        if records is None:
            return _error(400, "bad_request", f"records: a number from 1 to {RECORDS_MOST}")
        async with self._reading:  # One at a time: it may be much to read.
            if self._link.up is None:
                return _unavailable("the broker is away")
            return _json(200, (await produced(self._link.up, records)).plain())


def _number(request: Request, name: str, default: int, *, most: int) -> int | None:
    """A number of the query, from 1 to ``most``; ``None`` if it is none."""
    asked = request.query_params.get(name, str(default))
    if not (asked.isascii() and asked.isdigit() and len(asked) <= len(str(most))):
        return None
    return int(asked) if 1 <= int(asked) <= most else None


def _id(request: Request, name: str, parse: Callable[[str], str]) -> str:
    """The id in the path. Percent signs are part of ids, so it may come as it is or encoded."""
    decoded: str = request.path_params[name]
    try:
        return parse(decoded)
    except InvalidDocument:
        raw: bytes = request.scope["raw_path"]
        return parse(raw.decode("ascii", "replace").rpartition("/")[2])


async def _body(request: Request) -> bytes:
    """The body, bounded while it comes in."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > BODY_BYTES:
                raise _TooBig
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)


def _outgoing(event: Event) -> Outgoing:
    return Outgoing(
        topology.IN,
        ids.routing_key(event.document),
        event.json,
        content_type=JSON_TYPE,
        # AMQP takes 255 bytes there, an id has 128 characters. It only helps who looks at a queue.
        message_id=event.id if event.id.isascii() else "",
    )


def _told(answer: Answer) -> dict[str, Any]:
    now = answer.presence
    return {
        "document": answer.document,
        "epoch": answer.epoch,
        "seq": answer.seq,
        "users": [
            {
                "id": user.id,
                "name": user.name,
                "info": msgspec.Raw(user.info),
                "mode": user.mode,
                "state": msgspec.Raw(user.state),
            }
            for user in now.users
        ],
        "counts": Counts(now.reading, now.editing),
        "complete": now.complete,
        "lease": now.lease,
    }


def _json(status: int, value: object) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _error(status: int, code: str, message: str, **facts: object) -> Response:
    return _json(status, {"code": code, **facts, "message": message, "temporary": False})


async def _no_such(request: Request, error: Exception) -> Response:
    """There is no such path (404), or it knows other methods (405)."""
    assert isinstance(error, HTTPException)
    method, path = request.method, request.url.path
    if error.status_code == 405:
        answer = _error(405, "bad_method", f"{path} does not know {method}")
    else:
        answer = _error(error.status_code, "not_found", f"there is no {path}; docs/protocol.md")
    answer.headers.update(error.headers or {})
    return answer


def _unavailable(message: str) -> Response:
    said = {"code": "unavailable", "message": message, "temporary": True}
    return Response(
        msgspec.json.encode(said), 503, {"retry-after": "1"}, media_type="application/json"
    )

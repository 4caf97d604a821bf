"""Publishing over HTTP: what is sent, what errors become, and how connections live."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from presently import InvalidEvent, PresentlyError, Publisher, SyncPublisher, Unavailable, over_http
from tests.unit.presently_sdk.api import Api, api


@pytest.fixture
def server() -> Iterator[Api]:
    with api() as running:
        yield running


def test_one_event_is_posted_as_a_cloudevent(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop", api_key="sesame") as publisher:
        id = publisher.publish("article.42", "comment.added", {"text": "nice"}, actor="fry")
    [(method, path, headers, body)] = server.asked
    assert (method, path) == ("POST", "/v1/events")
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert headers["Authorization"] == "Bearer sesame"
    assert body["id"] == id
    assert (body["subject"], body["source"], body["actor"]) == ("article.42", "/shop", "fry")


def test_several_documents_are_one_batch(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop") as publisher:
        id = publisher.publish(["article.42", "user.leela"], "comment.added", id="c7")
    [(_, _, headers, body)] = server.asked
    assert headers["Content-Type"] == "application/cloudevents-batch+json"
    assert id == "c7"
    assert [(event["subject"], event["id"]) for event in body] == [
        ("article.42", "c7"),
        ("user.leela", "c7"),
    ]


async def test_the_asynchronous_one_does_the_same(server: Api) -> None:
    async with Publisher(server.url, source="/shop") as publisher:
        id = await publisher.publish("article.42", "comment.added")
        presence = await publisher.presence("article.42")
    assert server.asked[0][3]["id"] == id
    assert [user.name for user in presence.users] == ["Fry"]


def test_presence_is_read(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop") as publisher:
        presence = publisher.presence("page.a%2Fb")
    assert server.asked[0][1] == "/v1/documents/page.a%252Fb"
    assert (presence.reading, presence.editing, presence.seq) == (2, 1, 7)
    assert presence.users[0].state == {"field": "t"}
    assert presence.lease is not None
    assert presence.lease.fence == 17


def test_the_key_may_stand_in_the_url_or_the_environment(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENTLY_API_KEY", "from-environment")
    monkeypatch.setenv("PRESENTLY_URL", server.url)
    for url in (server.url.replace("://", "://from%2Furl@"), None):
        with SyncPublisher(url, source="/shop") as publisher:
            publisher.publish("article.42", "comment.added")
    keys = [headers["Authorization"] for _, _, headers, _ in server.asked]
    assert keys == ["Bearer from/url", "Bearer from-environment"]


@pytest.mark.parametrize(
    ("status", "answer", "kind", "says"),
    [
        (400, {"code": "invalid_event", "at": "data.op", "message": "unknown"}, InvalidEvent, "op"),
        (400, {"code": "bad_request", "message": "no JSON"}, PresentlyError, "no JSON"),
        (401, {"code": "unauthorized"}, PresentlyError, "API key"),
        (404, "nothing", PresentlyError, "404"),
        (429, {}, Unavailable, "429"),
        (503, {"code": "unavailable", "message": "broker away"}, Unavailable, "broker away"),
    ],
)
def test_answers_become_errors(
    server: Api, status: int, answer: object, kind: type[PresentlyError], says: str
) -> None:
    server.answers.append((status, answer))
    with (
        SyncPublisher(server.url, source="/shop") as publisher,
        pytest.raises(PresentlyError, match=says) as caught,
    ):
        publisher.publish("article.42", "comment.added", id="c7")
    assert type(caught.value) is kind
    assert not isinstance(caught.value, Unavailable) or caught.value.id == "c7"


def test_an_address_where_nobody_listens_is_unavailable() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(Unavailable, match="again with id"):
            SyncPublisher(url, source="/shop").publish("article.42", "comment.added")


def test_a_server_that_never_answers_is_unavailable_within_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable, match="timed out"):
            SyncPublisher(url, source="/s", timeout=0.05).publish("article.42", "comment.added")


def test_a_connection_serves_many_requests(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop") as publisher:
        for _ in range(5):
            publisher.publish("article.42", "comment.added")
    assert (len(server.asked), server.connections) == (5, 1)


def test_a_stale_connection_is_replaced(server: Api) -> None:
    server.hang_up = 1
    with SyncPublisher(server.url, source="/shop") as publisher:
        for _ in range(3):
            publisher.publish("article.42", "comment.added")
    assert (len(server.asked), server.connections) == (3, 3)


def test_threads_share_a_publisher(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop") as publisher, ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: publisher.publish("article.42", "a.b"), range(80)))
    assert {body["id"] for _, _, _, body in server.asked} == ids
    assert len(ids) == 80
    assert server.connections <= 8


def test_a_fork_uses_connections_of_its_own(server: Api) -> None:
    with SyncPublisher(server.url, source="/shop") as publisher:
        publisher.publish("article.42", "before.fork")
        publisher._line._lock.acquire()  # type: ignore[union-attr]  # a thread was busy
        child = os.fork()
        if child == 0:
            status = 1
            try:
                publisher.publish("article.42", "in.child")
                status = 0
            finally:
                os._exit(status)
        publisher._line._lock.release()  # type: ignore[union-attr]
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        publisher.publish("article.42", "after.fork")
    assert [body["type"] for _, _, _, body in server.asked] == [
        "before.fork",
        "in.child",
        "after.fork",
    ]
    assert server.connections == 2


def test_an_answer_without_an_end_is_not_read_to_its_end(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_http, "ANSWER_BYTES", 3)
    with SyncPublisher(server.url, source="/shop") as publisher, pytest.raises(PresentlyError):
        publisher.presence("article.42")


def test_only_so_many_idle_connections_are_kept(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_http, "IDLE_CONNECTIONS", 0)
    with SyncPublisher(server.url, source="/shop") as publisher:
        for _ in range(3):
            publisher.publish("article.42", "comment.added")
    assert (len(server.asked), server.connections) == (3, 3)

from __future__ import annotations

from gateway.requests import Request, Requests
from schemas.ids import ConnectionId
from tests.unit.gateway.making import DOC, NOW


def request(at: int) -> Request:
    return Request(ConnectionId("c.me"), DOC, "q1", at)


def test_a_request_is_answered_once() -> None:
    requests = Requests()
    first, second = requests.put(request(NOW)), requests.put(request(NOW))
    assert (first, second, requests.last, len(requests)) == (1, 2, 2, 2)
    assert requests.done(first) == request(NOW)
    assert requests.done(first) is None
    assert requests.done(99) is None
    assert len(requests) == 1


def test_late_ones_are_forgotten_oldest_first() -> None:
    requests = Requests()
    for at in (NOW, NOW + 1, NOW + 2):
        requests.put(request(at))
    assert [late.at for _, late in requests.late(NOW + 2)] == [NOW, NOW + 1]
    assert list(requests.late(NOW + 2)) == []
    assert requests.done(3) == request(NOW + 2)
    assert list(requests.late(NOW * 2)) == []

from __future__ import annotations

import asyncio

import pytest
from websockets.datastructures import Headers
from websockets.frames import Close
from websockets.http11 import Request
from websockets.protocol import State

from gateway.socket import UNSENT_BYTES, header, prepare
from tests.unit.gateway.sockets import Fake


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_is_prepared_as_the_rfc_says(size: int, head: bytes) -> None:
    assert prepare(b"x" * size) == head + b"x" * size


async def test_what_is_due_in_a_turn_leaves_in_one_write() -> None:
    fake = Fake()
    fake.socket.send(b"a")
    fake.socket.send(b"b", "article.42")
    assert fake.net.transport.writes == []
    await asyncio.sleep(0)
    assert fake.net.transport.writes == [b"ab"]
    fake.socket.send(b"c")
    await asyncio.sleep(0)
    assert fake.net.transport.writes == [b"ab", b"c"]


@pytest.mark.parametrize("size", [1_000, 30_000, 200_000])
async def test_much_in_one_turn_is_bounded_as_it_comes(size: int) -> None:
    fake = Fake(most=1_000_000)
    fake.net.fill()
    for _ in range(30_000_000 // size):
        fake.socket.send(b"x" * size)
    assert fake.net.protocol.closed is not None
    assert fake.net.protocol.closed[0] == 4100
    assert sum(map(len, fake.net.transport.writes)) <= UNSENT_BYTES + size


async def test_a_full_transport_takes_what_was_due_before_what_waits() -> None:
    fake = Fake()
    fake.socket.send(b"1")
    fake.net.paused = True
    fake.socket.send(b"2")
    fake.socket.send(b"presence", "article.42")
    await asyncio.sleep(0)
    assert fake.net.transport.writes == [b"1"]
    fake.net.paused = False
    fake.net.on_room()
    await asyncio.sleep(0)
    assert fake.net.transport.writes == [b"1", b"2"]
    assert fake.whole == [["article.42"]]


async def test_who_has_no_room_gets_its_frames_later_and_presence_whole() -> None:
    fake = Fake()
    fake.net.paused = True
    fake.socket.send(b"1")
    fake.socket.send(b"presence", "article.42")
    fake.socket.send(b"2")
    await asyncio.sleep(0)
    assert fake.net.transport.writes == []
    assert fake.socket.unsent == 2
    fake.net.paused = False
    fake.net.on_room()
    await asyncio.sleep(0)
    assert fake.net.transport.writes == [b"12"]
    assert fake.whole == [["article.42"]]
    fake.net.on_room()
    assert fake.whole == [["article.42"]]


async def test_who_is_too_slow_is_closed_4100_and_hears_no_more() -> None:
    fake = Fake(most=10)
    fake.net.paused = True
    fake.net.transport.waiting = 5
    fake.socket.send(b"12345")
    assert fake.socket.unsent == 10
    fake.socket.send(b"6")
    assert fake.net.protocol.closed == (4100, "1 frames, 11 bytes unsent")
    fake.socket.send(b"7")
    fake.net.paused = False
    fake.net.on_room()
    await asyncio.sleep(0)
    assert fake.net.transport.writes == []


async def test_a_close_comes_after_what_was_due_and_once() -> None:
    fake = Fake()
    fake.socket.send(b"why")
    fake.socket.close(4401, "refused")
    fake.socket.close(4000, "again")
    assert fake.net.transport.writes == [b"why"]
    assert fake.net.protocol.closed == (4401, "refused")


REASONS = ["x" * 124, "日" * 100, "é" * 62, "\ud800" * 200]


@pytest.mark.parametrize("reason", REASONS, ids=["ascii", "three bytes", "two bytes", "none"])
async def test_a_reason_is_cut_to_what_a_close_frame_takes(reason: str) -> None:
    fake = Fake()
    fake.socket.close(4401, reason)
    assert fake.net.protocol.closed is not None
    code, said = fake.net.protocol.closed
    assert code == 4401
    assert 120 < len(Close(code, said).serialize()) <= 125


async def test_nothing_is_written_to_a_connection_that_closes() -> None:
    fake = Fake()
    fake.socket.send(b"late")
    fake.net.protocol.state = State.CLOSING
    await asyncio.sleep(0)
    assert fake.net.transport.writes == []
    fake.socket.close(4000, "too late as well")
    assert fake.net.protocol.closed is None


def test_a_repeated_header_is_one() -> None:
    headers = Headers([("A", "1"), ("a", "2")])
    assert header(Request("/", headers), "A") == "1,2"
    assert header(Request("/", headers), "B") == ""

from __future__ import annotations

import pytest

from gateway.sendbuffer import Overflow, SendBuffer


def test_frames_come_out_in_order_and_once() -> None:
    buffer = SendBuffer(100)
    buffer.push(b"a")
    buffer.push(b"bc")
    assert buffer.size == 3
    assert buffer.take() == ([b"a", b"bc"], [])
    assert buffer.take() == ([], [])
    assert buffer.size == 0


def test_bytes_are_bounded_also_those_that_wait_elsewhere() -> None:
    buffer = SendBuffer(10)
    buffer.push(b"12345")
    with pytest.raises(Overflow) as caught:
        buffer.push(b"1234", unsent=2)
    assert (caught.value.frames, caught.value.size) == (1, 11)
    buffer.push(b"123", unsent=2)
    assert buffer.take()[0] == [b"12345", b"123"]


def test_the_number_of_frames_is_bounded() -> None:
    buffer = SendBuffer(1_000, max_frames=2)
    buffer.push(b"1")
    buffer.push(b"2")
    with pytest.raises(Overflow):
        buffer.push(b"3")
    assert buffer.take()[0] == [b"1", b"2"]


def test_presence_is_remembered_by_document_and_costs_no_room() -> None:
    buffer = SendBuffer(1)
    for document in ("article.1", "article.2", "article.1"):
        buffer.skip(document)
    assert buffer.size == 0
    assert buffer.take() == ([], ["article.1", "article.2"])
    assert buffer.take() == ([], [])

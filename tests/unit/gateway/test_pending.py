"""Whoever asks with an ``id`` is answered, also who leaves, or asks again, before ``joined``."""

from __future__ import annotations

from typing import Any

from gateway.switchboard import Switchboard
from schemas import ids, limits
from tests.unit.gateway.making import DOC, NOW, answer, presence
from tests.unit.gateway.sockets import Fake, switchboard, welcomed

SLOT = ids.slot_of(DOC)


def joining() -> tuple[Switchboard, Fake]:
    """Its join, under id 1, waits for an answer."""
    board = switchboard()
    fake = welcomed(board)
    fake.says("join", id=1, document=DOC)
    replies(fake)
    return board, fake


def replies(fake: Fake) -> list[tuple[Any, str, Any]]:
    """What came since the last look."""
    came = [(f.get("id"), f["type"], f.get("code")) for f in fake.frames()]
    fake.net.transport.writes.clear()
    return came


def answered(board: Switchboard) -> None:
    board.do(board.rooms.answer(SLOT, 1, answer(1, 3, now=presence(1, "leela")), NOW), NOW)


async def test_a_join_that_is_left_first_came_to_nothing() -> None:
    board, fake = joining()
    fake.says("leave", id=2, document=DOC)
    assert replies(fake) == [(1, "error", "not_joined"), (2, "ok", None)]
    answered(board)
    board.tick(NOW + limits.REQUEST_MS)
    assert replies(fake) == []


async def test_a_join_without_an_id_is_left_in_silence() -> None:
    board = switchboard()
    fake = welcomed(board)
    fake.says("join", document=DOC)
    replies(fake)
    fake.says("leave", id=2, document=DOC)
    assert replies(fake) == [(2, "ok", None)]


async def test_a_sync_meanwhile_is_done_when_all_was_told() -> None:
    board, fake = joining()
    fake.says("sync", id=2, document=DOC)
    fake.says("sync", document=DOC)
    assert replies(fake) == []
    answered(board)
    assert replies(fake) == [(1, "joined", None), (2, "ok", None)]
    fake.says("sync", id=3, document=DOC)
    assert replies(fake) == [(None, "presence", None), (3, "ok", None)]


async def test_a_sync_of_a_join_that_nobody_answers_is_refused_with_it() -> None:
    board, fake = joining()
    fake.says("sync", id=2, document=DOC)
    board.tick(NOW + limits.REQUEST_MS)
    assert replies(fake) == [(1, "error", "unavailable"), (2, "error", "unavailable")]


async def test_a_sync_of_a_join_that_is_left_is_answered_too() -> None:
    _, fake = joining()
    fake.says("sync", id=2, document=DOC)
    fake.says("leave", id=3, document=DOC)
    told = [(1, "error", "not_joined"), (2, "error", "not_joined"), (3, "ok", None)]
    assert replies(fake) == told


async def test_both_joins_of_one_document_are_answered() -> None:
    board, fake = joining()
    fake.says("join", id=2, document=DOC, mode="reading")
    answered(board)
    assert replies(fake) == [(1, "joined", None), (2, "joined", None)]

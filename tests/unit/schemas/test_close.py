"""Close codes: the hundred carries the advice."""

from __future__ import annotations

from schemas.close import STANDARD_RETRY, STANDARD_STOP, CloseCode


def test_every_code_of_ours_lies_in_a_hundred_with_advice() -> None:
    assert {code // 100 for code in CloseCode} == {40, 41, 44}


def test_no_standard_code_gives_two_advices() -> None:
    assert not STANDARD_RETRY & STANDARD_STOP

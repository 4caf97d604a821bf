"""The tool other tests lean on must itself be able to fail."""

import pytest

from tests.support.eventually import NotInTime, eventually, eventually_sync


async def test_returns_the_first_true_value() -> None:
    answers = iter([0, None, "", "here"])
    assert await eventually(lambda: next(answers)) == "here"


async def test_awaits_an_async_condition() -> None:
    answers = iter([False, True])

    async def ask() -> bool:
        return next(answers)

    assert await eventually(ask) is True


async def test_an_assertion_means_not_yet() -> None:
    answers = iter([1, 2, 3])

    def is_three() -> bool:
        assert next(answers) == 3
        return True

    assert await eventually(is_three)


async def test_says_what_it_waited_for() -> None:
    with pytest.raises(NotInTime, match=r"not within 0\.01 s: the moon; last: 0"):
        await eventually(lambda: 0, within=0.01, what="the moon")


def test_without_a_loop_too() -> None:
    answers = iter([0, 7])
    assert eventually_sync(lambda: next(answers)) == 7
    with pytest.raises(NotInTime, match="last: False"):
        eventually_sync(lambda: False, within=0.0)


async def test_other_errors_are_not_swallowed() -> None:
    def broken() -> bool:
        raise KeyError("typo")

    with pytest.raises(KeyError, match="typo"):
        await eventually(broken)

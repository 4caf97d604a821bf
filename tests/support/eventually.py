"""
Wait for a condition with a deadline, instead of sleeping and hoping.

    assert await eventually(lambda: len(seen) == 3)
    row = eventually_sync(lambda: find_row(42), within=10)

The condition may be a plain or an async function. Whatever true value it returns is returned;
an `AssertionError` counts as "not yet", so a condition may be written as assertions that end
with `return True`. When time is up, the failure names the condition, the last value or the last
assertion, and how long we waited.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, cast, overload

T = TypeVar("T")

WITHIN: Final = 10.0
"""Seconds. Long enough for a loaded machine; a passing test never waits for it."""

FIRST_PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.1


class NotInTime(AssertionError):
    """The condition did not come true before the deadline."""


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = WITHIN, what: str = ""
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, within: float = WITHIN, what: str = ""
) -> T: ...
async def eventually(
    condition: Callable[[], T | Awaitable[T]], *, within: float = WITHIN, what: str = ""
) -> T:
    """Return the first true value of `condition`, asked again and again for `within` seconds."""
    asking = _Asking(within, what or _name(condition))
    while True:
        try:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
        except AssertionError as error:
            asking.refuse(error)
        else:
            if value:
                return cast("T", value)
            asking.refuse(value)
        await asyncio.sleep(asking.pause())


def eventually_sync(condition: Callable[[], T], *, within: float = WITHIN, what: str = "") -> T:
    """As `eventually`, for a test without an event loop."""
    asking = _Asking(within, what or _name(condition))
    while True:
        try:
            value = condition()
        except AssertionError as error:
            asking.refuse(error)
        else:
            if value:
                return value
            asking.refuse(value)
        time.sleep(asking.pause())


class _Asking:
    """The deadline, and the growing pause between two looks."""

    def __init__(self, within: float, what: str) -> None:
        self._within = within
        self._what = what
        self._deadline = time.monotonic() + within
        self._pause = FIRST_PAUSE

    def refuse(self, last: object) -> None:
        if time.monotonic() >= self._deadline:
            cause = last if isinstance(last, BaseException) else None
            raise NotInTime(f"not within {self._within} s: {self._what}; last: {last!r}") from cause

    def pause(self) -> float:
        pause = self._pause
        self._pause = min(pause * 1.5, LONGEST_PAUSE)
        return pause


def _name(condition: Callable[[], object]) -> str:
    try:
        return inspect.getsource(condition).strip().splitlines()[0]
    except (OSError, TypeError):
        return repr(condition)

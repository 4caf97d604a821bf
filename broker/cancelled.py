"""A cancellation that a TaskGroup has swallowed."""

from __future__ import annotations

import asyncio


def end_if_asked() -> None:
    """To be called after a TaskGroup has ended with an error that was dealt with.

    Until Python 3.13 a TaskGroup that fails in the moment in which its task is cancelled raises the
    errors and forgets the cancellation (python/cpython issue 116720): whoever goes on then waits
    for ever, and so does who cancelled.

    It also counts a cancellation of its own for ever if one of its tasks fails after its body has
    ended, and we would take that for one of somebody else's. So a group in front of this call keeps
    its body waiting as long as its tasks run.

    Raises:
        asyncio.CancelledError: The current task was asked to end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

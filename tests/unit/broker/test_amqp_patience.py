"""Time-outs that stand still while the broker holds us back."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from broker.amqp_patience import BLOCKED, UNBLOCKED, Patience


async def test_an_answer_that_does_not_come_is_waited_for_so_long() -> None:
    with pytest.raises(TimeoutError):
        async with Patience(0.01).limit():
            await asyncio.Event().wait()


async def test_no_time_passes_in_an_alarm_whenever_the_waiting_began() -> None:
    patience, answer = Patience(0.01), asyncio.Event()

    async def wait() -> None:
        async with patience.limit():
            await answer.wait()

    async with asyncio.TaskGroup() as tasks:
        before = tasks.create_task(wait())
        await asyncio.wait({before}, timeout=0)
        patience.hold("low on memory")
        during = tasks.create_task(wait())
        done, _ = await asyncio.wait({before, during}, timeout=0.1)
        assert not done
        assert patience.held == "low on memory"
        answer.set()


async def test_after_the_alarm_time_begins_anew() -> None:
    patience = Patience(0.01)
    patience.hold("low on memory")

    async def wait() -> None:
        async with patience.limit():
            patience.release()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait()
    assert not patience.held


async def test_an_alarm_in_the_moment_in_which_the_time_is_over() -> None:
    patience = Patience(0.01)

    async def wait() -> None:
        async with patience.limit():
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        late = tasks.create_task(until_late(wait))
        while not any(limit.expired() for limit in patience._limits):  # noqa: ASYNC110 that very turn
            await asyncio.sleep(0)
        patience.hold("low on memory")
        patience.release()
        await asyncio.wait({late})
    assert late.result()


async def until_late(wait: Callable[[], Awaitable[None]]) -> bool:
    try:
        await wait()
    except TimeoutError:
        return True
    return False


async def test_it_hears_what_the_broker_says_and_so_does_the_library() -> None:
    heard: list[str] = []

    async def blocked(frame: Any) -> None:
        heard.append(frame.reason)

    async def unblocked(frame: Any) -> None:
        heard.append("over")

    amqp, patience = SimpleNamespace(**{BLOCKED: blocked, UNBLOCKED: unblocked}), Patience(1.0)
    patience.mind(amqp)
    await getattr(amqp, BLOCKED)(SimpleNamespace(reason="low on disk"))
    assert (patience.held, heard) == ("low on disk", ["low on disk"])
    await getattr(amqp, UNBLOCKED)(None)
    assert (patience.held, heard) == ("", ["low on disk", "over"])

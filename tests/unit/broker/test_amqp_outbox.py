"""One write per loop turn, in order, however narrow the line."""

import asyncio
from typing import Any

from broker.amqp_outbox import Outbox


async def test_a_turns_frames_leave_together() -> None:
    line: asyncio.Queue[Any] = asyncio.Queue(10)
    outbox = Outbox(line)
    outbox.write(b"a")
    outbox.write(b"b")
    await outbox.flushed()
    outbox.write(b"c")
    await outbox.flushed()
    assert [line.get_nowait().payload for _ in range(2)] == [b"ab", b"c"]
    assert line.empty()


async def test_a_full_line_loses_nothing() -> None:
    line: asyncio.Queue[Any] = asyncio.Queue(1)
    outbox = Outbox(line)
    outbox.write(b"a")
    await outbox.flushed()
    outbox.write(b"b")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(outbox.flushed())
        assert (await line.get()).payload == b"a"
        await waiting
    assert (await line.get()).payload == b"b"

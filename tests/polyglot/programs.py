"""Run one program of another language."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.polyglot.languages import Language, environment
from tests.support.stack import API_KEY

WITHIN = 90.0
"""Seconds for a program that ends by itself, on a machine that has other things to do."""


@dataclass(frozen=True)
class Ended:
    """How a program ended and what it said."""

    code: int
    lines: list[str]
    complaint: str


async def run(command: Sequence[str], folder: Path, lines: Iterable[Any] = (), **env: str) -> Ended:
    """Run a program to its end with these JSON lines as input."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    async with _started(command, folder, env) as process:
        async with asyncio.timeout(WITHIN):
            said, complaint = await process.communicate(text.encode())
    assert process.returncode is not None
    return Ended(process.returncode, said.decode().splitlines(), complaint.decode(errors="replace"))


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str], folder: Path, **env: str
) -> AsyncIterator[tuple[Process, list[str]]]:
    """A program and the lines it has printed, until the block ends."""
    said: list[str] = []

    async def read(process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            said.append(line.decode().rstrip("\n"))

    async with _started(command, folder, env) as process, asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read(process))
        complaints = tasks.create_task(_drained(process))
        try:
            yield process, said
        except BaseException:
            print(f"{command} said: {said}")
            raise
        finally:
            _end(process)
            await reading
            print(await complaints)


@contextlib.asynccontextmanager
async def _started(
    command: Sequence[str], folder: Path, env: Mapping[str, str]
) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment(**env),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)
        await process.wait()


def _end(process: Process) -> None:
    """The program and all it started: they have a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


async def _drained(process: Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode(errors="replace")


async def publisher(language: Language, urls: Mapping[str, str], lines: Iterable[Any]) -> Ended:
    """Its publisher, run to its end with these lines."""
    return await run(
        language.publish,
        language.folder,
        lines,
        PRESENTLY_URL=urls[language.over],
        PRESENTLY_API_KEY=API_KEY,
    )

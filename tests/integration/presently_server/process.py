"""Our command as a process, on paths and settings of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "presently_server")


@dataclass(frozen=True)
class Done:
    """How it ended."""

    code: int
    out: str
    err: str


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without its settings, and what is given."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PRESENTLY_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "producers" / "python")])
    return {**kept, "PYTHONPATH": path, **(more or {})}


async def presently(*arguments: str, folder: Path, **more: str) -> Done:
    """Run it to its end."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        cwd=folder,
        env=environment(more),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())

"""What is wrong with a process: dead, complaining, or too big."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.support.stack import Service

AWAY: Final = {"the broker is away", "broker_lost", "relay_away"}
"""Errors that are not the process's own: what it needs has gone, and it says so."""
OURS: Final = {"message_failed", "log_record_unreadable", "a message from the bus failed"}
"""Mistakes, at whatever level they are logged."""
RESIDENT_BYTES: Final = 256 * 2**20
"""More than this, at any time, is a leak: see docs/guarantees.md for what each needs."""


def complaints(services: Iterable[Service], ended: set[str]) -> list[str]:
    """In words. Args: ended: names of those that a test ended itself."""
    wrong: list[str] = []
    for service in services:
        said = service.said()
        if "Traceback" in said:
            raised = said[said.rindex("Traceback") :]
            wrong.append(f"{service.name} raised: {raised[:300]} … {raised[-1500:]}")
        wrong += [
            f"{service.name} logged {line[:600]}" for line in said.splitlines() if _is_mistake(line)
        ]
        assert service.process is not None
        if service.process.returncode is not None and service.name not in ended:
            wrong.append(f"{service.name} died with {service.process.returncode}")
        if (bytes_ := resident(service)) > RESIDENT_BYTES:
            wrong.append(f"{service.name} had {bytes_ >> 20} MiB resident")
    return wrong


def resident(service: Service) -> int:
    """The most bytes a running process ever had resident; 0 if it does not run."""
    if service.process is None or service.process.returncode is not None:
        return 0
    status = Path(f"/proc/{service.process.pid}/status")
    if not status.exists():  # Not Linux: nobody measures there.
        return 0
    peaks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0].split()[1]) * 1024 if peaks else 0


def _is_mistake(line: str) -> bool:
    try:
        said = json.loads(line)
    except ValueError:
        return False
    if not isinstance(said, dict):
        return False
    what = {said.get("event"), said.get("action")}
    if what & OURS or "exception" in said:
        return True
    return said.get("level") in ("error", "critical") and not what & AWAY

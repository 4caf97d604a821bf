"""How long each fault was felt, as rows for docs/guarantees.md.

``PRESENTLY_FAULT_TIMES`` names a file; trials append to it, over as many runs as there are, and
``python -m tests.fault.table FILE`` prints the rows: the median of the medians, the worst of all.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from pathlib import Path


def note(what: str, median: float, worst: float) -> None:
    """Keep a measurement, if anybody asked for it. Seconds."""
    if path := os.environ.get("PRESENTLY_FAULT_TIMES"):
        with Path(path).open("a") as file:
            file.write(json.dumps([what, median, worst]) + "\n")


def rows(lines: list[str]) -> list[str]:
    """The table, in the order in which things were first measured."""
    measured: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        what, median, worst = json.loads(line)
        measured.setdefault(what, []).append((median, worst))
    return ["| what happened | median | worst | runs |", "|---|---|---|---|"] + [
        f"| {what} | {statistics.median(m for m, _ in runs):.1f} s "
        f"| {max(w for _, w in runs):.1f} s | {len(runs)} |"
        for what, runs in measured.items()
    ]


if __name__ == "__main__":
    print(*rows(Path(sys.argv[1]).read_text().splitlines()), sep="\n")

"""What a client keeps of one document, by the rules of docs/protocol.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class View:
    """What a tab knows of one document it joined."""

    epoch: str = ""
    seq: int = 0
    v: int | None = None
    present: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    complete: bool = False
    lease: dict[str, Any] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    ephemeral: list[dict[str, Any]] = field(default_factory=list)
    resets: int = 0
    summary_v: int | None = None
    summary: dict[str, dict[str, Any]] = field(default_factory=dict)
    summary_complete: bool = False
    faults: list[str] = field(default_factory=list)

    def take_presence(self, frame: Mapping[str, Any]) -> None:
        """A presence, whole or changed."""
        if frame["full"]:
            self.present = {}
        elif self.v is None or frame["v"] != self.v + 1:
            self.faults.append(f"presence {frame['v']} after {self.v}, not whole")
        for user in frame["users"]:
            self.present[user["id"]] = user
        for user in frame["left"]:
            self.present.pop(user, None)
        self.v, self.counts, self.lease = frame["v"], frame["counts"], frame["lease"]
        self.complete = frame["complete"]
        modes = [user["mode"] for user in self.present.values()]
        counted = {mode: modes.count(mode) for mode in ("reading", "editing")}
        if self.complete and counted != self.counts:
            self.faults.append(f"counts {self.counts} of {modes}")

    def take_summary(self, frame: Mapping[str, Any]) -> None:
        """A summary, whole or changed."""
        if frame["full"]:
            self.summary = {}
        elif self.summary_v is None or frame["v"] != self.summary_v + 1:
            self.faults.append(f"summary {frame['v']} after {self.summary_v}, not whole")
        for row in frame["documents"]:
            if row["counts"]["reading"] or row["counts"]["editing"]:
                self.summary[row["document"]] = row
            else:
                self.summary.pop(row["document"], None)
        self.summary_v, self.summary_complete = frame["v"], frame["complete"]

"""What the lines of one worker share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from broker.port import Broker
from hub.behind import Behind
from hub.fold import Budget
from hub.keeper import Keeper
from hub.roster import Roster
from hub.settings import HubSettings
from hub.shard import Notice


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the lines of one worker share while a connection lasts.

    Attributes:
        clock: Unix seconds.
        changed: To be called when a line stands in line, took its shard over or lost it.
        tell: Passes notices on to all lines.
    """

    worker: str
    settings: HubSettings
    broker: Broker
    roster: Roster
    keeper: Keeper
    behind: Behind
    budget: Budget
    clock: Callable[[], float]
    changed: Callable[[], None]
    tell: Callable[[Notice], None]

    def now(self) -> int:
        """Unix milliseconds."""
        return int(self.clock() * 1000)

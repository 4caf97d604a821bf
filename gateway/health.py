"""Whether this gateway should be sent browsers; the ops listener shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Health:
    """``ready`` becomes true when a hub was first heard and stays so until the gateway drains.

    A broker that goes away later does not make it unready: the sockets stay, and another gateway
    would have no other broker.
    """

    ready: bool = False
    why: str = "no hub was heard yet"

    def heard(self) -> None:
        """A hub is there."""
        if self.why == "no hub was heard yet":
            self.ready, self.why = True, "ok"

    def drain(self) -> None:
        """Send no more browsers."""
        self.ready, self.why = False, "draining"

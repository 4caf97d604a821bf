"""How a worker is, for the ops listener. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Health:
    """Kept by ``worker.run``, read by whoever answers ``/readyz``.

    Attributes:
        ready: Connected and consuming, as owner or standing by.
        why: If not, why not.
    """

    ready: bool = False
    why: str = "starting"

    def well(self) -> None:
        """All is as it should be."""
        self.ready, self.why = True, ""

    def ill(self, why: str) -> None:
        """Something is missing."""
        self.ready, self.why = False, why

"""Whose records count, as a log is read. Pure.

A record counts only if the last claim before it is its writer's. Who begins to read in the middle
has not seen that claim: a state vouches for its writer then, until one of a higher generation does.
"""

from __future__ import annotations

from schemas.log import Claim, State, StateHead


class InForce:
    """The claim in force at one place of a log.

    Attributes:
        nonce: Its writer's records count; empty as long as it is not known.
        generation: Of that claim; 0 before the first.
    """

    def __init__(self) -> None:
        self.nonce = ""
        self.generation = 0
        self._claimed = False

    def claim(self, claim: Claim) -> None:
        """From here on it is this one."""
        # Read out, not written: the same for every reader, and it only grows.
        self.generation = max(self.generation + 1, claim.at, claim.before + 1)
        self.nonce = claim.nonce
        self._claimed = True

    def vouches(self, state: State | StateHead) -> bool:
        """Whether a state counts. If it changes ``nonce``, what was read before it does not."""
        if state.nonce != self.nonce:
            if self._claimed or state.generation <= self.generation:
                return False
            self.nonce = state.nonce
        self.generation = max(self.generation, state.generation)
        return True

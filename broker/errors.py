"""What can go wrong with the broker, split by whether a retry helps."""

from __future__ import annotations


class BrokerError(Exception):
    """Root of the tree."""


class BrokerUnavailable(BrokerError):
    """The world's fault; a retry later helps.

    No connection, or no confirm in time. What was sent may or may not have been stored:
    whoever sends it again sends it under the same message id.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"the broker is not available: {why}")
        self.why = why


class ChannelLost(BrokerUnavailable):
    """A channel closed under us. Everything in flight on it is in doubt.

    Open a new one; nothing of the old one may be carried over.
    """


class BrokerRefused(BrokerError):
    """The operator's fault: user, password or vhost. A retry does not help."""


class TopologyMismatch(BrokerError):
    """The operator's fault: an object exists with other arguments, or may not be declared.

    A retry does not help.

    Attributes:
        name: The exchange or queue.
        reason: What the broker said.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be declared as designed: {reason}")
        self.name = name
        self.reason = reason


class NoSuchQueue(BrokerError):
    """Asked about a queue or exchange that does not exist. Declare first."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} does not exist")
        self.name = name

"""What aio-pika and aiormq raise, as errors of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)
from pamqp.exceptions import PAMQPException

from broker.errors import BrokerUnavailable, NoSuchQueue, TopologyMismatch

TROUBLE = (
    AMQPError,
    ChannelInvalidStateError,
    OSError,
    TimeoutError,
    PAMQPException,
    EOFError,
    StopAsyncIteration,  # aiormq's, when the other end closes during the handshake
)
"""Everything that says: the connection or channel is not what it was."""


def reason(error: BaseException) -> str:
    """One line for people; never a URL, which may hold a password."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, StopAsyncIteration):
        return "the connection was closed at once"
    said = " ".join(str(part) for part in error.args if part) or type(error).__name__
    # aiormq does not pass on what the broker said to the last step of the handshake.
    return "no such vhost, or no right to it" if "'Connection.OpenOk'" in said else said


def unavailable(error: BaseException) -> BrokerUnavailable:
    """The same, as the error that a retry may cure."""
    return BrokerUnavailable(reason(error))


@contextmanager
def named(name: str) -> Iterator[None]:
    """Name the object when the broker refuses what we ask about it.

    A 404 comes also for a queue that exists and has not started yet, as for some seconds after a
    restart; a retry helps there, so it passes as it is.

    Raises:
        NoSuchQueue: With the name the broker gave, which may be the other end of a binding.
    """
    try:
        yield
    except ChannelNotFoundEntity as error:
        found = re.search(r"no (?:queue|exchange) '([^']*)'", reason(error))
        if not found:
            raise
        raise NoSuchQueue(found[1] or name) from error


@contextmanager
def declaring(name: str) -> Iterator[None]:
    """As ``named``, for what must be as designed.

    Raises:
        NoSuchQueue: An end of a binding.
        TopologyMismatch: Other arguments (406), no right (403), somebody else's (405).
    """
    try:
        with named(name):
            yield
    except (ChannelPreconditionFailed, ChannelAccessRefused, ChannelLockedResource) as error:
        raise TopologyMismatch(name, reason(error)) from error

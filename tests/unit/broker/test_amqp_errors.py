"""What the libraries raise, in our words."""

import pytest
from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from broker.amqp_errors import declaring, named, reason, unavailable
from broker.errors import NoSuchQueue, TopologyMismatch


def test_a_missing_end_is_named_as_the_broker_names_it() -> None:
    with pytest.raises(NoSuchQueue) as missing, named("q"):
        raise ChannelNotFoundEntity("NOT_FOUND - no exchange 'x.y' in vhost '/'")
    assert missing.value.name == "x.y"


def test_a_queue_that_has_not_started_is_not_missing() -> None:
    with pytest.raises(ChannelNotFoundEntity), declaring("q"):
        raise ChannelNotFoundEntity("NOT_FOUND - home node 'r@h' of durable queue 'q' is down")


@pytest.mark.parametrize("refusal", [ChannelAccessRefused, ChannelPreconditionFailed])
def test_a_refusal_is_the_operators(refusal: type[Exception]) -> None:
    with pytest.raises(TopologyMismatch, match="inequivalent") as refused, declaring("q"):
        raise refusal("inequivalent arg 'x-queue-type'")
    assert refused.value.name == "q"


def test_every_reason_is_one_readable_line() -> None:
    assert reason(TimeoutError()) == "no answer in time"
    assert reason(OSError()) == "OSError"
    assert "320 gone" in str(unavailable(OSError(320, "gone")))


def test_a_missing_vhost_is_called_so() -> None:
    said = AMQPError("Expected one of ['Connection.OpenOk'], got <Connection.Close object>")
    assert reason(said) == "no such vhost, or no right to it"

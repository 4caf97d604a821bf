"""The same is not said again and again, and what is said helps."""

from __future__ import annotations

import pytest

from broker.complaints import REPEAT, Complaints, unreachable
from broker.errors import BrokerUnavailable


def test_the_same_is_said_at_once_and_then_now_and_then() -> None:
    complaints = Complaints()
    assert [complaints.due("away", at) for at in (0.0, 0.1, REPEAT - 1)] == [True, False, False]
    assert complaints.due("refused", 1.0)
    assert complaints.due("away", REPEAT)
    assert not complaints.due("away", REPEAT + 1)


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("ACCESS_REFUSED - Login was refused", "user and password of PRESENTLY_AMQP_URL"),
        ("no such vhost, or no right to it", "the vhost of PRESENTLY_AMQP_URL"),
        ("[Errno 111] Connect call failed", "is it running? host and port of PRESENTLY_AMQP_URL"),
    ],
)
def test_who_cannot_connect_says_what_to_look_at(why: str, says: str) -> None:
    assert str(unreachable(BrokerUnavailable(why))).startswith(
        f"the broker is not available: {why} ({says}"
    )

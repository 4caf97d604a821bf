"""The same tests in one process and on RabbitMQ."""

import pytest

from broker.amqp import connector
from broker.memory import Bus
from broker.port import Connect


@pytest.fixture(params=["memory", pytest.param("rabbit", marks=pytest.mark.rabbit)])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes connections to an empty broker."""
    if request.param == "memory":
        return Bus().connect
    return connector(request.getfixturevalue("amqp_url"))

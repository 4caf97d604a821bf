"""The same tests in one process and on RabbitMQ."""

import pytest

from broker.amqp import connector
from broker.memory import Bus
from broker.port import Connect
from tests.support.contract import Listener, contract as contract


@pytest.fixture(autouse=True)
def _as_the_contract_says(contract: Listener) -> Listener:
    """Whatever else a test is about: what is said on the bus is as its schema says."""
    return contract


@pytest.fixture(params=["memory", pytest.param("rabbit", marks=pytest.mark.rabbit)])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes connections to an empty broker."""
    if request.param == "memory":
        return Bus().connect
    return connector(request.getfixturevalue("amqp_url"))

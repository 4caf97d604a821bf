"""Whatever else a test is about: what is said on the bus is as its schema says."""

import pytest

from tests.support.contract import Listener, contract as contract


@pytest.fixture(autouse=True)
def _as_the_contract_says(contract: Listener) -> Listener:
    return contract

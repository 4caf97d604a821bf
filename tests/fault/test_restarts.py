"""What operators do on purpose, and what the broker does to us: stops and restarts, under load."""

from __future__ import annotations

import pytest

from tests.fault.conftest import NewTrial
from tests.support.rabbit import Rabbit

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]


async def test_a_gateway_stopped_with_sigterm(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        at = it.now()
        await it.end(it.stack.gateways[0])
        await it.back(at, within=20, what="SIGTERM of one of two gateways, without drain delay")
        await it.go_on()
        await it.settle()
        assert not it.oracle.flickers
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_a_hub_stopped_with_sigterm_while_another_stands_by(new_trial: NewTrial) -> None:
    async with new_trial(hubs=2) as it:
        at = it.now()
        await it.end(it.stack.hubs[0])
        await it.back(at, within=20, what="SIGTERM of one of two hubs")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_the_broker_restarted(
    new_restartable_trial: NewTrial, restartable_rabbit: Rabbit
) -> None:
    async with new_restartable_trial() as it:
        await it.restart_broker(restartable_rabbit)
        answers = it.now()
        await it.back(answers, within=60, what="RabbitMQ restarted, since it answers again")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_the_broker_killed_and_started_again(
    new_restartable_trial: NewTrial, restartable_rabbit: Rabbit
) -> None:
    async with new_restartable_trial() as it:
        await it.restart_broker(restartable_rabbit, hard=True)
        answers = it.now()
        what = "RabbitMQ killed and started again, since it answers"
        await it.back(answers, within=60, what=what)
        await it.go_on()
        await it.settle()

"""A gateway that does not listen while others go on: its queue drops the oldest, then is silent.

No gap is seen where nothing more comes. What tells it is the message in its queue ``….lost``.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.fault.conftest import NewTrial
from tests.fault.load import QUIET
from tests.fault.trial import Trial
from tests.support.eventually import eventually
from tests.support.rabbit import Rabbit
from tests.support.stack import API_KEY, Gateway

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

BOUND = 100_000
"""Bytes in a gateway's queue, instead of 64 MiB."""
BATCHES, BATCH, SIZE = 30, 10, 60_000
"""Events that fill the line between broker and gateway, all its buffers, and then the queue."""
DROPPED = "messages to this gateway were dropped"


async def test_an_overflow_followed_by_silence(
    new_restartable_trial: NewTrial, restartable_rabbit: Rabbit
) -> None:
    async with new_restartable_trial() as it:
        deaf, hears = it.stack.gateways
        await _bound_queues(it, restartable_rabbit)
        it.line(deaf).stall(onward=False, only=b" down")
        await asyncio.gather(*(_fill(hears, batch) for batch in range(BATCHES)))
        await it.changes(200)
        await it.rest()
        await it.go_on(1.0)
        assert DROPPED not in deaf.said()
        it.line(deaf).restore()
        heard = it.now()
        await eventually(lambda: DROPPED in deaf.said(), within=10, what="the gateway hears of it")
        await it.settle()
        print(f"all right again {it.now() - heard:.1f} s after it hears again")
        assert DROPPED not in hears.said()
        assert set(it.oracle.codes(it.visitors)) <= {1001, None}, "a socket was closed"
        assert not it.oracle.flickers
        reloaded = [(v, d) for v in it.visitors for d, p in v.ledger.pages.items() if p.reloads]
        assert {document for _, document in reloaded} <= {QUIET}, "its history is there"


async def _bound_queues(it: Trial, rabbit: Rabbit) -> None:
    vhost = urlsplit(it.stack.amqp_url).path.removeprefix("/")
    await asyncio.to_thread(
        rabbit.eval,
        f'rabbit_policy:set(<<"{vhost}">>, <<"small">>, <<"^gateway[.].*[.][0-9]+$">>, '
        f'[{{<<"max-length-bytes">>, {BOUND}}}], 0, <<"queues">>, <<"tests">>)',
    )


async def _fill(gateway: Gateway, batch: int) -> None:
    events = [
        {
            "specversion": "1.0",
            "id": f"filler-{batch}-{number}",
            "source": "/tests",
            "type": "filler",
            "subject": QUIET,
            "data": {"text": "x" * SIZE},
        }
        for number in range(BATCH)
    ]
    request = urllib.request.Request(
        f"{gateway.api}/v1/events",
        json.dumps(events).encode(),
        {
            "Authorization": f"Bearer {API_KEY}",
            "Content-Type": "application/cloudevents-batch+json",
        },
    )
    with await asyncio.to_thread(urllib.request.urlopen, request, timeout=20) as response:
        assert response.status == 202

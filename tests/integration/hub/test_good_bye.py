"""A gateway that ended as it should: its people are on their way, and are shown for a while."""

from __future__ import annotations

import time
from dataclasses import replace

from broker.port import Connect
from schemas import codec, messages, topology
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import QUICK, hub
from tests.support.eventually import eventually

DOCUMENT = "article.42"
BYE_S = 1.5
PATIENT = replace(QUICK, bye_ms=int(BYE_S * 1000), gateway_silent_beats=1_000)


async def leave_in_good_order(g: Gateway, *connections: str) -> float:
    """What a drained gateway says last; returns when."""
    g.beating = False
    await g.act(DOCUMENT, *(messages.AwayAct(connection=name) for name in connections))
    said = messages.Bye(who=g.id, at=0)
    await g.publish(topology.CONTROL, "", codec.pack(said))
    return time.monotonic()


async def test_who_comes_back_is_shown_all_the_time_and_who_does_not_a_while(
    connect: Connect,
) -> None:
    async with (
        hub(connect, PATIENT),
        gateway(connect, "goes") as goes,
        gateway(connect, "stays") as stays,
    ):
        await stays.join(DOCUMENT, "c0", "fry", ask=1)
        await goes.join(DOCUMENT, "c1", "leela", ask=2)
        await goes.join(DOCUMENT, "c2", "bender", ask=3)
        everybody = {"fry": "reading", "leela": "reading", "bender": "reading"}
        await eventually(lambda: stays.present(DOCUMENT) == everybody)
        before = len(stays.heard)
        at = await leave_in_good_order(goes, "c1", "c2")
        await stays.join(DOCUMENT, "c3", "leela")
        await eventually(lambda: "bender" not in stays.present(DOCUMENT), within=10)
        assert time.monotonic() - at >= BYE_S
        assert stays.present(DOCUMENT) == {"fry": "reading", "leela": "reading"}
        left = [
            name
            for heard in stays.heard[before:]
            if heard.marks.what == "presence"
            for name in heard.frame["left"]
        ]
        assert left == ["bender"]

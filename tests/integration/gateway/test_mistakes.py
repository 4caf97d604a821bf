"""A bug of ours in looking at what is due costs that look, not everybody's socket."""

from __future__ import annotations

import pytest
import structlog

from gateway.switchboard import Switchboard
from tests.integration.gateway.support import house
from tests.support.eventually import eventually


@pytest.mark.parametrize("look", ["tick", "sweep"])
async def test_a_look_that_fails_is_the_only_one(
    look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = getattr(Switchboard, look), 0

    def buggy(self: Switchboard, now: int) -> None:
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise KeyError("a bug")
        real(self, now)

    monkeypatch.setattr(Switchboard, look, buggy)
    with structlog.testing.capture_logs() as lines:
        async with house() as built:
            leela = await built.browser("leela")
            await eventually(lambda: looks > 2)
            await leela.ask("join", document="article.42")
    said = [line["event"] for line in lines if "look" in line["event"]]
    assert said == ["a look at what is due failed"]

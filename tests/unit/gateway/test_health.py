from __future__ import annotations

from gateway.health import Health


def test_it_is_ready_once_a_hub_was_heard_and_until_it_drains() -> None:
    health = Health()
    assert not health.ready
    health.heard()
    assert (health.ready, health.why) == (True, "ok")
    health.drain()
    assert (health.ready, health.why) == (False, "draining")
    health.heard()
    assert not health.ready

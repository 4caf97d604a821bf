from hub.health import Health


def test_it_says_why_not() -> None:
    health = Health()
    assert (health.ready, health.why) == (False, "starting")
    health.well()
    assert (health.ready, health.why) == (True, "")
    health.ill("broker away")
    assert (health.ready, health.why) == (False, "broker away")

from hub.roster import Roster
from hub.shard import Gone, Heard
from schemas.messages import Bye, GatewayBeat, HubBeat


def roster() -> Roster:
    return Roster("me", silent_beats=3, bye_ms=10_000)


def gateway(name: str = "g1", term: int = 1) -> GatewayBeat:
    return GatewayBeat(gateway=name, term=term, at=0, connections=1)


def hub(name: str = "me", **shards: int) -> HubBeat:
    slots = {slot.removeprefix("s"): generation for slot, generation in shards.items()}
    return HubBeat(worker=name, at=0, shards=slots)


def test_a_gateway_is_announced_once() -> None:
    it = roster()
    assert it.hear(gateway(), 0) == [Heard("g1")]
    assert it.hear(gateway(), 1) == []
    assert it.seen(["g1", "g2"]) == [Heard("g2")]


def test_silence_counts_in_our_own_beats_heard_back() -> None:
    it = roster()
    it.hear(gateway("g1"), 0)
    it.hear(gateway("g2"), 0)
    # However long the clock says: we heard nothing at all.
    assert it.hear(gateway("g2"), 10**9) == []
    assert it.hear(hub(), 0) == []
    assert it.hear(hub(), 0) == []
    it.hear(gateway("g2"), 0)
    assert it.hear(hub(), 0) == [Gone("g1")]
    assert it.hear(gateway("g1"), 0) == [Heard("g1")]


def test_heartbeats_sent_early_are_no_silence_of_others() -> None:
    it = Roster("me", silent_beats=3, bye_ms=0, round_ms=4000)
    it.hear(gateway("g1"), 0)
    it.hear(hub("other"), 0)
    for at in range(10_000, 10_900, 50):  # sixteen shards change hands
        assert it.hear(HubBeat(worker="me", at=at, shards={}), at) == []
    assert (it.beats, it.rounds) == (18, 1)
    assert it.hubs == {"me", "other"}
    assert it.hear(HubBeat(worker="me", at=15_000, shards={}), 15_000) == []
    assert it.hubs == {"me"}
    assert it.hear(HubBeat(worker="me", at=20_000, shards={}), 20_000) == [Gone("g1")]


def test_a_shard_that_hears_a_gateway_keeps_it_alive() -> None:
    it = roster()
    it.hear(gateway("g1"), 0)
    for _ in range(5):
        it.seen(["g1"])
        assert it.hear(hub(), 0) == []


def test_who_said_good_bye_goes_after_its_time() -> None:
    it = roster()
    it.hear(gateway("g1", term=4), 0)
    assert it.live() == {"g1": 4}
    it.hear(Bye(who="g1", at=0), 1000)
    assert it.live() == {}
    it.seen(["g1"])  # its last words reach a shard
    assert it.passed(10_999) == []
    assert it.passed(11_000) == [Gone("g1")]
    assert it.passed(12_000) == []


def test_all_that_are_not_lost_are_waited_for_however_long_we_slept() -> None:
    it = roster()
    it.hear(gateway("g1"), 0)
    it.hear(hub(), 0)
    it.hear(gateway("g2"), 3_600_000)
    assert set(it.live()) == {"g1", "g2"}
    it.hear(hub(), 3_600_000)
    assert it.hear(hub(), 3_600_000) == [Gone("g1")]
    assert set(it.live()) == {"g2"}


def test_who_owns_what() -> None:
    it = roster()
    assert not it.is_owned(3)
    it.hear(hub("other", s3=77), 0)
    assert it.is_owned(3)
    assert it.generation(3) == 77
    assert it.generation(4) == 0
    assert it.hubs == {"me", "other"}
    it.hear(hub(), 0)
    assert it.is_owned(3)
    it.hear(hub(), 0)
    assert not it.is_owned(3)
    assert it.generation(3) == 77


def test_a_hub_that_says_good_bye_owns_nothing() -> None:
    it = roster()
    it.hear(hub("other", s3=77), 0)
    it.hear(Bye(who="other", at=0), 0)
    assert not it.is_owned(3)


def test_who_stands_and_who_works_is_known_until_the_broker_is_lost() -> None:
    it = roster()
    it.hear(HubBeat(worker="w2", at=0, shards={"3": 7}, standing=[4]), 0)
    it.hear(HubBeat(worker="me", at=0, shards={"4": 9}, standing=[3]), 0)
    assert (it.working(3), it.working(4)) == ({"w2"}, set())
    assert (it.standing(3), it.standing(4)) == (set(), {"w2"})
    it.reconnected()
    assert (it.working(3), it.standing(4)) == (set(), set())
    assert it.hubs == {"me", "w2"}
    assert (it.generation(3), it.generation(4)) == (7, 9)


def test_whom_the_log_knows_and_nobody_hears_is_lost_too() -> None:
    """It ended together with the only hub that knew it."""
    it = roster()
    it.expect(["g1", "g2"])
    it.hear(gateway("g2"), 0)
    assert it.live() == {"g2": 1}, "but nobody waits for it"
    assert it.hear(hub(), 0) == []
    assert it.hear(hub(), 0) == []
    it.hear(gateway("g2"), 0)
    it.expect(["g1", "g2"])
    assert it.hear(hub(), 0) == [Gone("g1")]
    assert it.hear(hub(), 0) == []

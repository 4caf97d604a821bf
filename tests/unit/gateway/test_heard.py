from __future__ import annotations

from gateway.heard import SILENT_MS, Heard
from schemas.messages import Bye, GatewayBeat, HubBeat, RelayBeat
from tests.unit.gateway.making import NOW


def hub(worker: str, **owned: int) -> HubBeat:
    return HubBeat(worker=worker, at=NOW, shards={slot[1:]: n for slot, n in owned.items()})


def test_everybody_who_was_heard_is_listed_with_the_owners() -> None:
    heard = Heard()
    heard.beat(hub("old", s0=5, s1=5), NOW)
    heard.beat(hub("new", s1=6), NOW + 10)
    heard.beat(GatewayBeat(gateway="g", term=1, at=NOW, connections=3), NOW)
    relay = RelayBeat(relay="r", at=NOW, active=True, backlog=0, lag_ms=0)
    heard.beat(relay, NOW)
    status = heard.status(NOW + 10)
    assert status["shards"][:3] == ["old", "new", None]
    assert [(h["worker"], h["age_ms"]) for h in status["hubs"]] == [("new", 0), ("old", 10)]
    assert status["gateways"] == [
        {"gateway": "g", "term": 1, "connections": 3, "draining": False, "age_ms": 10}
    ]
    assert [r["relay"] for r in status["relays"]] == ["r"]
    assert heard.hubs == 2


def test_who_is_silent_or_says_good_bye_is_forgotten() -> None:
    heard = Heard()
    heard.beat(hub("a"), NOW)
    heard.beat(hub("b"), NOW + 1)
    heard.bye(Bye(who="b", at=NOW))
    assert [h["worker"] for h in heard.status(NOW + SILENT_MS)["hubs"]] == ["a"]
    assert heard.status(NOW + SILENT_MS + 1)["hubs"] == []

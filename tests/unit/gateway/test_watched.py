from __future__ import annotations

from gateway.effects import Watching
from gateway.watched import LINGERING, LOOK_MS, Watched
from tests.unit.gateway.making import NOW


def names(watched: Watched[str]) -> list[str]:
    return [collection.name for collection in watched]


def test_what_is_held_stays_until_a_while_after_it_is_released() -> None:
    watched: Watched[str] = Watched()
    collection, effects = watched.hold("article", NOW)
    assert effects == [Watching("article", True)]
    assert watched.end(NOW + 10 * LOOK_MS) == []
    watched.release("article", NOW)
    assert watched.end(NOW + LOOK_MS - 1) == []
    assert watched.hold("article", NOW) == (collection, [])
    assert watched.end(NOW + LOOK_MS) == []
    watched.release("article", NOW)
    assert watched.end(NOW + LOOK_MS) == ["article"]
    assert "article" not in watched
    assert watched.end(NOW + LOOK_MS) == []


def test_a_look_neither_shortens_nor_prolongs_a_hold() -> None:
    watched: Watched[str] = Watched()
    watched.hold("article", NOW)
    watched.look("article", NOW)
    assert watched.end(NOW + LOOK_MS) == []
    watched.look("page", NOW)
    watched.look("page", NOW + 1)
    assert watched.end(NOW + LOOK_MS) == []
    assert watched.end(NOW + LOOK_MS + 1) == ["page"]


def test_those_that_linger_are_bounded() -> None:
    watched: Watched[str] = Watched()
    watched.hold("held", NOW)
    for n in range(LINGERING + 2):
        watched.hold(f"c{n}", NOW)
        watched.release(f"c{n}", NOW)
    assert watched.end(NOW) == ["c0", "c1"]
    assert len(names(watched)) == LINGERING + 1
    assert watched.get("held") is not None
    watched.release("unknown", NOW)
    assert "unknown" not in watched

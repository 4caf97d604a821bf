from hub.events import REMEMBERED, Window, digest, sender
from producers.postgres import outbox
from schemas.events import Event
from schemas.ids import DocumentId
from schemas.log import Numbered


def event(**more: str) -> Event:
    facts = {"id": "e", "source": "/s", "type": "t", "actor": "leela", "data": "{}"} | more
    return Event(
        DocumentId("a.1"),
        facts["id"],
        facts["source"],
        facts["type"],
        b"",
        facts["actor"],
        facts["data"].encode(),
    )


def fact(id: str, document: str = "a.1", seq: int = 1) -> Numbered:
    return Numbered(
        document=document, epoch="k", seq=seq, source="/s", id=id, type="t", digest=b"d", at=0,
        event=b"{}",
    )  # fmt: skip


def test_what_was_remembered_is_found_under_its_whole_name() -> None:
    window = Window()
    window.remember(fact("e1", seq=7))
    known = window.find("a.1", "/s", "e1")
    assert known is not None
    assert (known.epoch, known.seq, known.digest) == ("k", 7, b"d")
    assert window.find("a.2", "/s", "e1") is None
    assert window.find("a.1", "/other", "e1") is None
    assert window.find("a.1", "/s", "e2") is None


def test_the_oldest_are_forgotten_first() -> None:
    window = Window(size=2)
    for id in ("e1", "e2", "e3"):
        window.remember(fact(id))
    assert len(window) == 2
    assert window.find("a.1", "/s", "e1") is None
    assert window.find("a.1", "/s", "e3") is not None
    window.clear()
    assert len(window) == 0


def test_older_names_come_before_ours_as_far_as_there_is_room() -> None:
    window, older = Window(size=3), Window()
    window.remember(fact("e3", seq=3))
    for seq, id in enumerate(("e0", "e1", "e2", "e3"), 10):
        older.remember(fact(id, seq=seq))
    window.recall(older)
    known = {id: window.find("a.1", "/s", id) for id in ("e0", "e1", "e2", "e3")}
    assert {id: one and one.seq for id, one in known.items()} == {
        "e0": None, "e1": 11, "e2": 12, "e3": 3,
    }  # fmt: skip
    window.remember(fact("e4"))
    assert window.find("a.1", "/s", "e1") is None
    window.recall(older)
    assert len(window) == 3


def test_windows_that_remember_the_same_are_equal() -> None:
    one, other = Window(), Window()
    one.remember(fact("e1"))
    assert one != other
    other.remember(fact("e1"))
    assert one == other


def test_a_digest_tells_type_and_data_and_nothing_else() -> None:
    assert digest(event()) == digest(event(id="x", source="/y", actor="fry"))
    assert digest(event()) != digest(event(data='{"x":1}'))
    assert digest(event()) != digest(event(type="u"))
    assert len(digest(event())) == 8


def test_a_browsers_ids_are_its_users() -> None:
    assert sender(event(), from_browser=True) == "/user/leela"
    assert sender(event(), from_browser=False) == "/s"


def test_a_relay_killed_before_it_moved_its_cursor_repeats_only_what_is_known() -> None:
    assert REMEMBERED >= 2 * 2 * outbox.PAGE

"""Frames in words."""

from __future__ import annotations

from typing import Any

from presently_server.tail_words import Words


def user(id: str, mode: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": id.capitalize(), "info": {}, "mode": mode, "state": {}, **more}


def presence(*users: Any, full: bool = False, left: list[str] | None = None) -> dict[str, Any]:
    counts = {"reading": 0, "editing": 0}
    return {
        "type": "presence",
        "document": "article.1",
        "v": 1,
        "full": full,
        "users": list(users),
        "left": left or [],
        "counts": counts,
        "complete": True,
    }


def joined(*users: Any) -> dict[str, Any]:
    return {
        "type": "joined",
        "document": "article.1",
        "seq": 7,
        "presence": presence(full=True),
    } | {"presence": presence(*users, full=True)}


def test_who_comes_changes_and_goes() -> None:
    words = Words("article.1")
    assert list(words.lines(joined(user("fry", "reading")))) == [
        "watching article.1, after event 7; Ctrl-C ends",
        "+ Fry (fry) is reading",
    ]
    changed = user("fry", "editing", state={"field": "title"})
    assert list(words.lines(presence(changed))) == ['~ Fry (fry) is editing {"field": "title"}']
    assert list(words.lines(presence(changed))) == []
    assert list(words.lines(presence(user("amy", "reading"), left=["fry"]))) == [
        "- Fry (fry) left",
        "+ Amy (amy) is reading",
    ]


def test_back_on_another_connection_it_tells_what_was_missed() -> None:
    words = Words("article.1")
    list(words.lines(joined(user("fry", "reading"))))
    missed = {"type": "event", "document": "article.1", "seq": 8, "event": {"type": "a.b"}}
    again = joined(user("fry", "reading")) | {"recovered": True, "events": [missed], "seq": 8}
    assert list(words.lines(again)) == ["#8 a.b {}"]
    for_good = joined() | {"recovered": False, "events": [], "seq": 900}
    assert list(words.lines(for_good)) == [
        "watching again, after event 900; what came between is not shown",
        "- Fry (fry) left",
    ]


def test_a_full_presence_tells_who_is_gone() -> None:
    words = Words("article.1")
    list(words.lines(joined(user("fry", "reading"), user("amy", "reading"))))
    assert list(words.lines(presence(user("amy", "reading"), full=True))) == ["- Fry (fry) left"]


def test_an_event_is_one_line() -> None:
    event = {"type": "comment.added", "actor": "fry", "data": {"text": "x" * 500}}
    frame = {"type": "event", "document": "article.1", "seq": 8, "event": event}
    [line] = Words("article.1").lines(frame)
    assert line.startswith('#8 comment.added by fry {"text": "xxx')
    assert line.endswith("…")
    [line] = Words("article.~").lines({**frame, "event": {"type": "a.b"}})
    assert line == "#8 a.b at article.1 {}"
    del frame["seq"]
    [line] = Words("article.1").lines(frame)
    assert line.startswith("(not kept) comment.added")


def test_a_collection_is_told_by_document() -> None:
    documents = [
        {"document": "article.1", "users": [user("fry", "editing")], "counts": {}},
        {"document": "article.2", "users": [], "counts": {}},
    ]
    frame = {"type": "summary", "document": "article.~", "v": 1, "documents": documents}
    assert list(Words("article.~").lines(frame)) == [
        "  article.1: Fry (fry) editing",
        "  article.2: nobody",
    ]


def test_a_frame_of_tomorrow_says_nothing() -> None:
    assert list(Words("article.1").lines({"type": "weather"})) == []

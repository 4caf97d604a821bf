"""A row of the outbox as the CloudEvent that leaves."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from producers.postgres.envelope import Letter, Unsendable, envelope, event_id, source, together
from producers.postgres.rows import Origin, Row
from schemas import events, limits

ORIGIN = Origin("3f2a91bc", "7711064998900182796", "shop")
ROW = Row(
    881,
    datetime(2026, 11, 22, 18, 39, 21, 40268, tzinfo=UTC),
    "article.42",
    "presently.change",
    "fry",
    '{"op": "u", "key": {"id": 42}, "entity": "article", "changed": ["title"]}',
)


def letter(row: Row) -> Letter:
    made = envelope(row, ORIGIN)
    assert isinstance(made, Letter)
    return made


def data(text: str, type: str = "presently.change") -> object:
    return json.loads(letter(replace(ROW, data=text, type=type)).body)["data"]


def test_every_attribute() -> None:
    made = letter(ROW)
    assert (made.slot, made.key) == (3, ":03.article.42")
    assert json.loads(made.body) == {
        "specversion": "1.0",
        "id": "o3f2a91bc-881-1795372761040268",
        "source": "/pg/7711064998900182796/shop",
        "type": "presently.change",
        "subject": "article.42",
        "time": "2026-11-22T18:39:21.040268Z",
        "actor": "fry",
        "data": {"op": "u", "key": {"id": 42}, "entity": "article", "changed": ["title"]},
    }
    assert made.id == "o3f2a91bc-881-1795372761040268"
    assert events.parse_event(made.body).document == "article.42"


def test_nobody_acting_is_no_attribute() -> None:
    assert "actor" not in json.loads(letter(replace(ROW, actor=None)).body)


def test_the_same_row_makes_the_same_bytes_in_every_time_zone() -> None:
    tokyo = ROW.at.astimezone(timezone(timedelta(hours=9)))
    assert letter(replace(ROW, at=tokyo)) == letter(ROW)


def test_an_id_given_twice_differs_by_its_time() -> None:
    again = replace(ROW, at=ROW.at + timedelta(microseconds=1))
    assert event_id(again, ORIGIN) != event_id(ROW, ORIGIN)


def test_a_database_with_an_odd_name_still_makes_a_uri() -> None:
    assert source(replace(ORIGIN, database="Größe/1")).endswith("/Gr%C3%B6%C3%9Fe%2F1")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9007199254740991", 9007199254740991),
        ("-9007199254740991", -9007199254740991),
        ("9007199254740992", "9007199254740992"),
        ("-12345678901234567890", "-12345678901234567890"),
        ("19.99", 19.99),
        ("0.00000000", 0.0),
        ("123456789.123456", 123456789.123456),
        ("12345.12345678901", "12345.12345678901"),
        ("3.141592653589793238", "3.141592653589793238"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1" + "0" * 400, "1" + "0" * 400),
        ("9" * 5000, "9" * 5000),
        ("0." + "0" * 400 + "1", "0." + "0" * 400 + "1"),
    ],
)
def test_numbers_that_javascript_would_round_become_text(written: str, read: object) -> None:
    change = '{"op": "c", "entity": "t", "key": {"id": %s}}' % written  # noqa: UP031
    assert data(change) == {"op": "c", "entity": "t", "key": {"id": read}}


def test_text_that_looks_like_a_number_stays_as_it_is() -> None:
    change = '{"op": "c", "entity": "t", "key": {"id": "12345678901234567890 ü"}}'
    assert data(change) == json.loads(change)


def test_the_applications_own_data_are_left_alone() -> None:
    made = letter(replace(ROW, type="mine", data='{"n": 12345678901234567890}'))
    assert b"12345678901234567890}" in made.body


def test_a_change_too_long_for_the_bus_loses_its_values() -> None:
    long = {
        "op": "u",
        "entity": "t",
        "key": {"id": 1},
        "changed": ["a"],
        "after": {"a": "x" * 70000},
    }
    assert data(json.dumps(long)) == {
        "op": "u",
        "entity": "t",
        "key": {"id": 1},
        "omitted": ["*"],
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (replace(ROW, document="article"), "no document id"),
        (replace(ROW, document="日本.語"), "no document id"),
        (replace(ROW, type="a b"), "type"),
        (replace(ROW, type="presently.other"), "reserved"),
        (replace(ROW, data="[1]"), "data"),
        (replace(ROW, data='{"op": "?"}'), "op"),
        (replace(ROW, type="mine", data=json.dumps({"a": "x" * 70000})), "larger"),
    ],
)
def test_a_row_written_by_hand_that_makes_no_event(row: Row, reason: str) -> None:
    made = envelope(row, ORIGIN)
    assert isinstance(made, Unsendable)
    assert reason in made.reason
    assert len(made.body) <= limits.EVENT_BYTES


def test_what_tells_a_list_that_nobody_knows_what_changed_goes_when_all_before_is_there() -> None:
    change = letter(ROW)
    truncated = letter(replace(ROW, document="article.~", data='{"op": "t", "entity": "article"}'))
    resync = letter(replace(ROW, document="page.~", type="presently.resync", data="{}"))
    own = letter(replace(ROW, document="article.~", type="article.hidden"))
    assert [one.unsettles for one in (change, truncated, resync, own)] == [False, True, True, False]
    assert together([]) == 0
    assert together([change, own, change]) == 3
    assert together([change, change, truncated, resync, change]) == 2
    assert together([truncated, resync, change, own]) == 4
    assert together([truncated, change, resync]) == 2

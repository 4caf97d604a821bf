"""Each rule says so when it is broken: otherwise the torture proves nothing."""

from __future__ import annotations

import pytest

from tests.torture.verdict import (
    Change,
    Told,
    Truth,
    broken_truth,
    ends_elsewhere,
    inverted,
    lost,
    not_once,
    read,
    two_meanings,
    uncommitted,
    verdict,
)

BORN, GREW, DIED = Change("c", 1, "a"), Change("u", 2, "b"), Change("d")
TRUTH = Truth(
    history={1: [BORN, GREW, DIED, Change("c", 4, "c")], 2: [BORN, GREW]},
    versions={1: [1, 2, 3, 4], 2: [1, 2]},
    rows={1: (4, "c"), 2: (2, "b")},
)


def events(key: int, *changes: Change) -> list[Told]:
    """Each under an id of its own."""
    return [Told(key, f"o-{key}-{number}", change) for number, change in enumerate(changes)]


ALL = [*events(1, *TRUTH.history[1]), *events(2, BORN, GREW)]


def test_what_is_as_it_should_be() -> None:
    assert verdict(TRUTH, ALL, ALL) == []
    assert verdict(TRUTH, [*ALL[:3], *ALL], ALL) == []  # a relay that died, and repeats
    assert verdict(Truth(), [], []) == []


def test_a_change_nobody_was_told_of() -> None:
    (said,) = lost(TRUTH, ALL[:-1])
    assert said == "thing.2: Change(op='u', version=2, tag='b') was committed, and nobody was told"
    assert verdict(TRUTH, ALL[:-1], ALL)[0] == said
    assert len(lost(TRUTH, [])) == 6
    assert "op='d'" in lost(TRUTH, [*ALL[:2], *ALL[3:]])[0]


def test_a_change_that_was_rolled_back_or_lost_in_a_crash() -> None:
    extra = Told(2, "o-2-9", Change("u", 3, "never"))
    (said,) = uncommitted(TRUTH, [*ALL, extra])
    assert "tag='never') was told, and is not in the database" in said
    assert said in verdict(TRUTH, [*ALL, extra], ALL)
    assert len(uncommitted(TRUTH, [*ALL, Told(1, "o-1-9", DIED)])) == 1
    assert len(uncommitted(TRUTH, [*ALL, Told(9, "o-9-0", BORN)])) == 1


def test_one_change_under_two_ids_is_one_too_many() -> None:
    assert len(uncommitted(TRUTH, [*ALL, Told(2, "o-2-9", GREW)])) == 1


def test_two_changes_of_a_row_turned_round() -> None:
    turned = [*ALL[:4], ALL[5], ALL[4]]
    (said,) = inverted(TRUTH, turned)
    assert said.startswith("thing.2: Change(op='u'")
    assert said in verdict(TRUTH, turned, ALL)
    born_before_it_died = [ALL[0], ALL[1], ALL[3], ALL[2], *ALL[4:]]
    assert len(inverted(TRUTH, born_before_it_died)) == 1
    assert inverted(TRUTH, [*ALL[4:], *ALL[:4]]) == []  # other rows are other documents


def test_a_repeat_in_another_order_changes_nothing() -> None:
    assert inverted(TRUTH, [*ALL, ALL[5], ALL[4]]) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [((2, "other"), "(2, 'b')"), ((3, "b"), "(2, 'b')"), (None, "the row is None")],
)
def test_a_row_that_is_not_what_its_last_event_says(row: tuple[int, str] | None, said: str) -> None:
    rows = {1: (4, "c")} | ({2: row} if row else {})
    other = Truth(TRUTH.history, TRUTH.versions, rows)
    (found,) = ends_elsewhere(other, ALL)
    assert said in found
    assert found in verdict(other, ALL, ALL)


def test_a_row_that_lives_though_its_end_was_told() -> None:
    told = [*ALL, Told(2, "o-2-9", DIED)]
    assert ends_elsewhere(TRUTH, told) == ["thing.2: the last event says None, the row is (2, 'b')"]


def test_an_id_given_to_two_changes() -> None:
    told = [*ALL, Told(2, "o-2-1", Change("u", 3, "again"))]
    assert "o-2-1 means" in two_meanings(told)[0]
    assert two_meanings([*ALL, *ALL]) == []
    assert two_meanings([*ALL, Told(3, "o-2-1", BORN)]) == []  # at another document


@pytest.mark.parametrize(
    "shown",
    [
        [*ALL, ALL[5]],  # twice
        [*ALL[:4], ALL[5], ALL[4]],  # turned round
        ALL[:5],  # one is missing
        [*ALL, Told(2, "o-2-9", GREW)],  # under two ids
        [*ALL, Told(3, "o-3-0", BORN)],  # of a row that never was
    ],
)
def test_a_page_that_is_not_shown_each_change_once(shown: list[Told]) -> None:
    assert len(not_once(TRUTH, shown)) == 1
    assert len(verdict(TRUTH, ALL, shown)) == 1


def test_a_truth_that_is_none() -> None:
    for versions in ([1, 3], [2, 1], [1, 1]):
        broken = Truth({2: [BORN, GREW]}, {2: versions}, {})
        assert "history has the versions" in broken_truth(broken)[0]
    assert len(broken_truth(Truth({2: [BORN, GREW]}, {2: [1, 2]}, {2: (3, "b")}))) == 1
    assert len(broken_truth(Truth({}, {}, {2: (1, "a")}))) == 1


def test_an_event_as_the_relay_writes_it() -> None:
    body = b"""{"specversion": "1.0", "id": "o1-2-3", "subject": "thing.7", "data":
        {"op": "u", "entity": "thing", "key": {"id": 7}, "after": {"version": 3, "tag": "w"}}}"""
    assert read(body) == Told(7, "o1-2-3", Change("u", 3, "w"))
    gone = b'{"id": "o", "subject": "thing.7", "data": {"op": "d", "key": {"id": 7}}}'
    assert read(gone) == Told(7, "o", Change("d"))

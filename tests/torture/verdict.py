"""What must have come of it: each rule is a function that says in words what breaks it. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PREFIX = "thing."


@dataclass(frozen=True)
class Change:
    """One change of one row, as far as an event tells it: of a deletion neither version nor tag."""

    op: str
    version: int | None = None
    tag: str | None = None


@dataclass(frozen=True)
class Told:
    """One event, from the bus or from a page."""

    key: int
    id: str
    change: Change


@dataclass(frozen=True)
class Truth:
    """What the database says at the end.

    Attributes:
        history: Key → its committed changes in the order of their versions.
        versions: Key → these versions.
        rows: Key → (version, tag) of the rows there are.
    """

    history: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    versions: Mapping[int, Sequence[int]] = field(default_factory=dict)
    rows: Mapping[int, tuple[int, str]] = field(default_factory=dict)


def told(event: Mapping[str, object]) -> Told:
    """Read a CloudEvent."""
    data = event["data"]
    assert isinstance(data, Mapping)
    after = data.get("after") or {}
    change = Change(str(data["op"]), after.get("version"), after.get("tag"))
    return Told(int(str(event["subject"]).removeprefix(PREFIX)), str(event["id"]), change)


def read(body: bytes) -> Told:
    """Read the body of a message."""
    return told(json.loads(body))


def firsts(events: Iterable[Told]) -> dict[int, list[Told]]:
    """By key, each event the first time it came."""
    found: dict[int, dict[str, Told]] = {}
    for event in events:
        found.setdefault(event.key, {}).setdefault(event.id, event)
    return {key: list(by_id.values()) for key, by_id in found.items()}


def broken_truth(truth: Truth) -> list[str]:
    """The test's own mistake: versions that are not 1, 2, 3 … or do not end with the row's."""
    wrong = []
    for key, versions in truth.versions.items():
        if list(versions) != list(range(1, len(versions) + 1)):
            wrong.append(f"thing.{key}: history has the versions {list(versions)}")
    for key, (version, _) in truth.rows.items():
        if list(truth.versions.get(key, [0]))[-1] != version:
            wrong.append(f"thing.{key}: version {version} of the row is not in its history")
    return wrong


def two_meanings(events: Iterable[Told]) -> list[str]:
    """Ids under which two different changes were told: the second is taken for a repeat."""
    known: dict[tuple[int, str], Change] = {}
    return [
        f"thing.{event.key}: {event.id} means {known[event.key, event.id]} and {event.change}"
        for event in events
        if known.setdefault((event.key, event.id), event.change) != event.change
    ]


def lost(truth: Truth, published: Iterable[Told]) -> list[str]:
    """Committed and never published."""
    return _without(truth.history, _changes(published), "was committed, and nobody was told")


def uncommitted(truth: Truth, published: Iterable[Told]) -> list[str]:
    """Published and never committed: rolled back, or lost by a crash after it had been told."""
    return _without(_changes(published), truth.history, "was told, and is not in the database")


def inverted(truth: Truth, published: Iterable[Told]) -> list[str]:
    """Published in another order than that of the row's commits."""
    wrong = []
    for key, changes in _changes(published).items():
        known = list(truth.history.get(key, []))
        if changes != known and Counter(changes) == Counter(known):
            pairs = zip(changes, known, strict=True)
            came, due = next(pair for pair in pairs if pair[0] != pair[1])
            wrong.append(f"thing.{key}: {came} came instead of {due}")
    return wrong


def ends_elsewhere(truth: Truth, published: Iterable[Told]) -> list[str]:
    """Rows that are not what the last event of them said."""
    wrong = []
    for key, changes in _changes(published).items():
        last, row = changes[-1], truth.rows.get(key)
        says = None if last.op == "d" else (last.version, last.tag)
        if says != row:
            wrong.append(f"thing.{key}: the last event says {says}, the row is {row}")
    return wrong


def not_once(truth: Truth, shown: Sequence[Told]) -> list[str]:
    """What a page got of a row is not exactly the row's history, each change once, in order."""
    pages: dict[int, list[Told]] = {}
    for event in shown:
        pages.setdefault(event.key, []).append(event)
    wrong = []
    for key in sorted(pages.keys() | truth.history.keys()):
        changes = [event.change for event in pages.get(key, [])]
        known = list(truth.history.get(key, []))
        repeated = [id for id, n in Counter(e.id for e in pages.get(key, [])).items() if n > 1]
        if repeated:
            wrong.append(f"thing.{key}: a page was shown {repeated[:3]} twice")
        elif changes != known:
            wrong.append(f"thing.{key}: a page was shown {len(changes)} changes of {len(known)}")
    return wrong


def verdict(truth: Truth, published: Sequence[Told], shown: Sequence[Told]) -> list[str]:
    """All that is wrong; empty if nothing is."""
    return [
        *broken_truth(truth),
        *two_meanings([*published, *shown]),
        *lost(truth, published),
        *uncommitted(truth, published),
        *inverted(truth, published),
        *ends_elsewhere(truth, published),
        *not_once(truth, shown),
    ]


def _changes(events: Iterable[Told]) -> dict[int, list[Change]]:
    return {key: [event.change for event in some] for key, some in firsts(events).items()}


def _without(
    some: Mapping[int, Sequence[Change]], others: Mapping[int, Sequence[Change]], why: str
) -> list[str]:
    return [
        f"thing.{key}: {change} {why}"
        for key, changes in some.items()
        for change in (Counter(changes) - Counter(others.get(key, []))).elements()
    ]

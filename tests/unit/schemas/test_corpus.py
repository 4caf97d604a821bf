"""We read what every version of the bus says, and what the next one may."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, get_args

import msgpack
import msgspec
import pytest

from schemas import codec, corpus, log, messages
from schemas.unknown import KIND, Unknown
from tests.support.next_version import with_more_fields
from tests.unit.schemas.golden import golden

SECTIONS: dict[str, dict[str, list[dict[str, Any]]]] = golden("bus")
CLOSED = {"1": "6738b0f36fbe0965"}
"""Digests of the sections of released versions. Nobody may change what was said."""
UNIONS: dict[str, Any] = {
    "to-shard": messages.HeardByShard,
    "life": messages.HeardLife,
    "to-gateway": messages.Replies | Unknown,
    "control": messages.HeardControl,
    "log": log.ReadRecord,
}
PARTS = (messages.Act, messages.Reply, log.Fact)


def said() -> Iterator[Any]:
    for version, families in SECTIONS.items():
        for family in corpus.READERS:
            for entry in families[family]:
                name = f"{version}-{entry['means'][KIND]}"
                yield pytest.param(family, entry, id=name)


def examples() -> list[tuple[str, msgspec.Struct]]:
    return [(family, one) for family, some in corpus.EXAMPLES.items() for one in some]


def names_unknown(value: Any) -> bool:
    """Whether anything in a message was not understood."""
    return '"kind":"unknown"' in msgspec.json.encode(value).decode()


@pytest.mark.parametrize(("family", "entry"), list(said()))
def test_it_means_what_it_meant(family: str, entry: dict[str, Any]) -> None:
    read = corpus.READERS[family](base64.b64decode(entry["bytes"]))
    assert read == msgspec.convert(entry["means"], UNIONS[family])
    assert not names_unknown(read)


@pytest.mark.parametrize("version", SECTIONS)
def test_marks_mean_what_they_meant(version: str) -> None:
    for entry in SECTIONS[version]["marks"]:
        marks = messages.read_marks({**entry["headers"], "next": 1})
        assert marks == messages.Marks(**entry["means"])


@pytest.mark.parametrize(("family", "message"), examples(), ids=lambda one: type(one).__name__)
def test_more_fields_change_nothing(family: str, message: msgspec.Struct) -> None:
    body = msgpack.packb(with_more_fields(message))
    assert body != codec.pack(message)
    assert corpus.READERS[family](body) == message


@pytest.mark.parametrize(("family", "message"), examples(), ids=lambda one: type(one).__name__)
def test_fields_with_a_default_may_be_missing(family: str, message: msgspec.Struct) -> None:
    """What an older version did not say yet."""
    plain = msgspec.to_builtins(message, builtin_types=(bytes,))
    for field in msgspec.structs.fields(message):
        without = {name: value for name, value in plain.items() if name != field.encode_name}
        read = corpus.READERS[family](msgpack.packb(without)) if not field.required else None
        if read is not None:
            expected = (
                field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
            )
            assert getattr(read, field.name) == expected


def test_what_is_declared_is_what_every_version_declares() -> None:
    """Who declares a queue that exists with other arguments is refused, and ends."""
    declared = {one["object"]: one for one in json.loads(json.dumps(corpus.objects()))}
    for version, families in SECTIONS.items():
        for one in families.get("objects", []):
            assert declared.get(one["object"], one) == one, f"not as in version {version}"


def test_this_version_s_section_has_every_kind() -> None:
    section = json.dumps(SECTIONS[str(corpus.BUS)])
    kinds = {
        member.__struct_config__.tag
        for union in [*UNIONS.values(), *PARTS]
        for member in get_args(union)
        if member is not Unknown
    }
    assert {kind for kind in kinds if f'"kind": "{kind}"' not in section} == set()


def test_sections_of_released_versions_are_never_written_again() -> None:
    assert list(SECTIONS) == [str(number) for number in range(1, corpus.BUS + 1)]
    closed = {version: digest(SECTIONS[version]) for version in list(SECTIONS)[:-1]}
    assert closed == CLOSED


def digest(section: Any) -> str:
    return hashlib.sha256(json.dumps(section, sort_keys=True).encode()).hexdigest()[:16]

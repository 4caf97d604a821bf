"""The TypeScript types follow the schemas. (That they compile, `make check` proves.)"""

from __future__ import annotations

import re

import pytest

from schemas import frames, shapes, typescript

TEXT = typescript.text()


def interface(name: str) -> str:
    found = re.search(rf"export interface {name} {{\n(.*?)\n}}", TEXT, re.S)
    assert found, name
    return found[1]


def test_every_frame_is_an_interface_and_in_its_union() -> None:
    for union, side in ((frames.ClientFrame, "ClientFrame"), (frames.GatewayFrame, "GatewayFrame")):
        named = re.search(rf"export type {side} =([^;]*);", TEXT)
        assert named
        for kind in union.__args__:
            tag = kind.__struct_config__.tag
            name = next(
                match[1]
                for match in re.finditer(r"export interface (\w+) {\n(.*?)\n}", TEXT, re.S)
                if f'type: "{tag}"' in match[2]
            )
            assert name in named[1].split(" | ") or f"| {name}" in named[1]


def test_what_must_be_there_is_not_optional_and_what_may_be_missing_is() -> None:
    joined = interface("JoinedFrame")
    assert "  seq: number;" in joined
    assert "  events: readonly EventFrame[];" in joined
    assert "  summary?: Summary;" in joined
    assert "  actor?: string | null;" in interface("Envelope")
    assert "  lease: Lease | null;" in interface("PresenceFrame")


def test_enumerations_tuples_and_maps_are_typed() -> None:
    assert '  op: "c" | "d" | "r" | "t" | "u" | "x";' in interface("ChangeData")
    assert "  reconnect_in_ms: readonly [number, number];" in interface("DrainFrame")
    assert "  client?: Record<string, string>;" in interface("HelloFrame")
    assert "  state: Record<string, unknown>;" in interface("User")


def test_docstrings_become_comments_of_the_fields() -> None:
    assert "  /** User ids to remove. Empty when `full`. */\n  left: readonly string[];" in TEXT
    assert "/** Who is in the way. */\nexport interface By {" in TEXT
    assert max(len(line) for line in TEXT.splitlines()) <= 100


def test_two_types_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = shapes.schema

    def another(name: str) -> dict[str, object]:
        made = schema(name)
        if name == "change":
            made["definitions"]["Hello"] = made["definitions"]["ChangeData"]
        return made

    monkeypatch.setattr(shapes, "schema", another)
    with pytest.raises(ValueError, match="two types are called Hello"):
        typescript.text()

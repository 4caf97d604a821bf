"""We still read what every released version said, and still say what the last one promised."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import jsonschema
import msgspec
import pytest

from schemas import corpus, frames, released, shapes
from schemas.client_frames import BadFrame, read_frame
from schemas.errors import InvalidDocument, InvalidEvent
from schemas.events import parse_event
from schemas.ids import parse_document, slot_of
from schemas.messages import read_marks
from schemas.unknown import Unknown
from tests.support.contract import complaints
from tests.unit.schemas.golden import golden
from tests.unit.schemas.test_corpus import UNIONS

FROZEN = {"0.1.0": "5560d55e06f43a7e"}
"""Digests of what was frozen. Nobody may change what was said."""
VERSIONS = released.versions()
LAST = VERSIONS[-1]
_GATEWAY: msgspec.json.Decoder[frames.GatewayFrame] = msgspec.json.Decoder(frames.GatewayFrame)


def test_what_was_frozen_is_never_written_again() -> None:
    assert {version: released.digest(version) for version in VERSIONS} == FROZEN


def test_the_last_release_s_promises_are_kept() -> None:
    assert released.broken_since(LAST) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_its_browsers_are_understood(version: str) -> None:
    for frame in released.frozen(version, "frames")["client"]:
        assert read_frame(json.dumps(frame)).__struct_config__.tag == frame["type"]
        assert complaints("client-frames", frame) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_its_gateways_frames_are_understood(version: str) -> None:
    for frame in released.frozen(version, "frames")["gateway"]:
        assert json.loads(frames.write_frame(_GATEWAY.decode(json.dumps(frame)))) == frame


@pytest.mark.parametrize("version", VERSIONS)
def test_what_it_refused_is_refused_for_the_same_reason(version: str) -> None:
    for one in released.frozen(version, "frames")["refused"]:
        with pytest.raises(BadFrame) as refusal:
            read_frame(one["text"])
        assert (refusal.value.code, refusal.value.id) == (one["code"], one.get("id"))


@pytest.mark.parametrize("version", VERSIONS)
def test_its_producers_events_are_taken(version: str) -> None:
    for one in released.frozen(version, "events")["events"]:
        event = one["event"]
        if "pad" in one:
            event = {**event, "data": {**event.get("data", {}), "pad": "x" * one["pad"]}}
        assert parse_event(json.dumps(event).encode()).id == event["id"]


@pytest.mark.parametrize("version", VERSIONS)
def test_its_documents_have_the_same_slots(version: str) -> None:
    for one in released.frozen(version, "documents")["documents"]:
        assert slot_of(parse_document(one["document"])) == one["slot"]


def messages() -> Iterator[Any]:
    for version in VERSIONS:
        for bus, section in released.frozen(version, "bus").items():
            for family in corpus.READERS:
                for one in section[family]:
                    name = f"{version}-{bus}-{one['means']['kind']}"
                    yield pytest.param(family, one, id=name)


@pytest.mark.parametrize(("family", "one"), list(messages()))
def test_its_messages_and_records_mean_what_they_meant(family: str, one: dict[str, Any]) -> None:
    read = corpus.READERS[family](base64.b64decode(one["bytes"]))
    assert not isinstance(read, Unknown)
    assert complaints(family, one["means"]) == []
    assert read == msgspec.convert(one["means"], UNIONS[family])


@pytest.mark.parametrize("version", VERSIONS)
def test_its_headers_are_understood(version: str) -> None:
    for section in released.frozen(version, "bus").values():
        for one in section["marks"]:
            assert not isinstance(read_marks(one["headers"]), Unknown)


def _of(known: set[str | None], tag: str, said: Any) -> Any:
    """What is left of it, however deep, for a reader who skips the kinds that it does not know."""
    if isinstance(said, list):
        unheard = [one for one in said if isinstance(one, dict) and one.get(tag, None) not in known]
        return [_of(known, tag, one) for one in said if one not in unheard or tag not in one]
    if isinstance(said, dict):
        return {name: _of(known, tag, value) for name, value in said.items()}
    return said


@pytest.mark.parametrize("name", ["gateway-frames", "to-gateway", "life", "control", "log"])
def test_what_we_say_is_what_the_last_release_reads(name: str) -> None:
    """Of the kinds that it knows; it skips the others."""
    old = released.frozen(LAST, name)
    validator = jsonschema.Draft7Validator(old)
    ours = golden("frames")["gateway"] if name == "gateway-frames" else []
    ours = ours or [one["means"] for one in corpus.section()[name]]
    tag = "type" if name == "gateway-frames" else "kind"
    known = {one.get("properties", {}).get(tag, {}).get("const")
             for one in old["definitions"].values()}  # fmt: skip
    said = _of(known, tag, ours)
    assert len(said) > 0
    assert [list(validator.iter_errors(one)) for one in said] == [[] for _ in said]


# --- freezing, and what the check finds -------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copytree(released.FOLDER, tmp_path / "released")
    monkeypatch.setattr(released, "FOLDER", tmp_path / "released")
    return tmp_path / "released"


def test_a_release_is_frozen_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert released.main(["--freeze", "99.0.0"]) == 0
    assert released.digest("99.0.0") in capsys.readouterr().out
    assert released.shapes_of("99.0.0") == sorted(shapes.SHAPES)
    assert released.versions()[-1] == "99.0.0"
    assert released.main(["--freeze", "99.0.0"]) == 1
    assert released.main(["--freeze", "2.0.0"]) == 1
    assert "99.0.0 is frozen already" in capsys.readouterr().err


@pytest.mark.parametrize("version", ["next", "1.0", "1.0.0-rc1", "../1.0.0"])
def test_what_is_no_version_is_not_frozen(
    version: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert released.main(["--freeze", version]) == 1
    assert "no version" in capsys.readouterr().err


def test_versions_are_in_the_order_of_their_numbers(folder: Path) -> None:
    for version in ("10.0.0", "9.10.0", "9.9.0"):
        (folder / version).mkdir()
    assert released.versions()[-3:] == ["9.9.0", "9.10.0", "10.0.0"]


def test_a_broken_promise_is_a_line_and_nothing_is_frozen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / LAST / "gateway-frames.schema.json"
    old = json.loads(path.read_text())
    old["definitions"]["Reset"]["properties"]["why"] = {"type": "string"}
    path.write_text(json.dumps(old))
    assert released.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert (
        f"this breaks what {LAST} promised: gateway-frames: reset.why: this field is gone" in said
    )
    assert released.main(["--freeze", "99.0.0"]) == 1
    assert not (folder / "99.0.0").exists()


def test_a_schema_that_goes_is_a_broken_promise(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = {name: shape for name, shape in shapes.SHAPES.items() if name != "life"}
    monkeypatch.setattr(released, "SHAPES", fewer)
    assert released.broken_since(LAST) == ["life: there is no such schema any more"]


def test_another_call_is_told_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert released.main([]) == 2
    assert "--freeze VERSION" in capsys.readouterr().err


def test_what_it_refused_of_events_has_a_reason_still() -> None:
    for one in released.frozen(LAST, "events")["refused"]:
        if "event" not in one or "pad" in one:
            continue
        with pytest.raises(InvalidEvent):
            parse_event(json.dumps(one["event"]).encode())


def test_what_was_no_document_is_none() -> None:
    for one in released.frozen(LAST, "documents")["refused_ids"]:
        with pytest.raises(InvalidDocument):
            parse_document(one)

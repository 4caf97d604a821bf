"""The JSON Schemas follow the types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import generate
from tests.unit.schemas.golden import golden


def test_what_is_committed_is_not_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(generate, "CORPUS", tmp_path / "bus.json")
    (tmp_path / "bus.json").write_text("{}")
    generate.main([])
    assert generate.main(["--check"]) == 0
    (tmp_path / "bus.json").write_text('{"1": "as it was"}')
    assert generate.main(["--check"]) == 1
    assert "bus.json" in capsys.readouterr().err
    generate.main([])
    assert json.loads((tmp_path / "bus.json").read_text())["1"] == "as it was"
    (tmp_path / "event.schema.json").write_text("{}")
    assert generate.main(["--check"]) == 1
    assert "event.schema.json" in capsys.readouterr().err


def test_golden_frames_satisfy_the_generated_schemas() -> None:
    import jsonschema

    texts = generate.schemas()
    for side, name in (("client", "client-frames"), ("gateway", "gateway-frames")):
        validator = jsonschema.Draft202012Validator(json.loads(texts[f"{name}.schema.json"]))
        for frame in golden("frames")[side]:
            assert not list(validator.iter_errors(frame)), frame

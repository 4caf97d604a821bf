"""What is generated follows the types."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from schemas import generate


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copytree(generate.ROOT / "schemas" / "golden", tmp_path / "schemas" / "golden")
    assert generate.main([], tmp_path) == 0
    return tmp_path


def test_what_is_committed_is_not_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "schemas/generated/event.schema.json",
        "schemas/generated/asyncapi.json",
        "browser/types/contract.d.ts",
    ],
)
def test_a_stale_file_is_named_and_so_is_one_that_is_missing(
    name: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(["--check"], checkout) == 0
    (checkout / name).write_text("{}")
    assert generate.main(["--check"], checkout) == 1
    (checkout / name).unlink()
    assert generate.main(["--check"], checkout) == 1
    assert capsys.readouterr().err.count(f"{name} is stale: run `make schemas`") == 2


def test_a_schema_of_nothing_is_stale(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "schemas" / "generated" / "gone.schema.json").write_text("{}")
    assert generate.main(["--check"], checkout) == 1
    assert "gone.schema.json" in capsys.readouterr().err


def test_older_sections_of_the_corpus_stay_as_they_are(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = checkout / generate.CORPUS
    corpus.write_text('{"1": "as it was"}')
    assert generate.main(["--check"], checkout) == 1
    assert "bus.json" in capsys.readouterr().err
    generate.main([], checkout)
    assert json.loads(corpus.read_text())["1"] == "as it was"
    assert generate.main(["--check"], checkout) == 0

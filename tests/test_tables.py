"""Pages that promise what code and tests keep: each line names both; here they are looked up."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
ROW: Final = re.compile(r"^\| (?!what \||no\. \|)(.+) \|$", re.MULTILINE)
UNITS: Final = {
    "": 1.0, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "ms": 0.001, "s": 1, "min": 60
}  # fmt: skip


def rows(page: str) -> list[list[str]]:
    """The cells of every table of a page, without its head lines."""
    text = (ROOT / "docs" / page).read_text()
    return [row.split(" | ") for row in ROW.findall(text)]


def number(said: str) -> float | None:
    """``64 KiB``, ``50,000``, ``10 s``; times in seconds. ``None`` for words."""
    match = re.fullmatch(r"([\d,]+)(?: (\w+))?", said)
    return float(match[1].replace(",", "")) * UNITS[match[2] or ""] if match else None


def constant(name: str) -> object:
    """What the code says: of a module, of a settings class, or of the browser client."""
    if ".js:" in name:
        path, _, name = name.partition(":")
        found = re.search(rf"^(?:export )?const {name} = ([\d_]+);", _text(path), re.MULTILINE)
        return int(found[1]) if found else None
    module, _, name = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        module, _, owner = module.rpartition(".")
        fields = dataclasses.fields(getattr(importlib.import_module(module), owner))
        return next(field.default for field in fields if field.name == name)


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text()


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse(_text(path))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def exists(test: str) -> bool:
    """``unit/hub/test_x.py::test_x`` under ``tests``, or ``browser/test/x.test.js::its title``."""
    path, _, name = test.partition("::")
    if path.endswith(".js"):
        return (ROOT / path).is_file() and f'test("{name}' in _text(path)
    path = f"tests/{path}"
    return (ROOT / path).is_file() and name in _tests(path)


@pytest.mark.parametrize("row", rows("bounds.md"), ids=lambda row: row[0][:60])
def test_a_bound_is_what_the_page_says_and_is_met(row: list[str]) -> None:
    _, said, name, then, test = row
    value = constant(name.strip("`"))
    assert value is not None, f"{name} is not there"
    expected = number(said)
    if expected is None:
        assert callable(value) or value == said
    else:
        assert isinstance(value, int | float)
        assert value * (0.001 if name.strip("`").endswith("_MS") else 1) == pytest.approx(expected)
    assert then
    assert exists(test.strip("`")), test


def test_the_limits_of_the_contract_are_on_the_page() -> None:
    """All that bound something which grows; the rest are lengths of words and paces."""
    page = (ROOT / "docs/bounds.md").read_text()
    source = _text("schemas/limits.py") + _text("schemas/topology.py")
    names = re.findall(r"^([A-Z_]+): Final = ", source, re.MULTILINE)
    growing = [name for name in names if re.search(r"_PER_|^HISTORY|^REPLAY|^LOG_|^SOCKET", name)]
    missing = [name for name in growing if f".{name}`" not in page]
    assert missing == ["LOG_REPLAY_RECORDS", "LOG_STATE_EVERY_BYTES"]


@pytest.mark.parametrize("row", rows("interleavings.md"), ids=lambda row: row[0])
def test_what_breaks_the_obvious_designs_is_met(row: list[str]) -> None:
    _, happens, instead, tests = row
    assert happens
    named = re.findall(r"`([^`]+)`", tests)
    assert [name for name in named if not exists(name)] == []
    assert named or (tests == "not yet" and instead.startswith("Not yet"))


def test_none_of_them_is_left_out() -> None:
    numbers = [row[0].partition(".")[0] for row in rows("interleavings.md")]
    letters = "AAAAAAAABCAABCAAAAAAABAABAAABBBCCBC"
    expected = {f"{letter}{place}" for place, letter in enumerate(letters, 1)}
    assert set(numbers) == expected | {f"E{place}" for place in range(1, 25)}


def test_the_pages_are_read() -> None:
    assert len(rows("bounds.md")) > 80
    assert not exists("unit/hub/test_fold.py::test_that_nobody_wrote")
    assert not exists("browser/test/small.test.js::that nobody wrote")
    assert (number("64 KiB"), number("10 min"), number("7D")) == (65536, 600, None)

"""Releases of the contract, frozen in ``schemas/released/<version>/``: schemas and golden vectors.

``python -m schemas.released --check`` exits 1 when the schemas of now break what the last release
promised; ``python -m schemas.released --freeze 0.2.0`` keeps the schemas and vectors of now as
those of 0.2.0. What was frozen is never written again: every later version must still read it
(``tests/unit/schemas/test_released.py``).
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from schemas.compatibility import breaks
from schemas.shapes import SHAPES, schema

FOLDER: Final = Path(__file__).parent / "released"
GOLDEN: Final = Path(__file__).parent / "golden"
KEPT: Final = ("frames", "events", "bus", "documents")
"""Vectors that are frozen with the schemas."""
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_SCHEMA: Final = ".schema.json"


def versions() -> list[str]:
    """What was released, oldest first."""
    found = [one.name for one in FOLDER.iterdir() if _VERSION.fullmatch(one.name)]
    return sorted(found, key=_numbers)


def frozen(version: str, name: str) -> Any:
    """A file of a release: a schema by the name of its shape, or a vector by its own."""
    ending = _SCHEMA if name in SHAPES else ".golden.json"
    return json.loads((FOLDER / version / f"{name}{ending}").read_text("utf-8"))


def shapes_of(version: str) -> list[str]:
    """Names of the shapes a release had."""
    return sorted(
        path.name.removesuffix(_SCHEMA) for path in (FOLDER / version).glob(f"*{_SCHEMA}")
    )


def digest(version: str) -> str:
    """Of all that was frozen."""
    whole = hashlib.sha256()
    for path in sorted((FOLDER / version).iterdir()):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def broken_since(version: str) -> list[str]:
    """A line for each promise of ``version`` that the schemas of now do not keep."""
    lines = []
    for name in shapes_of(version):
        if name not in SHAPES:
            lines.append(f"{name}: there is no such schema any more")
            continue
        role = SHAPES[name].role
        found = breaks(frozen(version, name), schema(name), role)
        lines += [f"{name}: {one}" for one in found]
    return lines


def freeze(version: str) -> Path:
    """Keep what is said now as that version's. Returns the new folder.

    Raises:
        ValueError: It is no version, not a later one than the last, or breaks what that promised.
    """
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version; like this: 0.2.0")
    if (earlier := versions()) and _numbers(version) <= _numbers(earlier[-1]):
        raise ValueError(f"{earlier[-1]} is frozen already, and never written again")
    if earlier and (broken := broken_since(earlier[-1])):
        raise ValueError(f"it breaks {earlier[-1]}: {'; '.join(broken)}")
    folder = FOLDER / version
    folder.mkdir(parents=True)
    for name in SHAPES:
        text = json.dumps(schema(name), indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}{_SCHEMA}").write_text(text, "utf-8")
    for name in KEPT:
        (folder / f"{name}.golden.json").write_bytes((GOLDEN / f"{name}.json").read_bytes())
    return folder


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    match arguments:
        case ["--check"]:
            last = versions()[-1]
            for line in (broken := broken_since(last)):
                print(f"this breaks what {last} promised: {line}", file=sys.stderr)
            return 1 if broken else 0
        case ["--freeze", version]:
            try:
                folder = freeze(version)
            except ValueError as error:
                print(f"not frozen: {error}", file=sys.stderr)
                return 1
            print(f"wrote schemas/released/{folder.name}; for tests/unit/schemas/test_released.py:")
            print(f'    "{version}": "{digest(version)}",')
            return 0
    print("python -m schemas.released --check | --freeze VERSION", file=sys.stderr)
    return 2


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes the contract as files, for other languages and for eyes: JSON Schema and AsyncAPI into
``schemas/generated/``, TypeScript types into ``browser/types/``.

And this version's section of ``schemas/golden/bus.json``, see ``corpus``. ``python -m
schemas.generate`` writes, ``--check`` exits 1 when what is there is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from schemas import asyncapi, corpus, shapes, typescript

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = Path("schemas", "generated")
TYPES: Final = Path("browser", "types", "contract.d.ts")
CORPUS: Final = Path("schemas", "golden", "bus.json")
FRAMES: Final = Path("schemas", "golden", "frames.json")
EVENTS: Final = Path("schemas", "golden", "events.json")


def files(root: Path) -> dict[Path, str]:
    """Every generated file of a checkout and what should be in it."""
    written = (root / CORPUS).read_text("utf-8")
    golden = {path.stem: json.loads((root / path).read_text("utf-8")) for path in (FRAMES, EVENTS)}
    return {
        **{FOLDER / f"{name}.schema.json": text(shapes.schema(name)) for name in shapes.SHAPES},
        FOLDER / "asyncapi.json": text(asyncapi.document(golden["frames"], golden["events"])),
        TYPES: typescript.text(),
        CORPUS: bus(written),
    }


def text(value: Any) -> str:
    """JSON as we keep it."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def bus(written: str) -> str:
    """The corpus with this version's section brought up to date; all others stay as they are."""
    return text({**json.loads(written), str(corpus.BUS): corpus.section()})


def stale(root: Path) -> list[Path]:
    """Files that are not as they should be, or should not be there."""
    wanted = files(root)
    there = {path.relative_to(root) for path in (root / FOLDER).glob("*.json")}
    differ = {path for path, text in wanted.items() if _read(root / path) != text}
    return sorted(differ | (there - wanted.keys()))


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write, or with ``--check`` compare. Returns the exit code."""
    if arguments == ["--check"]:
        for path in (old := stale(root)):
            print(f"{path} is stale: run `make schemas`", file=sys.stderr)
        return 1 if old else 0
    for path, content in files(root).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, "utf-8")
        print(f"wrote {path}")
    return 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes ``schemas/generated/``: the contract as JSON Schema, for other languages and for eyes.

And this version's section of ``schemas/golden/bus.json``, see ``corpus``. ``python -m
schemas.generate`` writes, ``--check`` exits 1 when what is there is stale.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas import corpus, events, frames, log, messages

FOLDER: Final = Path(__file__).parent / "generated"
CORPUS: Final = Path(__file__).parent / "golden" / "bus.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_FILES: Final[Mapping[str, tuple[str, list[Any]]]] = {
    "client-frames": ("Browser to gateway, JSON.", [frames.ClientFrame]),
    "gateway-frames": ("Gateway to browser, JSON.", [frames.GatewayFrame]),
    "event": (
        "A CloudEvent on hub.in or POST /v1/events, and the data of presently.change. JSON.",
        [events.Envelope, events.ChangeData],
    ),
    "to-shard": (
        "Gateway to a shard's owner on hub.clients, msgpack; binary is base64 here.",
        [messages.ToShard],
    ),
    "life": ("Connections beginning and ending, on hub.clients, msgpack.", [messages.Life]),
    "to-gateway": ("A shard's owner to one gateway on hub.events, msgpack.", [messages.Replies]),
    "control": ("Everybody to everybody on hub.control, msgpack.", [messages.Control]),
    "log": ("Records of hub.log.<kk>, msgpack.", [log.Record]),
}


def schemas() -> dict[str, str]:
    """File name → text of every generated file."""
    return {
        f"{name}.schema.json": _text(name, about, types) for name, (about, types) in _FILES.items()
    }


def _text(name: str, about: str, types: list[Any]) -> str:
    tops, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    schema = {
        "$schema": DIALECT,
        "title": f"Presently: {name}",
        "description": about,
        **(tops[0] if len(tops) == 1 else {"anyOf": list(tops)}),
        "$defs": dict(sorted(components.items())),
    }
    return json.dumps(_clean(schema), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def _clean(schema: Any) -> Any:
    """The same with descriptions dedented: Python 3.13 does so by itself, 3.11 does not."""
    if isinstance(schema, dict):
        return {
            name: inspect.cleandoc(value)
            if name == "description" and isinstance(value, str)
            else _clean(value)
            for name, value in schema.items()
        }
    if isinstance(schema, list):
        return [_clean(value) for value in schema]
    return schema


def bus(written: str) -> str:
    """The corpus with this version's section brought up to date; all others stay as they are."""
    sections = {**json.loads(written), str(corpus.BUS): corpus.section()}
    return json.dumps(sections, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare. Returns the exit code."""
    wanted = schemas()
    if arguments == ["--check"]:
        stale = [
            name
            for name, text in wanted.items()
            if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
        ]
        stale += {path.name for path in FOLDER.glob("*.schema.json")} - wanted.keys()
        if CORPUS.read_text("utf-8") != bus(CORPUS.read_text("utf-8")):
            stale.append(f"../golden/{CORPUS.name}")
        for name in sorted(stale):
            print(f"schemas/generated/{name} is stale: run `make schemas`", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"wrote schemas/generated/{name}")
    CORPUS.write_text(bus(CORPUS.read_text("utf-8")), "utf-8")
    print(f"wrote schemas/golden/{CORPUS.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

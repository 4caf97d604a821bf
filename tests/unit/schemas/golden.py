"""The golden vectors, read from their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[3] / "schemas" / "golden"


def golden(name: str) -> Any:
    """What ``schemas/golden/<name>.json`` holds."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))

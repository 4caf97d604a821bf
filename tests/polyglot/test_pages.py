"""Every snippet of the pages for other languages is a file that is run, or is carried out here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Final

import jwt
import pytest

from tests.polyglot.conftest import House
from tests.polyglot.languages import NODE, PRODUCERS, RECIPES, ROOT, RUBY_RECIPE
from tests.polyglot.programs import Ended, run
from tests.polyglot.users import PAGE
from tests.support.stack import JWT_KEY

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

PAGES: Final = (
    PAGE, PRODUCERS / "node/README.md", PRODUCERS / "go/README.md", RECIPES / "README.md",
)  # fmt: skip
BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CARRIED_OUT: Final = ("npm install", "go mod edit", "echo")
"""How the blocks begin that tests below carry out; ``house`` those of ``rabbitmqctl``."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each."""
    return BLOCK.findall(page.read_text("utf-8"))


def block(page: Path, begins: str) -> str:
    """The one that begins so."""
    (text,) = (text for _, text in blocks(page) if text.startswith(begins))
    return text


def files_run() -> list[str]:
    """Examples: all but tests are run in ``test_packages`` and the like, tests by the Makefile."""
    paths = [
        *PRODUCERS.glob("node/examples/*.js"),
        *PRODUCERS.glob("go/examples/*/main.go"),
        PRODUCERS / "go/example_test.go",
    ]
    return [path.read_text("utf-8") for path in paths]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
async def test_every_snippet_is_run(page: Path) -> None:
    files = files_run()
    assert blocks(page)
    for language, text in blocks(page):
        if language in ("js", "go"):
            assert any(text in file for file in files), text
        elif text.startswith(CARRIED_OUT):
            assert language == "sh", text
        else:
            assert language == "sh", text
            assert all(line.startswith("rabbitmqctl ") for line in text.splitlines()), text


async def carry_out(command: str, folder: Path) -> Ended:
    """As a shell does that finds this project's npm and Go."""
    path = f"{ROOT / 'scripts'}{os.pathsep}{os.environ['PATH']}"
    ended = await run(("bash", "-euc", command), folder, PATH=path, JWT_KEY=JWT_KEY)
    assert ended.code == 0, ended
    return ended


def application(folder: Path) -> Path:
    """A folder beside a checkout, as the pages have it."""
    (folder / "presently").symlink_to(ROOT)
    app = folder / "app"
    app.mkdir()
    return app


def assert_a_token(ended: Ended) -> None:
    claims = jwt.decode(ended.lines[-1], JWT_KEY, algorithms=["HS256"], audience="presently")
    assert claims["sub"] == "fry"


async def test_an_application_installs_the_node_package(tmp_path: Path) -> None:
    app = application(tmp_path)
    (app / "package.json").write_text('{"type": "module"}')
    for name in ("token.js", "comment.test.js"):
        shutil.copy(PRODUCERS / "node/examples" / name, app)
    await carry_out(block(PRODUCERS / "node/README.md", "npm install"), app)
    assert_a_token(await carry_out(f"{shlex.quote(NODE)} token.js", app))
    await carry_out(f"{shlex.quote(NODE)} --test", app)


async def test_an_application_uses_the_go_package(tmp_path: Path) -> None:
    app = application(tmp_path)
    await carry_out("go mod init example.com/app", app)
    shutil.copy(PRODUCERS / "go/examples/token/main.go", app)
    await carry_out(block(PRODUCERS / "go/README.md", "go mod edit"), app)
    assert_a_token(await carry_out("go run .", app))


async def test_a_line_into_a_recipe_is_published(house: House) -> None:
    command = block(RECIPES / "README.md", "echo")
    ours, replaced = re.subn(r"amqp://\S+", shlex.quote(house.urls["amqp"]), command)
    assert replaced == 1
    ended = await carry_out(ours, RUBY_RECIPE.folder)
    assert ended.lines[0].endswith(" :03.article.42")

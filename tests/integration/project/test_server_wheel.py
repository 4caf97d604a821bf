"""The wheel of `presently-server`: everything it needs at run time is inside, the SDK is not."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `Dockerfile` does it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    ours = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *ours], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpacked far away from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> str:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PRESENTLY_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=installed,
        env={**environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("browser/src", "*.js"),
        ("demo", "*.sql"),
        ("demo/static", "*.js"),
        ("demo/templates", "*.html"),
        ("producers/postgres/migrations", "*.sql"),
        ("schemas/generated", "*.json"),
    ],
)
def test_the_files_that_are_not_python_are_in(installed: Path, folder: str, pattern: str) -> None:
    here = {path.name for path in (ROOT / folder).glob(pattern)}
    assert here
    assert {path.name for path in (installed / folder).glob(pattern)} == here


def test_nothing_else_is_in(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    packages = {"schemas", "broker", "gateway", "hub", "producers", "presently_server", "demo"}
    assert tops == packages | {"browser"}
    assert not (installed / "producers" / "python").exists()


def test_the_command_runs_from_it(installed: Path) -> None:
    where = run(installed, "-c", "import presently_server.cli as c; print(c.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    assert "presently dev" in run(installed, "-m", "presently_server", "--help")


def test_the_demo_finds_the_browser_client(installed: Path) -> None:
    asking = "from demo.settings import Settings as S; print(S(database='', jwt_key='').browser)"
    found = Path(run(installed, "-c", asking).strip())
    assert found.is_relative_to(installed)
    assert (found / "index.js").is_file()

"""A Django project's own tests of Presently, run by Django, with each Django that we support."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = "tests.integration.presently_sdk.django_project"
PYTHONS = {"5.2": sys.executable, "4.2": str(ROOT / ".venv" / "django42" / "bin" / "python")}
"""The older one is made by `make .venv/.django42`, of which `make test` takes care."""


SDK = ROOT / "producers" / "python"


def django(
    python: str, database: str, *arguments: str, sdk: Path = SDK
) -> subprocess.CompletedProcess[str]:
    """``manage.py`` of the project, on this database, with the SDK of this folder."""
    assert Path(python).exists(), f"there is no {python}: make .venv/.django42"
    return subprocess.run(
        [python, "-W", "error", "-m", "django", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(sdk), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": f"{PROJECT}.settings",
            "DJANGO_DATABASE_URL": database,
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.postgres
@pytest.mark.parametrize(("version", "processes"), [("5.2", "2"), ("4.2", "1")])
def test_the_projects_tests_pass(version: str, processes: str, empty_database_url: str) -> None:
    python = PYTHONS[version]
    said = django(python, empty_database_url, "version").stdout
    assert said.startswith(f"{version}.")
    options = ["--pattern", "*_tests.py", "--parallel", processes, "--noinput"]
    done = django(python, empty_database_url, "test", PROJECT, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ran 0 tests" not in done.stderr

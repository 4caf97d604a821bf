"""The example's own tests, run as its README says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.processes import ROOT, environment

pytestmark = pytest.mark.postgres


def test_its_own_tests_pass(database_url: str) -> None:
    env = {"DATABASE_URL": database_url, "JWT_KEY": "k" * 32, "GATEWAY_URL": "ws://localhost/"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "examples/fastapi"],
        cwd=ROOT,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout

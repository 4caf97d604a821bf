"""What a fork may not meet; `tests/integration/presently_sdk/test_prefork.py` forks."""

from __future__ import annotations

import subprocess
import sys


def test_a_host_is_looked_up_without_an_import() -> None:
    """A fork while another thread imports leaves the child waiting for that import for ever."""
    code = "import presently, sys; sys.exit('encodings.idna' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

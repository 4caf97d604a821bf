"""A server as a process of its own, in a session that ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
STOP_SECONDS: Final = 20.0


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without settings of Presently, and with what the application is told."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PRESENTLY_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "producers" / "python")])
    return {**kept, "PYTHONPATH": path, **more}


@contextmanager
def server(
    module: str, *arguments: str, log: Path, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m module``. Asked to stop at the end; must do so in good time and order."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
        process.terminate()
        code = process.wait(STOP_SECONDS)
        # Some raise the signal again once they have tidied up, as one should.
        assert code in (0, -signal.SIGTERM), f"ended with {code}:\n{log.read_text()}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # the session is the server's alone
            process.wait()

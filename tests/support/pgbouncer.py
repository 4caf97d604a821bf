"""A private PgBouncer before a private PostgreSQL, as a fixture would want it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.support.eventually import eventually_sync
from tests.support.ports import free_port

OTHERS = "/usr/sbin/pgbouncer"  # where Debian puts it, and a user's PATH does not look


@contextmanager
def pgbouncer(
    url: str, mode: Literal["transaction", "session"], *, ignores: str = "extra_float_digits"
) -> Iterator[str]:
    """Run it before the database of `url`; the same database's URL through it.

    Args:
        ignores: The start-up parameters of clients that it swallows; it refuses all others.
    """
    binary = shutil.which("pgbouncer") or OTHERS
    assert Path(binary).exists(), "no PgBouncer here: scripts/system_packages"
    parts, port = urlsplit(url), free_port()
    base = Path(tempfile.mkdtemp(prefix="presently-pgbouncer-"))
    try:
        base.chmod(0o755)
        (base / "users").write_text('"postgres" ""\n')
        (base / "settings.ini").write_text(
            f"[databases]\n* = host={parts.hostname} port={parts.port} user={parts.username}"
            f"{f' password={parts.password}' if parts.password else ''}\n"
            f"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n"
            f"auth_type=any\nauth_file={base / 'users'}\npool_mode={mode}\n"
            f"ignore_startup_parameters={ignores}\n"
        )
        with (base / "log").open("wb") as log:
            process = subprocess.Popen(
                [binary, str(base / "settings.ini")], stdout=log, stderr=log, **_not_as_root()
            )
            try:
                eventually_sync(lambda: _answers(port), what="PgBouncer takes connections")
                yield f"postgresql://postgres@127.0.0.1:{port}{parts.path}"
            finally:
                process.terminate()
                process.wait(10)
    finally:
        shutil.rmtree(base)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _not_as_root() -> dict[str, Any]:
    """It refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

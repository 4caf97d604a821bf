"""A private RabbitMQ in a container, for machines that have Docker and no `rabbitmq-server`."""

import os
import shutil
import socket
import subprocess
from typing import Final

from tests.support.eventually import eventually_sync
from tests.support.ports import free_port

IMAGE: Final = os.environ.get("RABBITMQ_IMAGE", "rabbitmq:4.1")
STARTS_WITHIN: Final = 180.0


def docker_runs() -> bool:
    """Whether there is a Docker that answers."""
    return shutil.which("docker") is not None and _docker("version", check=False) is not None


class DockerRabbit:
    """As `rabbit_node.RabbitNode`; its Erlang is asked through the container, which is slower."""

    can_restart: Final = True

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._container: str | None = None

    def start(self) -> None:
        """Return once AMQP answers."""
        if self._container is None:
            publish = f"127.0.0.1:{self.port}:5672"
            self._container = _docker("run", "--detach", "--rm=false", "--publish", publish, IMAGE)
        else:
            _docker("start", self._container)
        eventually_sync(self._answers, within=STARTS_WITHIN, what=f"{IMAGE} on {self.port}")

    def stop(self, *, hard: bool = False) -> None:
        """End the broker: in good order, or as a power cut would (`hard`). Data stay."""
        if self._container is not None:
            _docker("kill" if hard else "stop", self._container)

    def restart(self, *, hard: bool = False) -> None:
        """Stop and start again, same port and data."""
        self.stop(hard=hard)
        self.start()

    def close(self) -> None:
        """Remove the container and its data."""
        if self._container is not None:
            _docker("rm", "--force", "--volumes", self._container)
            self._container = None

    def eval(self, expression: str) -> str:
        """Return the value of an Erlang expression inside the broker, as text."""
        assert self._container is not None
        text = f"{expression.rstrip('.')}."
        return _docker("exec", self._container, "rabbitmqctl", "eval", text) or ""

    def add_vhost(self, name: str) -> str:
        """Create an empty vhost that the guest may do everything in; return its URL."""
        assert self._container is not None
        _docker("exec", self._container, "rabbitmqctl", "add_vhost", name)
        grant = ("set_permissions", "--vhost", name, "guest", ".*", ".*", ".*")
        _docker("exec", self._container, "rabbitmqctl", *grant)
        return f"{self.url}{name}"

    def drop_vhost(self, name: str) -> None:
        """Delete a vhost with all that is in it."""
        assert self._container is not None
        _docker("exec", self._container, "rabbitmqctl", "delete_vhost", name)

    def _answers(self) -> bool:
        """Whether AMQP is spoken; Docker itself accepts connections before the broker does."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


def _docker(*arguments: str, check: bool = True) -> str | None:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout.strip()
    if check:
        raise RuntimeError(f"docker {arguments[0]}: {done.stderr.strip()}")
    return None

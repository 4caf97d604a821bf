"""The scaled-out shape on one machine: hub, gateways and relay as processes of their own.

Each is started by the command an operator would type, on free loopback ports, told what it needs
by ``PRESENTLY_*`` alone, and ended by its process id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import presently
from tests.support.eventually import eventually
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
JWT_KEY = "a key of the tests that is longer than thirty-two bytes"
API_KEY = "an-api-key-of-the-tests"
RIGHTS = {"article.*": "edit", "site.*": "read", "memo.*": "send", "page.*": "edit"}
START_SECONDS = 30.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Version:
    """Which program to run: a module with our command line, and the folder to run it in."""

    module: str = "presently_server"
    root: Path = ROOT


THIS = Version()


@dataclass
class Service:
    """One process of ours."""

    kind: str
    number: int
    folder: Path
    environment: Mapping[str, str]
    ops_port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None
    version: Version = THIS

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.kind} {self.number}"

    @property
    def output(self) -> Path:
        """Where it prints."""
        return self.folder / f"{self.kind}-{self.number}.log"

    async def start(self, *, within: float = START_SECONDS) -> None:
        """Start it and return once it says that it is ready."""
        with self.output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.version.module,
                self.kind,
                cwd=self.version.root,
                env=_clean_environment()
                | dict(self.environment)
                | {"PRESENTLY_OPS_LISTEN": f"127.0.0.1:{self.ops_port}"},
                stdout=output,
                stderr=output,
            )
        await eventually(self._ready, within=within, what=f"{self.name} ready")

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; returns its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
                raise AssertionError(f"{self.name} did not end: {self.said()}") from None
        code = self.process.returncode
        assert code is not None
        return code

    def said(self) -> str:
        """All it printed."""
        return self.output.read_text("utf-8", "replace")

    async def _ready(self) -> bool:
        assert self.process is not None
        if self.process.returncode is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.said()}")
        return await asyncio.to_thread(answers, f"http://127.0.0.1:{self.ops_port}/readyz")


@dataclass
class Gateway(Service):
    """A gateway process and where it listens."""

    url: str = ""
    api: str = ""


@dataclass
class Stack:
    """Everything that runs."""

    amqp_url: str
    database_url: str
    folder: Path
    gateways: list[Gateway] = field(default_factory=list)
    hubs: list[Service] = field(default_factory=list)
    relays: list[Service] = field(default_factory=list)

    async def add_gateway(
        self, more: Mapping[str, str] | None = None, version: Version = THIS
    ) -> Gateway:
        """One more gateway."""
        listen, api = free_port(), free_port()
        environment = self._environment() | {
            "PRESENTLY_LISTEN": f"127.0.0.1:{listen}",
            "PRESENTLY_API_LISTEN": f"127.0.0.1:{api}",
            "PRESENTLY_API_KEYS": API_KEY,
            "PRESENTLY_JWT_KEYS": JWT_KEY,
            "PRESENTLY_DRAIN_DELAY": "0",
            "PRESENTLY_DRAIN_WINDOW": "0",
        }
        gateway = Gateway(
            "gateway",
            len(self.gateways),
            self.folder,
            environment | dict(more or {}),
            version=version,
            url=f"ws://127.0.0.1:{listen}/",
            api=f"http://127.0.0.1:{api}",
        )
        self.gateways.append(gateway)
        await gateway.start()
        return gateway

    async def add_hub(
        self, more: Mapping[str, str] | None = None, version: Version = THIS
    ) -> Service:
        """One more hub worker."""
        environment = self._environment() | dict(more or {})
        hub = Service("hub", len(self.hubs), self.folder, environment, version=version)
        self.hubs.append(hub)
        await hub.start()
        return hub

    async def add_relay(self, more: Mapping[str, str] | None = None) -> Service:
        """One more relay."""
        environment = self._environment() | {"PRESENTLY_DATABASE_URL": self.database_url}
        environment |= dict(more or {})
        relay = Service("relay", len(self.relays), self.folder, environment)
        self.relays.append(relay)
        await relay.start()
        return relay

    def services(self) -> list[Service]:
        """All of them, in the order in which they are ended."""
        return [*self.gateways, *self.relays, *self.hubs]

    def _environment(self) -> dict[str, str]:
        return {"PRESENTLY_AMQP_URL": self.amqp_url}


@contextlib.asynccontextmanager
async def running_stack(
    amqp_url: str, database_url: str, folder: Path, *, gateways: int = 2
) -> AsyncIterator[Stack]:
    """A hub, gateways and a relay; ended in order, each with exit code 0 and no traceback."""
    stack = Stack(amqp_url, database_url, folder)
    try:
        await stack.add_hub()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(gateways):
                tasks.create_task(stack.add_gateway())
            tasks.create_task(stack.add_relay())
        yield stack
    finally:
        codes = {service.name: await _end(service) for service in stack.services()}
    assert set(codes.values()) <= {0}, (codes, [service.said() for service in stack.services()])
    for service in stack.services():
        assert "Traceback" not in service.said(), service.said()


def token(user: str, rights: Mapping[str, str] = RIGHTS, *, ttl: int = 3600) -> str:
    """A token as an application would mint it."""
    return presently.mint_token(JWT_KEY, user, rights, name=user.capitalize(), ttl=ttl)


def get(api: str, path: str) -> Any:
    """What the HTTP API answers."""
    request = urllib.request.Request(api + path, headers={"Authorization": f"Bearer {API_KEY}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def answers(url: str) -> bool:
    """Whether a GET of this URL is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def _end(service: Service) -> int:
    if service.process is None or service.process.returncode is not None:
        return service.process.returncode or 0 if service.process else 0
    return await service.stop()


def _clean_environment() -> dict[str, str]:
    ours = {name for name in os.environ if name.startswith("PRESENTLY_")}
    return {name: value for name, value in os.environ.items() if name not in ours}

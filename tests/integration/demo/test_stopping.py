"""The demo as a process of its own ends as it is asked to."""

import asyncio
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.presently_server.process import environment
from tests.support.eventually import eventually
from tests.support.ports import free_port

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_with_0(empty_database_url: str, tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    settings = {
        "DEMO_PORT": str(port),
        "DEMO_DATABASE_URL": empty_database_url,
        "DEMO_JWT_KEY": "k" * 40,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo"),
        cwd=tmp_path,
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with httpx.AsyncClient() as client:

        async def answers() -> bool:
            assert process.returncode is None
            try:
                return (await client.get(f"http://127.0.0.1:{port}/healthz")).is_success
            except httpx.TransportError:
                return False

        await eventually(answers, within=30)
        process.send_signal(how)
        async with asyncio.timeout(10):
            out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    assert "Traceback" not in out.decode()

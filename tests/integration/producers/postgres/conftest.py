"""Connections to a fresh database with our migrations, and a bus with nobody but us on it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from broker.memory import Bus
from tests.integration.producers.postgres.shards import Shards, declare_installation


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """One writer's session."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another writer's session."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def bus() -> Bus:
    """A broker in memory with everything declared."""
    bus = Bus()
    await declare_installation(await bus.connect("test hub"))
    return bus


@pytest.fixture
async def shards(bus: Bus) -> Shards:
    """The hub's end of it."""
    return Shards(bus.connect)

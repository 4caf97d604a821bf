"""A running stack for each journey: processes of their own on RabbitMQ and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from tests.support.stack import Stack, running_stack

ARTICLES = """
CREATE TABLE article (
    id int PRIMARY KEY,
    title text NOT NULL,
    password_hash text NOT NULL DEFAULT '',
    updated_by text NOT NULL DEFAULT 'nobody'
);
INSERT INTO article (id, title) SELECT id, 'Title ' || id FROM generate_series(1, 100) AS id;
SELECT presently.capture(
    'public.article', 'article.{id}', columns => '{title}', actor => 'updated_by'
);
CREATE TABLE memo (id int PRIMARY KEY, password_hash text NOT NULL);
SELECT presently.capture('public.memo', 'memo.{id}');
"""


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A writer's connection to a database with captured tables."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(ARTICLES)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def stack(
    amqp_url: str, database_url: str, database: asyncpg.Connection, tmp_path: Path
) -> AsyncIterator[Stack]:
    """A hub, two gateways and a relay on RabbitMQ and PostgreSQL."""
    async with running_stack(amqp_url, database_url, tmp_path) as stack:
        yield stack

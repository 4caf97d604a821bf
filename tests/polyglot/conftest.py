"""One installation for all languages: a broker, a hub, a gateway, and users with few rights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.polyglot import users
from tests.support.rabbit import Rabbit
from tests.support.stack import Gateway, Stack

VHOST = "polyglot"


@dataclass(frozen=True)
class House:
    """Attributes:
    amqp_url: As a user who may do anything.
    urls: What a publisher is given, by scheme; the user may write to ``hub.in`` only.
    listen_url: What a listener is given.
    topic_url: Of a user who may publish to one collection only.
    """

    gateway: Gateway
    amqp_url: str
    urls: dict[str, str]
    listen_url: str
    topic_url: str


@pytest.fixture(scope="session")
def polyglot_url(restartable_rabbit: Rabbit) -> Iterator[str]:
    """A vhost for all of these tests, on a broker whose users are ours to add."""
    yield restartable_rabbit.add_vhost(VHOST)
    restartable_rabbit.drop_vhost(VHOST)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    restartable_rabbit: Rabbit, polyglot_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A hub and a gateway as processes of their own."""
    folder: Path = tmp_path_factory.mktemp("polyglot")
    stack = Stack(polyglot_url, "", folder)
    assert users.add_users(restartable_rabbit, VHOST) == ["shop", "articles", "listener"]
    try:
        await stack.add_hub()
        gateway = await stack.add_gateway()
        yield House(
            gateway,
            polyglot_url,
            {"amqp": users.url_of("shop", polyglot_url), "http": gateway.api},
            users.url_of("listener", polyglot_url),
            users.url_of("articles", polyglot_url),
        )
    finally:
        for service in stack.services():
            assert await service.stop() == 0, service.said()
    for service in stack.services():
        assert "Traceback" not in service.said(), service.said()

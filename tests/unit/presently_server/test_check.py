"""What `presently check` says of settings and versions; the rest needs a broker and a database."""

from __future__ import annotations

import pytest

from presently_server.check import check_settings
from presently_server.check_broker import check_broker, check_version
from presently_server.check_database import check_database
from presently_server.settings import load

GOOD = {
    "PRESENTLY_JWT_KEYS": "k" * 32,
    "PRESENTLY_API_KEYS": "x",
    "PRESENTLY_ORIGINS": "https://app.example.com",
}


def levels(**changes: str) -> list[str]:
    return [finding.level for finding in check_settings(load(GOOD | changes))]


def test_settings() -> None:
    assert levels() == ["ok"]
    assert levels(PRESENTLY_JWT_KEYS="") == ["ok", "warn"]
    assert levels(PRESENTLY_API_KEYS="", PRESENTLY_ORIGINS="") == ["ok", "warn", "warn"]
    assert levels(PRESENTLY_ORIGINS="*") == ["ok", "FAIL"]


@pytest.mark.parametrize(
    ("version", "level"),
    [
        ("RabbitMQ 3.10.8", "ok"),
        ("RabbitMQ 4.1.0", "ok"),
        ("RabbitMQ 3.9.27", "FAIL"),
        ("LavinMQ 2.0", "warn"),
    ],
)
def test_the_brokers_version(version: str, level: str) -> None:
    assert check_version(version).level == level


async def test_what_is_not_there_says_what_to_do() -> None:
    [broker] = await check_broker("")
    [away] = await check_broker("amqp://127.0.0.1:1/")
    [database] = await check_database("")
    [gone] = await check_database("postgresql://127.0.0.1:1/x")
    assert [one.level for one in (broker, away, database, gone)] == ["FAIL", "FAIL", "warn", "FAIL"]
    assert all(one.do for one in (broker, away, database, gone))

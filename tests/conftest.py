"""Fixtures every test may ask for."""

from tests.support.rabbit import (
    amqp_url,
    rabbit,
    restartable_amqp_url,
    restartable_rabbit,
)

__all__ = ["amqp_url", "rabbit", "restartable_amqp_url", "restartable_rabbit"]

"""Fixtures every test may ask for."""

import signal

from tests.support.dev_stack import dev_stack
from tests.support.postgres import (
    database_url,
    empty_database_url,
    migrated_template,
    postgres_url,
    restartable_postgres,
)
from tests.support.rabbit import (
    amqp_url,
    rabbit,
    restartable_amqp_url,
    restartable_rabbit,
)
from tests.support.rabbit_cluster import rabbit_cluster

__all__ = [
    "amqp_url",
    "database_url",
    "dev_stack",
    "empty_database_url",
    "migrated_template",
    "postgres_url",
    "rabbit",
    "rabbit_cluster",
    "restartable_amqp_url",
    "restartable_postgres",
    "restartable_rabbit",
]

# A shell without job control starts what runs in the background with SIGINT ignored, and so would
# be every service that a test starts and ends with it.
signal.signal(signal.SIGINT, signal.default_int_handler)

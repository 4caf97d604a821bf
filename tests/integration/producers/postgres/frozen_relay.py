"""A relay in a process of its own, to be stopped in its tracks: `python -m … DSN`."""

import asyncio
import sys

from broker.memory import Bus
from producers.postgres.relay import Relay
from tests.integration.producers.postgres.shards import declare_installation


async def main(database: str) -> None:
    bus = Bus()
    await declare_installation(await bus.connect("hub"))
    await Relay(database, bus.connect, name="frozen").run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

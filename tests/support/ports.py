"""Free ports on 127.0.0.1 for servers that a test starts, stops and starts again."""

import random
import socket
from typing import Final

LOWEST: Final = 20_000
HIGHEST: Final = 32_000
"""Below Linux's ephemeral range (32768 up), so that no outgoing connection of ours or another's
takes the port while its server is being restarted."""

_given: set[int] = set()


def free_port() -> int:
    """Return a port nothing listens on, never the same twice in one process."""
    while True:
        port = random.randrange(LOWEST, HIGHEST)
        if port in _given:
            continue
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port

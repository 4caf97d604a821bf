"""What an operator may choose. Reading the environment is ``presently_server``'s."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas import limits


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one gateway process.

    Attributes:
        id: Letters, digits and ``-``, never reused; empty: host name and randomness.
        port, api_port: 0 takes a free one.
        jwt_keys: HS256 keys, at least 32 bytes each; any of them verifies.
        rights: What every signed-in user may do besides their token's ``docs``: topic pattern to
            ``read``, ``send`` or ``edit``; ``{sub}`` stands for the user's id as a word.
        origins: Browsers' origins besides our own host, e.g. ``http://localhost:*``; ``*`` in a
            pattern stands for anything.
        api_keys: Bearer keys of the HTTP API; with none it answers 401 to everybody.
        drain_delay_s: How long to go on accepting after being asked to stop, while load balancers
            learn of it.
        drain_window_s: Over how long the sockets are closed.
    """

    id: str = ""
    host: str = "127.0.0.1"
    port: int = 8001
    api_host: str = "127.0.0.1"
    api_port: int = 8002
    api_keys: tuple[str, ...] = ()
    jwt_keys: tuple[str, ...] = ()
    jwt_audience: str = "presently"
    rights: Mapping[str, str] = {}
    origins: tuple[str, ...] = ()
    drain_delay_s: float = 5.0
    drain_window_s: float = 20.0

    hello_ms: int = limits.HELLO_MS
    ping_ms: int = limits.PING_MS
    pong_ms: int = limits.PONG_MS
    request_ms: int = limits.REQUEST_MS
    grace_clean_ms: int = limits.GRACE_CLEAN_MS
    grace_ms: int = limits.GRACE_MS
    audit_ms: int = limits.AUDIT_MS
    heartbeat_ms: int = limits.HEARTBEAT_MS
    documents_per_connection: int = limits.DOCUMENTS_PER_CONNECTION
    connections: int = limits.CONNECTIONS
    connections_per_user: int = limits.CONNECTIONS_PER_USER
    frames_per_second: int = limits.FRAMES_PER_SECOND
    frames_burst: int = limits.FRAMES_BURST
    socket_bytes: int = limits.SOCKET_BYTES

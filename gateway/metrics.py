"""What an operator may watch. One set for the process, however many gateways run in it."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from schemas.close import CloseCode

CONNECTIONS: Final = Gauge("presently_gateway_connections", "Open WebSockets that said hello.")
FRAMES: Final = Counter("presently_gateway_frames_total", "Frames from browsers.")
DELIVERIES: Final = Counter(
    "presently_gateway_deliveries_total", "Frames handed to sockets, one for each socket."
)
CLOSES: Final = Counter("presently_gateway_closes_total", "WebSockets that ended.", ["code"])
REFUSED_ORIGINS: Final = Counter(
    "presently_gateway_refused_origins_total", "Handshakes refused because of their Origin."
)
ASKS: Final = Counter(
    "presently_gateway_asks_total", "Questions to owners of documents, repeats included."
)
SENT: Final = Counter("presently_gateway_sent_total", "Messages to the bus.")
UNSAID: Final = Counter(
    "presently_gateway_unsaid_total", "Acts, seats and lives that have no form on the bus."
)
RECEIVED: Final = Counter("presently_gateway_received_total", "Messages from the bus.")
MALFORMED: Final = Counter(
    "presently_gateway_malformed_total", "Messages from the bus that are no messages."
)
UNKNOWN: Final = Counter(
    "presently_gateway_unknown_total",
    "Messages from the bus, or parts of them, of a kind that only another version knows; skipped.",
    ["where"],
)
BROKER: Final = Gauge(
    "presently_gateway_broker_connected", "1 while both connections to the broker are there."
)
RECONNECTS: Final = Counter(
    "presently_gateway_broker_lost_total", "Times the broker was lost, or away for another while."
)
CONFIRM_SECONDS: Final = Histogram(
    "presently_gateway_confirm_seconds",
    "From handing a batch to the broker until all of it is confirmed.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
POSTED: Final = Counter("presently_gateway_posted_total", "Events taken over HTTP.")

_CODES: Final = frozenset(range(1000, 1016)) | frozenset(map(int, CloseCode))
"""Those of RFC 6455, section 7.4.1, with the register it began, and ours."""


def close_code(code: int) -> str:
    """A close code as a label: a browser may send any of 3000 to 4999, and each would be a series
    for good."""
    return str(code) if code in _CODES else "other"

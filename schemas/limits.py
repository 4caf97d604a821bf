"""Every bound of the contract, with its reason. Sizes in bytes, times in the unit of the name."""

from __future__ import annotations

from typing import Final

DOCUMENT_BYTES: Final = 200
"""A whole document id. With ``:07.`` in front or ``.event.`` behind it stays within
``ROUTING_KEY_BYTES``."""
ROUTING_KEY_BYTES: Final = 255
"""AMQP 0-9-1's short string."""
TYPE_BYTES: Final = 120
"""An event's type. A routing key that would pass ``ROUTING_KEY_BYTES`` is cut."""
EVENT_ID_BYTES: Final = 128
SOURCE_BYTES: Final = 256
USER_BYTES: Final = 128
NAME_BYTES: Final = 200
CONNECTION_BYTES: Final = 40
GATEWAY_BYTES: Final = 80
"""A gateway's (or worker's) id. Its address, ``:gateway.<id>.<term>``, is a routing key."""
EPOCH_BYTES: Final = 16
"""An epoch's name: a generation, Unix milliseconds, in base 36."""
INTEGER: Final = 2**53 - 1
"""A number from a browser: JSON's largest that every language reads exactly (RFC 8259, section 6).
A larger one would not even fit into msgpack."""

FRAME_BYTES: Final = 64 * 1024
"""A frame from a browser."""
DATA_BYTES: Final = 32 * 1024
"""``data`` of an event from a browser, as JSON."""
BACKEND_DATA_BYTES: Final = 64 * 1024
"""``data`` of an event from a backend, as JSON."""
EVENT_BYTES: Final = BACKEND_DATA_BYTES + 4 * 1024
"""A whole event from a backend: its data and a generous envelope."""
CHANGE_BYTES: Final = 60_000
"""``data`` of a captured change, as PostgreSQL writes JSON: room for the strings that the relay
makes of numbers too long for a double. Migration 0006 has it, too."""
CONTEXT_BYTES: Final = 2048
"""``presently.context``, what a transaction says of itself. Migration 0006 has it, too."""
STATE_BYTES: Final = 1024
"""``state`` of a seat, as JSON."""
INFO_BYTES: Final = 1024
"""``info`` of a user, as JSON."""
WHY_CHARS: Final = 500
"""What is said to be wrong with a message: it may quote a stranger's text, and it becomes a header,
which AMQP does not split into frames (at most 128 KiB each): the connection would be closed."""
BODY_BYTES: Final = 4 * 1024 * 1024
"""A body over HTTP."""
BUS_BYTES: Final = 15 * 1024 * 1024
"""A body on the bus; RabbitMQ 4 takes 16 MiB unless told otherwise. A ``state`` record fits."""
ROLL_BYTES: Final = 1024 * 1024
"""About what one part of a gateway's roll takes, however many seats it has in a slot."""
LOG_STATE_BYTES: Final = 8 * 1024 * 1024
"""About what the positions in a ``state`` record may take; the longest unused go first."""

DOCUMENTS_PER_CONNECTION: Final = 200
CONNECTIONS_PER_USER: Final = 50
CONNECTIONS: Final = 50_000
"""Sockets of one gateway process, also those that have not said hello."""
KEYS_PER_JOIN: Final = 200
FRAMES_PER_SECOND: Final = 50
FRAMES_BURST: Final = 250
"""A dashboard that joins its 200 documents at once must pass."""

REPLAY_EVENTS: Final = 256
REPLAY_BYTES: Final = 512 * 1024
"""What one ``joined`` may replay. Beyond it ``recovered`` is false: reload."""
HISTORY_EVENTS: Final = 256
HISTORY_BYTES: Final = 1024 * 1024
HISTORY_MS: Final = 10 * 60 * 1000
"""What the hub keeps of one document."""
HISTORY_PROCESS_BYTES: Final = 512 * 1024 * 1024
"""What one hub process keeps of all documents; the longest idle go first."""
DOCUMENTS_PER_SHARD: Final = 50_000
"""Positions in a ``state`` record. A document beyond them begins a new epoch."""

PRESENCE_USERS: Final = 200
"""Beyond it a presence lists its editors (at most as many) and counts the rest."""
SUMMARY_USERS: Final = 5
SUMMARY_DOCUMENTS: Final = 500

HELLO_MS: Final = 10_000
REQUEST_MS: Final = 10_000
PING_MS: Final = 25_000
PONG_MS: Final = 10_000
GRACE_CLEAN_MS: Final = 2_000
"""How long a seat outlives a socket closed with 1000 or 1001: a page navigation."""
GRACE_MS: Final = 10_000
"""How long a seat outlives a socket that vanished."""
HOLD_MS: Final = 100
"""How long a gateway holds an event that came too early before it asks for what is missing."""
TICK_MIN_MS: Final = 20
TICK_MAX_MS: Final = 100
"""Presence changes of a document are merged this long; longer in bigger rooms."""
HEARTBEAT_MS: Final = 5_000
AMQP_HEARTBEAT_S: Final = 5
"""RabbitMQ ends a connection that was silent for two to three of them."""
HUB_AMQP_HEARTBEAT_S: Final = 3
"""Of hubs' connections: everybody waits for a hub that is stopped or cut off (decision 0011)."""
AUDIT_MS: Final = 60_000
"""How often a gateway tells all its seats unasked."""

PREFETCH: Final = 256
"""One constant for every shard consumer in every version: a smaller one after two crashes would
put redelivered messages behind newer ones."""
LOG_REPLAY_RECORDS: Final = 1_000
LOG_STATE_EVERY_BYTES: Final = 32 * 1024 * 1024
"""And at least so often by size, well within the bound of a log: whoever reads must meet one."""
LOG_STATE_EVERY: Final = 500
"""A ``state`` record at least this often, so that a take-over needs ``LOG_REPLAY_RECORDS``."""
ACTS_PER_MESSAGE: Final = 64
SOCKET_BYTES: Final = 1024 * 1024
"""Unsent bytes of one socket. Superseded presence is dropped first, then it is closed (4100)."""

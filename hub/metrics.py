"""What a worker counts. The composition root serves it at ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("presently_hub_events", "Events numbered.")
TURNS = Counter("presently_hub_turns", "Turns of all shards.")
MESSAGES = Histogram(
    "presently_hub_turn_messages",
    "Messages taken in one turn.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
TURN_SECONDS = Histogram(
    "presently_hub_turn_seconds",
    "From the decision to the acknowledgement of a turn.",
    buckets=(0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25, 1, 5),
)
OWNED = Gauge("presently_hub_shard_owned", "1 while this worker works on the shard.", ["slot"])
TAKE_OVER_SECONDS = Histogram(
    "presently_hub_take_over_seconds",
    "From the first delivery of a shard to its first turn.",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
DEAD = Counter("presently_hub_dead_letters", "Messages that were no messages.", ["origin"])
FAILED = Counter(
    "presently_hub_mistakes", "Times the hub failed on one message, or on telling one document."
)
UNKNOWN = Counter(
    "presently_hub_unknown",
    "Messages, or parts of them, of a kind that only another version knows; skipped.",
    ["where"],
)
SHARDS_LOST = Counter("presently_hub_shards_lost", "Shards lost, by cause.", ["cause"])
HISTORY_BYTES = Gauge("presently_hub_history_bytes", "Events kept for resuming, in bytes.")
READ_BEHIND = Counter(
    "presently_hub_stretches_read_behind", "Stretches of older history read after take-overs."
)
EXCHANGES = Counter(
    "presently_hub_exchange_orders", "Documents' exchanges, by outcome.", ["outcome"]
)

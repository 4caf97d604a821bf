"""Publish events to Presently, and mint the tokens of its browsers.

    from presently import Publisher, document_id

    async with Publisher("http://127.0.0.1:8002", source="/shop", api_key="…") as publisher:
        await publisher.publish(document_id("article", "42"), "comment.added", {"text": "nice"})

Reading order: ``errors`` what can go wrong, ``documents`` ids and slots, ``events`` the envelope,
``publisher`` and ``sync`` the two front doors, ``over_http``, ``over_amqp`` and ``in_memory`` what
carries them, ``presence`` who is there, ``tokens``, ``testing``.
"""

from presently.documents import document_id
from presently.errors import InvalidEvent, PresentlyError, Unavailable
from presently.presence import Lease, Presence, User
from presently.publisher import Publisher
from presently.sync import SyncPublisher
from presently.tokens import mint_token

__all__ = [
    "InvalidEvent",
    "Lease",
    "Presence",
    "PresentlyError",
    "Publisher",
    "SyncPublisher",
    "Unavailable",
    "User",
    "document_id",
    "mint_token",
]

"""Document ids: grammar, percent-encoding, collections and slots. The same sums in every language.

``golden/documents.json`` is the table that the implementations are held to.
"""

from __future__ import annotations

import re
from typing import Final, NewType
from zlib import crc32

from schemas import limits
from schemas.errors import InvalidDocument

DocumentId = NewType("DocumentId", str)
"""2 to 5 words joined by ``.``, at most 200 bytes, e.g. ``article.42``, ``acme.article.42``."""
ConnectionId = NewType("ConnectionId", str)
"""One WebSocket for as long as it lives. Chosen by the gateway, never reused."""
UserId = NewType("UserId", str)
"""The token's ``sub``. One user may have many connections."""
GatewayId = NewType("GatewayId", str)
"""One gateway process: host name and randomness, never reused. Letters, digits and ``-``."""
Slot = NewType("Slot", int)
"""0 to 15."""

SLOTS: Final = 16
"""Part of the contract, never configured: another number would give a document two lines."""

LIST_KEY: Final = "~"
"""``<collection>.~`` is the list of a collection, a document of its own."""

_WORD = r"(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}"
_DOCUMENT: Final = re.compile(rf"{_WORD}(?:\.{_WORD}){{1,4}}", re.ASCII)
_COLLECTION: Final = re.compile(rf"{_WORD}(?:\.{_WORD}){{0,3}}", re.ASCII)
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~-")
_KEY: Final = re.compile(r":([0-9]{2})\.(.+)", re.ASCII | re.DOTALL)


def parse_document(text: str) -> DocumentId:
    """Take ``text`` for a document id as it stands.

    Raises:
        InvalidDocument: It breaks the grammar or is too long.
    """
    if len(text) > limits.DOCUMENT_BYTES or _DOCUMENT.fullmatch(text) is None:
        raise InvalidDocument(text)
    return DocumentId(text)


def parse_collection(text: str) -> str:
    """Take ``text`` for the name of a collection: 1 to 4 words.

    Raises:
        InvalidDocument: No list of that name could exist.
    """
    if len(text) + 2 > limits.DOCUMENT_BYTES or _COLLECTION.fullmatch(text) is None:
        raise InvalidDocument(text)
    return text


def encode_word(word: str) -> str:
    """Percent-encode one word: each UTF-8 byte outside ``[A-Za-z0-9_~-]`` becomes ``%XX``."""
    return "".join(
        chr(byte) if byte in _PLAIN else f"%{byte:02X}"
        for byte in word.encode("utf-8", "surrogatepass")
    )


def document_id(*words: str) -> DocumentId:
    """Join plain words to a document id, encoding each. A key that is ``~`` becomes ``%7E``.

    Raises:
        InvalidDocument: Fewer than 2 or more than 5 words, an empty one, or too long.
    """
    encoded = [encode_word(word) for word in words]
    if encoded and encoded[-1] == LIST_KEY:
        encoded[-1] = "%7E"
    return parse_document(".".join(encoded))


def slot_of(document: DocumentId) -> Slot:
    """``crc32`` of the id's ASCII bytes, modulo 16."""
    return Slot(crc32(document.encode("ascii")) % SLOTS)


def collection_of(document: DocumentId) -> str:
    """All words but the last: the collection that ``document`` is a member (or the list) of."""
    return document.rpartition(".")[0]


def key_of(document: DocumentId) -> str:
    """The last word."""
    return document.rpartition(".")[2]


def list_of(collection: str) -> DocumentId:
    """The document that lists ``collection``."""
    return DocumentId(f"{collection}.{LIST_KEY}")


def is_list(document: DocumentId) -> bool:
    """Whether ``document`` is the list of a collection."""
    return document.endswith(".~")


def user_document(user: UserId) -> DocumentId:
    """A user's own document, ``user.<sub>``; whoever it is named after may always read it.

    Raises:
        InvalidDocument: The user id is too long for a document's key.
    """
    return document_id("user", user)


def routing_key(document: DocumentId) -> str:
    """Where a message about ``document`` goes on ``hub.in`` and ``hub.clients``."""
    return f":{slot_of(document):02d}.{document}"


def document_of_key(key: str) -> DocumentId:
    """Read a routing key back, with or without its slot.

    Raises:
        InvalidDocument: What remains without the slot is no document id.
    """
    match = _KEY.fullmatch(key)
    return parse_document(match[2] if match else key)


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def epoch_name(generation: int) -> str:
    """The epoch that ``generation`` begins: its number in base 36."""
    name = ""
    while generation:
        generation, digit = divmod(generation, 36)
        name = _DIGITS[digit] + name
    return name or "0"


def epoch_age(epoch: str) -> int:
    """The generation that began ``epoch``; 0 for a name no hub of ours gave."""
    try:
        return int(epoch, 36) if len(epoch) <= 13 else 0
    except ValueError:
        return 0

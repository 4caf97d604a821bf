"""Document ids and their slots: the same sums as in every other language."""

from __future__ import annotations

import re
from typing import Final
from zlib import crc32

from presently.errors import InvalidEvent

SLOTS: Final = 16
"""Part of the contract, never configured."""
DOCUMENT_BYTES: Final = 200
_WORD = r"(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}"
_DOCUMENT: Final = re.compile(rf"{_WORD}(?:\.{_WORD}){{1,4}}", re.ASCII)
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~-")


def document_id(*words: str) -> str:
    """Join plain words to a document id: ``document_id("page", "a/b")`` is ``page.a%2Fb``.

    Every byte outside ``[A-Za-z0-9_~-]`` is percent-encoded. The last word is the key, those before
    it name the collection. A key that is ``~`` becomes ``%7E``: ``page.~`` is the list of ``page``.

    Raises:
        InvalidEvent: Fewer than 2 or more than 5 words, an empty one, or too long.
    """
    encoded = [_encode(word) for word in words]
    if encoded and encoded[-1] == "~":
        encoded[-1] = "%7E"
    return check_document(".".join(encoded))


def list_id(*collection: str) -> str:
    """Where a collection is told of as a whole: ``list_id("acme", "page")`` is ``acme.page.~``.

    Raises:
        InvalidEvent: No word, more than 4, an empty one, or too long.
    """
    return check_document(".".join([*map(_encode, collection), "~"]))


def check_document(document: object) -> str:
    """Take ``document`` for an id as it stands.

    Raises:
        InvalidEvent: At ``subject``, where an event carries it.
    """
    if isinstance(document, str) and len(document) <= DOCUMENT_BYTES:
        if _DOCUMENT.fullmatch(document):
            return document
        document = document[:80]
    raise InvalidEvent(
        "subject",
        f"{str(document)[:80]!r} is no document id: 2 to 5 words joined by '.', of letters, "
        f"digits, '_', '~', '-' or %XX, at most {DOCUMENT_BYTES} bytes",
    )


def routing_key(document: str) -> str:
    """Where an event of ``document`` goes on ``hub.in``: ``:07.article.42``."""
    return f":{crc32(document.encode('ascii')) % SLOTS:02d}.{document}"


def _encode(word: str) -> str:
    return "".join(
        chr(byte) if byte in _PLAIN else f"%{byte:02X}"
        for byte in word.encode("utf-8", "surrogatepass")
    )

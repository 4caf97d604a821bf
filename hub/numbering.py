"""An event gets its place in its document. Pure."""

from __future__ import annotations

from hub import publications, renewals
from hub.events import digest
from hub.shard import Turn
from schemas import codec
from schemas.errors import InvalidEvent, MalformedMessage
from schemas.events import CHANGE, RESYNC, ChangeData, Event
from schemas.ids import DocumentId, is_list
from schemas.log import Begun, Numbered


def number(turn: Turn, event: Event, *, source: str, again: bool) -> int | None:
    """Number an event, once, and publish it.

    Args:
        source: Under whose name its id is known, see ``events.sender``.
        again: The broker delivered it before. If it was numbered then, it may not have been
            published, so it is now: under its old number, which gateways that have it ignore.

    Returns:
        Its number; ``None`` for a repeat whose document has begun anew since.

    Raises:
        InvalidEvent: Another event has this id.
    """
    book = turn.shard.book
    known = book.window.find(event.document, source, event.id)
    document = book.documents.get(event.document)
    mark = digest(event)
    if known is not None:
        if known.digest != mark:
            raise InvalidEvent("id", "another event of this source has the same id")
        if again and _unsettles_members(event):
            renewals.ask(turn, event.document, source, event.id)
        if document is None or document.epoch != known.epoch:
            return None
        if again:
            turn.out.append(publications.event(turn.shard, event, epoch=known.epoch, seq=known.seq))
        return known.seq
    renewals.catch_up(turn, event.document)
    epoch = document.epoch if document else book.next_epoch(event.document)
    seq = document.seq + 1 if document else 1
    turn.decided(
        Numbered(
            document=event.document,
            epoch=epoch,
            seq=seq,
            source=source,
            id=event.id,
            type=event.type,
            digest=mark,
            at=turn.now,
            event=event.json,
        )
    )
    message = publications.event(turn.shard, event, epoch=epoch, seq=seq)
    turn.shard.exchanges.published(message, event.document)
    turn.out.append(message)
    if _unsettles_members(event):
        renewals.ask(turn, event.document, source, event.id)
    return seq


def begin(turn: Turn, document: DocumentId, *, seen: str = "") -> None:
    """The document's numbers begin anew, newer than the epoch somebody has ``seen``; tell."""
    turn.decided(Begun(document=document, epoch=turn.shard.book.next_epoch(document, seen)))
    turn.out.append(publications.reset(turn.shard, document))


def know(turn: Turn, document: DocumentId) -> None:
    """See that the document has a position, and that a successor knows it too."""
    renewals.catch_up(turn, document)
    book = turn.shard.book
    if document not in book.documents:
        turn.decided(Begun(document=document, epoch=book.next_epoch(document)))


def _unsettles_members(event: Event) -> bool:
    """Whether nobody can say what changed in the collection whose list this is told at."""
    if not is_list(event.document):
        return False
    if event.type == RESYNC:
        return True
    if event.type != CHANGE:
        return False
    try:
        return codec.read_json(event.data, ChangeData).op in ("t", "x")
    except MalformedMessage:
        return False

"""Taking a shard over: claim it in its log, read the log up to the claim, know what it says."""

from __future__ import annotations

import secrets
from typing import Final

import structlog

from broker.port import Broker, Channel, Offset
from hub import metrics, publications
from hub.fold import Book, Budget
from hub.tail import Tail, record_name, take_soon
from schemas import limits, topology
from schemas.errors import MalformedMessage
from schemas.ids import Slot
from schemas.log import Claim, read_record

log = structlog.get_logger(__name__)

BACK: Final = (limits.LOG_REPLAY_RECORDS, 10 * limits.LOG_REPLAY_RECORDS)
"""How far back to begin, in offsets (about records); further only if no ``State`` was met, and
then from the beginning."""


async def take_over(
    broker: Broker,
    channel: Channel,
    slot: Slot,
    *,
    worker: str,
    known_generation: int,
    budget: Budget,
    now: int,
) -> tuple[Book, Tail, int]:
    """Claim the shard and read what its log says up to the claim.

    The last number returned is the offset up to which nothing was read: older history. 0 if there
    is none.

    The claim is written on the channel that consumes the shard and the log is read on another one
    of the same connection, which goes on reading: that is the ``Tail``, for the caller to close.

    Args:
        known_generation: The highest heard of, for when the log was cut short.
        now: Unix milliseconds.

    Raises:
        BrokerUnavailable: The shard is lost already, or our claim is not in its log.
        Superseded: Somebody claimed it after us.
    """
    nonce = secrets.token_hex(8)
    claim = Claim(worker=worker, nonce=nonce, at=now, before=known_generation)
    message = publications.record(slot, claim, record_name(nonce, 0))
    await channel.confirmed(await channel.send([message]))
    last = await _last_offset(broker, slot)
    for back in BACK:
        if last <= back:
            break
        book, tail, since = await _read(broker, slot, last - back, nonce, budget)
        if book.complete:
            return book, tail, since
        book.forget()
        await tail.close()
    book, tail, _ = await _read(broker, slot, "first", nonce, budget)
    return book, tail, 0


async def _last_offset(broker: Broker, slot: Slot) -> int:
    """An offset near the end; there is at least our claim."""
    async with await broker.open() as channel:
        inbox = await channel.consume(
            topology.log_queue(slot), prefetch=limits.PREFETCH, offset="last"
        )
        taken = await take_soon(broker, inbox)
        return taken[-1].offset or 0


async def _read(
    broker: Broker, slot: Slot, start: Offset, nonce: str, budget: Budget
) -> tuple[Book, Tail, int]:
    book, since = Book(budget), 0
    channel = await broker.open()
    try:
        inbox = await channel.consume(
            topology.log_queue(slot), prefetch=limits.PREFETCH, offset=start
        )
        tail = Tail(broker, channel, inbox, nonce)
        claimed = False
        while not claimed:
            taken = await take_soon(broker, inbox)
            for delivery in taken:
                if claimed:
                    tail.look_at(delivery)
                    continue
                if isinstance(start, int) and (delivery.offset or 0) < start:
                    continue
                known = book.nonce
                try:
                    record = read_record(delivery.body)
                    book.fold(record)
                except MalformedMessage as error:
                    log.error("log_record_unreadable", slot=slot, why=error.why)
                    continue
                except Exception:  # whoever has seen what it says has the document begin anew
                    log.exception("log_record_failed", slot=slot, offset=delivery.offset)
                    continue
                if book.nonce != known and not (known and isinstance(record, Claim)):
                    since = delivery.offset or 0  # what was before this one is not in the book
                claimed = book.nonce == nonce
            inbox.ack(taken[-1].tag)
        book.inherit()
        metrics.UNKNOWN.labels("log").inc(book.unknown)
    except BaseException:
        book.forget()
        await channel.close()
        raise
    return book, tail, since

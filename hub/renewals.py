"""All documents of a collection begin anew, in every shard: nobody can say what changed. Pure.

An event at a collection's list asks for it. The owner of the list's shard tells the fifteen others
in the turn in which it numbered the event, and again whenever it is handed the event again; each
knows the events that it has heeded, and heeds none twice. Documents begin anew in pieces of
``AT_ONCE``, so that a shard with very many goes on with all else meanwhile; the log says how far it
came (decision 0029).
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import islice
from typing import Final

from hub import publications
from hub.renewing import Left, members
from hub.shard import Shard, Turn
from schemas.ids import DocumentId, collection_of, epoch_age, epoch_name, parse_collection
from schemas.log import Begun, Renewed
from schemas.messages import Renew

AT_ONCE: Final = 1_000
"""Documents that begin anew in one turn."""
HEEDED: Final = 16
"""Events of a collection that are known to have been heeded; one that is repeated later than so
many others is heeded once more."""


def ask(turn: Turn, list_id: DocumentId, source: str, id: str) -> None:
    """An event of this name at a list asks for it in every shard."""
    told = Renew(collection=collection_of(list_id), source=source, id=id)
    turn.out.append(publications.renew(turn.shard.slot, told))
    _heed(turn, told)


def hear(turn: Turn, message: Renew) -> None:
    """Another shard tells of one.

    Raises:
        InvalidDocument: There is no such collection.
    """
    parse_collection(message.collection)
    _heed(turn, message)


def inherit(shard: Shard, now: int) -> None:
    """Do the rest of what a former owner was asked for."""
    open_ones = {name: one for name, one in shard.book.renewals.items() if not one.done}
    begun = {name for name, one in open_ones.items() if one.to}
    for name, found in members(shard.book.documents, begun).items():
        to = open_ones[name].to
        older = dict.fromkeys(each for each, age in found.items() if age < epoch_age(to))
        shard.renewing.left[name] = Left(to, older)
    for name in open_ones.keys() - begun:
        shard.renewing.ask(name, now)


def go_on(turn: Turn) -> None:
    """The next piece of what is to be done."""
    renewing = turn.shard.renewing
    if renewing.due is None:
        return
    _look(turn)
    room = AT_ONCE
    for collection, left in tuple(renewing.left.items()):
        for name in tuple(islice(left.names, room)):
            room -= 1
            _begin(turn, left, name)
        if left.names:
            return
        del renewing.left[collection]
        _note(turn, collection, done=True)


def catch_up(turn: Turn, document: DocumentId) -> None:
    """Somebody turns to a document: if it is to begin anew, it does so now."""
    renewing = turn.shard.renewing
    if renewing.left:
        left = renewing.left.get(collection_of(document))
        if left is not None and document in left.names:
            _begin(turn, left, document)


def _heed(turn: Turn, told: Renew) -> None:
    shard = turn.shard
    last = shard.book.renewals.get(told.collection)
    events = last.events if last else []
    name = _name(told)
    if name in events:
        return
    turn.decided(Renewed(collection=told.collection, events=[*events, name][-HEEDED:]))
    shard.renewing.ask(told.collection, turn.now)
    if shard.renewing.looked_at < turn.now:  # Others that come in this turn are looked for at once.
        go_on(turn)


def _look(turn: Turn) -> None:
    """Find the documents of those collections that have waited long enough: all of the shard are
    looked through, once for all of them."""
    shard, renewing = turn.shard, turn.shard.renewing
    ready = renewing.ready(turn.now)
    if not ready:
        return
    renewing.looked_at = turn.now
    for collection, found in members(shard.book.documents, ready).items():
        to = epoch_name(max(shard.book.generation, max(found.values(), default=0) + 1))
        renewing.left[collection] = Left(to, dict.fromkeys(found))
    if sum(len(left.names) for left in renewing.left.values()) > AT_ONCE:
        for collection in ready:
            _note(turn, collection, to=renewing.left[collection].to)


def _begin(turn: Turn, left: Left, name: str) -> None:
    """One document begins anew, unless it has been forgotten or has begun anew since. Who is at it
    is told (everybody, as long as it is not known who is where), and who is bound to its exchange;
    nobody else has anything of it to load anew."""
    del left.names[name]
    shard, known = turn.shard, turn.shard.book.documents.get(name)
    if known is None or epoch_age(known.epoch) >= epoch_age(left.to):
        return
    turn.decided(Begun(document=name, epoch=left.to))
    if name in shard.rooms or not shard.settled or shard.exchanges.is_open(name):
        turn.out.append(publications.reset(shard, DocumentId(name), list_knows=True))


def _note(turn: Turn, collection: str, *, to: str = "", done: bool = False) -> None:
    events = turn.shard.book.renewals[collection].events
    turn.decided(Renewed(collection=collection, events=events, to=to, done=done))


def _name(told: Renew) -> bytes:
    return blake2b(f"{told.source}\0{told.id}".encode(), digest_size=8).digest()

"""One message and what it brings forth. Pure.

Reading order: ``take`` (what a delivery is), ``number`` (an event gets its place), then ``acts``
and ``rolls`` for what gateways say. A turn ends with ``closing.close``.
"""

from __future__ import annotations

from broker.port import Delivery
from hub import acts, numbering, publications, renewals, rolls
from hub.shard import Carried, Gone, Heard, Notice, Recalled, Turn
from schemas import topology
from schemas.errors import ContractError
from schemas.events import parse_event
from schemas.ids import slot_of
from schemas.messages import Acts, Probe, Renew, Seats, Unknown, Watch, read_to_shard


def take(turn: Turn, delivery: Delivery) -> None:
    """One message of the shard's queue. What is no message is dead-lettered with the reason."""
    try:
        if delivery.exchange == topology.CLIENTS:
            _from_gateway(turn, delivery)
        else:
            _from_producer(turn, delivery)
    except ContractError as error:
        bury(turn, delivery, str(error))


def bury(turn: Turn, delivery: Delivery, reason: str) -> None:
    """One try was enough."""
    queue = topology.shard_queue(turn.shard.slot)
    turn.out.append(publications.dead(delivery, queue, reason))
    turn.dead.append(reason)


def _from_producer(turn: Turn, delivery: Delivery) -> None:
    event = parse_event(delivery.body, delivery.content_type)
    if slot_of(event.document) != turn.shard.slot:
        turn.out.append(publications.forward(delivery, topology.INTAKE, delivery.key))
        return
    numbering.number(turn, event, source=event.source, again=delivery.redelivered)


def _from_gateway(turn: Turn, delivery: Delivery) -> None:
    message = read_to_shard(delivery.body)
    match message:
        case Acts():
            acts.at_document(turn, message, delivery)
        case Seats():
            rolls.call(turn, message)
        case Watch():
            acts.watch(turn, message)
        case Renew():
            renewals.hear(turn, message)
        case Probe():
            pass
        case Unknown():
            turn.unknown += 1


def notice(turn: Turn, what: Notice) -> None:
    """Something the worker learned elsewhere."""
    shard = turn.shard
    match what:
        case Gone():
            acts.gateway_gone(turn, what.gateway)
        case Heard():
            acts.gateway_heard(turn, what.gateway)
        case Recalled() if what.generation == shard.book.generation:
            if what.past is None:
                shard.recalling = False
            else:
                shard.book.recall(what.past)
        case Carried() if what.generation == shard.book.generation:
            order = shard.exchanges.outcome(what.document, what.outcome, turn.now)
            kept = shard.exchanges.is_open(what.document)
            turn.exchange(what.document, on=kept)
            if kept:
                turn.out.extend(shard.exchanges.missed(what.document))
            if order is not None:
                turn.orders.append(order)

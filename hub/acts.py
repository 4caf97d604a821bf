"""What gateways say, and what becomes of it. Pure."""

from __future__ import annotations

from broker.port import Delivery
from hub import leasing, numbering, publications
from hub.events import sender
from hub.presence import Seat
from hub.shard import Gateway, Turn
from schemas import codec, limits, topology
from schemas.errors import ErrorCode, InvalidEvent, MalformedMessage
from schemas.events import OURS, parse_event
from schemas.ids import DocumentId, parse_document, slot_of
from schemas.log import Serving
from schemas.messages import (
    Act,
    Acts,
    AskAct,
    AwayAct,
    Done,
    JoinAct,
    LeaveAct,
    Refused,
    Seat as ToldSeat,
    SeatsWanted,
    SendAct,
    Unknown,
    UpdateAct,
    Watch,
)


def at_document(turn: Turn, message: Acts, delivery: Delivery) -> None:
    """What happened at one document in one loop turn of one gateway.

    Raises:
        InvalidDocument, MalformedMessage: It is none of this shard's.
    """
    document = mine(turn, message.document)
    for act in message.acts:
        check_shown(act)
    gateway = hear(turn, message.gateway, message.term)
    if gateway is None:
        return
    for act in message.acts:
        match act:
            case JoinAct():
                _join(turn, document, gateway, act)
            case UpdateAct():
                leasing.update(turn, document, gateway, act)
            case SendAct():
                _send(turn, document, gateway, act, delivery)
            case AwayAct():
                room = turn.shard.rooms.get(document)
                seat = room.seats.get(act.connection) if room else None
                if seat is not None:
                    seat.away = True
            case LeaveAct():
                leasing.end_seat(turn, document, act.connection)
            case AskAct():
                numbering.know(turn, document)
                turn.asks.append((gateway.id, document, act))
                if turn.shard.rooms.get(document) is None:
                    turn.watched(document)
                    turn.shard.exchanges.unwant(document, turn.now)
            case Unknown():
                turn.unknown += 1


def watch(turn: Turn, message: Watch) -> None:
    """A gateway begins, or ends, to watch a collection."""
    gateway = hear(turn, message.gateway, message.term)
    if gateway is None:
        return
    if message.on:
        turn.shard.summaries.watch(gateway.id, message.collection)
    else:
        turn.shard.summaries.unwatch(gateway.id, message.collection)


def hear(turn: Turn, name: str, term: int) -> Gateway | None:
    """A gateway said something. ``None``: in a half-dead connection, and it counts no more."""
    shard = turn.shard
    gateway = shard.gateways.get(name)
    if gateway is None:
        gateway = shard.gateways[name] = Gateway(name, term)
    elif term < gateway.term:
        return None
    elif term > gateway.term:
        gateway.term = term
        gateway.told = False
        gateway.roll = None
    turn.heard.add(name)
    _welcome_back(turn, gateway)
    if shard.slot == 0 and name not in shard.book.gateways:
        turn.decided(Serving(gateway=name, on=True))
    return gateway


def gateway_heard(turn: Turn, name: str) -> None:
    """A heartbeat of a gateway that was not known, or was given up."""
    shard = turn.shard
    gateway = shard.gateways.get(name)
    if gateway is not None:
        _welcome_back(turn, gateway)
    if not shard.settled and (gateway is None or not gateway.told):
        shard.awaited.add(name)


def gateway_gone(turn: Turn, name: str) -> None:
    """A gateway fell silent, or said good-bye: its seats end."""
    shard = turn.shard
    for document, connection in shard.rooms.of_gateway(name):
        leasing.end_seat(turn, DocumentId(document), connection)
    shard.summaries.forget(name)
    if gateway := shard.gateways.get(name):
        gateway.lost, gateway.told, gateway.roll = True, False, None
        shard.drop_oldest_lost()
    if name in shard.awaited:
        answered(turn, name)
    if shard.slot == 0 and name in shard.book.gateways:
        turn.out.append(publications.gateway_lost(name, turn.now))
        turn.lost.append(name)


def _welcome_back(turn: Turn, gateway: Gateway) -> None:
    if gateway.lost:
        gateway.lost = False
        shard = turn.shard
        wanted = SeatsWanted(slot=shard.slot, generation=shard.book.generation, gateway=gateway.id)
        turn.out.append(publications.control(wanted))


def answered(turn: Turn, gateway: str) -> None:
    """One gateway fewer to wait for. When it was the last and came late, all is told anew."""
    shard = turn.shard
    shard.awaited.discard(gateway)
    if shard.complete:
        shard.summaries.renew()
        for room in shard.rooms:
            shard.rooms.touch(room)


def _join(turn: Turn, document: DocumentId, gateway: Gateway, act: JoinAct) -> None:
    seat = Seat(act.connection, gateway.id, act.user, act.name, act.info, act.mode, act.state)
    sit(turn, document, seat)
    leasing.account(turn, document, seat, act.lease, joining=True)
    room = turn.shard.rooms.get(document)
    if act.previous is None or room is None:
        return
    previous = room.seats.get(act.previous)
    if previous is not None and previous.away and previous.user == act.user:
        leasing.end_seat(turn, document, act.previous)


def sit(turn: Turn, document: DocumentId, seat: Seat) -> None:
    numbering.know(turn, document)
    turn.watched(document)
    if turn.shard.rooms.put(document, seat):
        turn.shard.summaries.touch(document)
    room = turn.shard.rooms.get(document)
    if room is not None:
        room.lease = turn.shard.lease_of(document)


def _send(
    turn: Turn, document: DocumentId, gateway: Gateway, act: SendAct, delivery: Delivery
) -> None:
    seq: int | None = None
    event = None
    try:
        event = parse_event(act.event, data_bytes=limits.DATA_BYTES)
        if event.document != document:
            raise InvalidEvent("subject", "is another document")
        if event.type.startswith(OURS):
            raise InvalidEvent("type", f"types that begin with '{OURS}' are reserved")
        if act.ephemeral and delivery.redelivered:
            pass  # it may be of a while ago, and shown already; nobody counts on it
        elif act.ephemeral:
            known = turn.shard.book.documents.get(document)
            epoch = known.epoch if known else ""
            turn.out.append(publications.event(turn.shard, event, epoch=epoch, seq=None))
        else:
            source = sender(event, from_browser=True)
            seq = numbering.number(turn, event, source=source, again=delivery.redelivered)
    except InvalidEvent as error:
        if event is None or event.document != document or event.type.startswith(OURS):
            # A gateway lets no such event pass. What a browser can do wrong it is only told.
            queue = topology.shard_queue(turn.shard.slot)
            turn.out.append(publications.dead(delivery, queue, str(error), act.event))
            turn.dead.append(str(error))
        if act.request is not None:
            code = ErrorCode.INVALID_EVENT
            refused = Refused(request=act.request, document=document, code=code, message=str(error))
            turn.reply(gateway.id, refused)
        return
    if act.request is not None:
        turn.reply(gateway.id, Done(request=act.request, document=document, seq=seq))


def check_shown(act: Act | Unknown | ToldSeat) -> None:
    """What goes on screens as it was written must be what it says it is.

    Raises:
        MalformedMessage: ``info`` or ``state`` is no JSON object.
    """
    match act:
        case JoinAct() | ToldSeat():
            codec.read_json(act.info, dict)
            codec.read_json(act.state, dict)
        case UpdateAct() if act.state is not None:
            codec.read_json(act.state, dict)
        case _:
            pass


def mine(turn: Turn, text: str) -> DocumentId:
    document = parse_document(text)
    if slot_of(document) != turn.shard.slot:
        raise MalformedMessage(f"{document} is not of slot {turn.shard.slot}", 0)
    return document

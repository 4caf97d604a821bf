from __future__ import annotations

import msgspec
import pytest

from broker.port import Delivery, Outgoing
from gateway import outbox as module
from gateway.outbox import Outbox
from gateway.seats import Seat
from schemas import codec, ids, limits, messages, topology
from schemas.ids import SLOTS, ConnectionId
from schemas.messages import (
    Acts,
    AskAct,
    Bye,
    Disconnected,
    LeaveAct,
    Place,
    Seats,
    Watch,
)
from tests.unit.gateway.making import DOC, E1, NOW

OTHER = ids.parse_document("article.43")


class Wakes:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def connected() -> Outbox:
    outbox = Outbox("g", lambda slot: ([Place(DOC, E1, slot)], [], ["article"]))
    outbox.connected(3)
    take(outbox)
    return outbox


def take(outbox: Outbox) -> list[Outgoing]:
    """All that waits, turn after turn."""
    batch: list[Outgoing] = []
    while some := outbox.take(NOW):
        batch += some
    return batch


def leave(connection: str = "c.1") -> LeaveAct:
    return LeaveAct(connection=connection)


def ended(connection: str = "c.1") -> Disconnected:
    return Disconnected(
        connection=connection,
        user="fry",
        gateway="g",
        at=NOW,
        code=1000,
        cause="closed",
        duration_ms=1,
    )


def acts(message: Outgoing) -> Acts:
    said = messages.read_to_shard(message.body)
    assert isinstance(said, Acts)
    return said


def test_acts_of_a_turn_share_a_message_by_document() -> None:
    outbox = connected()
    outbox.act(DOC, leave("c.1"))
    outbox.act(OTHER, leave("c.1"))
    outbox.act(DOC, leave("c.2"), AskAct(connection="", ask=1))
    first, second = outbox.take(NOW)
    assert (first.exchange, first.key) == (topology.CLIENTS, ids.routing_key(DOC))
    assert first.headers == {"BCC": ["receive.c.1", "receive.c.2"]}
    assert first.persistent
    said = acts(first)
    assert (said.gateway, said.term, said.document, said.at) == ("g", 3, DOC, NOW)
    assert said.acts == [leave("c.1"), leave("c.2"), AskAct(connection="", ask=1)]
    assert acts(second).document == OTHER
    assert outbox.take(NOW) == []


def test_a_question_of_our_own_is_nobody_s_word() -> None:
    outbox = connected()
    outbox.act(DOC, AskAct(connection="", ask=1))
    (message,) = outbox.take(NOW)
    assert message.headers == {}


def test_a_message_is_bounded() -> None:
    outbox = connected()
    outbox.act(DOC, *(leave(f"c.{n}") for n in range(limits.ACTS_PER_MESSAGE + 1)))
    assert [len(acts(message).acts) for message in take(outbox)] == [64, 1]


def test_a_new_connection_tells_everything_anew_and_nothing_of_the_old() -> None:
    outbox = connected()
    outbox.act(DOC, leave())
    outbox.watch("article", True, None)
    outbox.connected(4)
    told = [messages.read_to_shard(message.body) for message in take(outbox)]
    assert [said.slot for said in told if isinstance(said, Seats)] == list(range(SLOTS))
    assert len(told) == SLOTS
    assert {said.term for said in told if isinstance(said, Seats)} == {4}
    first = told[0]
    assert isinstance(first, Seats)
    assert (first.places, first.collections) == ([Place(DOC, E1, 0)], ["article"])


def test_while_the_broker_is_away_only_lives_wait() -> None:
    outbox = connected()
    outbox.lost()
    assert not outbox.open
    outbox.act(DOC, leave())
    outbox.watch("article", True, None)
    outbox.control(Bye(who="g", at=NOW))
    outbox.life(ended())
    assert outbox.take(NOW) == []
    outbox.connected(4)
    assert next(iter(outbox.take(NOW))).key == "disconnect.c.1"


def test_in_an_alarm_nothing_is_taken_that_somebody_waits_for() -> None:
    outbox = connected()
    assert outbox.open
    outbox.held = lambda: True
    assert not outbox.open


def test_a_life_that_was_not_confirmed_is_told_again() -> None:
    outbox = connected()
    before = SLOTS
    outbox.life(ended("c.1"))
    outbox.act(DOC, leave())
    outbox.take(NOW)
    outbox.life(ended("c.2"))
    outbox.take(NOW)
    outbox.life(ended("c.3"))
    outbox.confirmed(before + 2)
    outbox.lost()
    outbox.connected(4)
    lives = [message.key for message in outbox.take(NOW) if message.key.startswith("disconnect")]
    assert lives == ["disconnect.c.2", "disconnect.c.3"]
    outbox.confirmed(1)
    outbox.connected(5)
    assert outbox.take(NOW)[0].key == "disconnect.c.3"
    outbox.confirmed(1)
    outbox.connected(6)
    assert not outbox.take(NOW)[0].key.startswith("disconnect")


def test_the_roll_comes_after_the_acts_it_includes() -> None:
    outbox = connected()
    outbox.roll(5)
    outbox.act(DOC, leave())
    keys = [message.key for message in take(outbox)]
    assert keys == [ids.routing_key(DOC), topology.seats_key(5)]


def test_sockets_are_served_between_the_slots_of_a_roll() -> None:
    outbox = connected()
    wakes = outbox.wake = Wakes()
    outbox.roll(9, 3)
    assert [message.key for message in outbox.take(NOW)] == [topology.seats_key(3)]
    assert wakes.count == 2, "it is not done"
    outbox.act(DOC, leave())
    keys = [message.key for message in outbox.take(NOW)]
    assert keys == [ids.routing_key(DOC), topology.seats_key(9)]
    assert wakes.count == 3


def test_a_roll_of_many_comes_in_parts_one_after_the_other() -> None:
    seat = Seat(ConnectionId("c.1"), "fry", "Fry", b"{}", "editing", b'{"x":"%s"}' % (b"x" * 1000))
    told = [msgspec.structs.replace(seat.told(DOC), connection=f"c.{n}") for n in range(2000)]
    outbox = Outbox("g", lambda slot: ([Place(DOC, E1, 7)], told, ["article"]))
    outbox.connected(1)
    parts = [messages.read_to_shard(message.body) for message in outbox.take(NOW)]
    assert all(len(message.body) <= limits.ROLL_BYTES for message in outbox.take(NOW))
    said = [part for part in parts if isinstance(part, Seats)]
    assert [(part.slot, part.part, part.parts) for part in said] == [
        (0, 1, 3),
        (0, 2, 3),
        (0, 3, 3),
    ]
    assert [seat for part in said for seat in part.seats] == told
    assert [part.places for part in said] == [[], [], [Place(DOC, E1, 7)]]
    assert [part.collections for part in said] == [[], [], ["article"]]


def test_too_many_acts_are_told_by_the_roll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)
    outbox = connected()
    outbox.act(DOC, leave("c.1"), leave("c.2"))
    assert not outbox.open
    outbox.act(OTHER, leave("c.3"))
    keys = [message.key for message in take(outbox)]
    assert keys == [ids.routing_key(DOC), topology.seats_key(ids.slot_of(OTHER))]
    assert outbox.open


def test_what_has_no_form_is_left_out_and_told() -> None:
    huge = 2**64
    seats = [Seat(ConnectionId(f"c.{n}"), "fry", "Fry", b"{}", "reading", b"{}") for n in (1, 2)]
    seats[0].name = "\ud800"
    outbox = Outbox("g", lambda slot: ([], [seat.told(DOC) for seat in seats], []))
    unsaid: list[str] = []
    outbox.unsaid = lambda what, why: unsaid.append(type(what).__name__)
    outbox.connected(1)
    for told in take(outbox):
        said = messages.read_to_shard(told.body)
        assert isinstance(said, Seats)
        assert [seat.connection for seat in said.seats] == ["c.2"]
    assert unsaid == ["Seat"] * SLOTS
    outbox.act(DOC, AskAct(connection="", ask=huge), leave())
    outbox.act(OTHER, AskAct(connection="", ask=huge))
    outbox.life(msgspec.structs.replace(ended(), duration_ms=huge))
    (message,) = outbox.take(NOW)
    assert acts(message).acts == [leave()]
    assert unsaid[SLOTS:] == ["Disconnected", "AskAct", "AskAct"]


def test_watching_goes_to_every_slot_or_to_one() -> None:
    outbox = connected()
    outbox.watch("article", True, None)
    outbox.watch("article", True, 7)
    everywhere, there = outbox.take(NOW)
    copies = everywhere.headers["BCC"]
    assert isinstance(copies, list)
    assert [everywhere.key, *copies] == [topology.watch_key(slot) for slot in range(SLOTS)]
    assert (there.key, there.headers) == (topology.watch_key(7), {})
    said = messages.read_to_shard(there.body)
    assert said == Watch(gateway="g", term=3, collection="article", on=True)


def test_control_and_dead_letters_have_their_own_exchanges() -> None:
    outbox = connected()
    outbox.control(Bye(who="g", at=NOW))
    outbox.dead(Delivery(1, "hub.events", "k", b"?", {}, "x/y", "", False), "queue", "why")
    bye, dead = outbox.take(NOW)
    assert (bye.exchange, messages.read_control(bye.body)) == (
        topology.CONTROL,
        Bye(who="g", at=NOW),
    )
    assert (dead.exchange, dead.key, dead.body) == (topology.DEAD, "queue", b"?")
    assert dead.headers == {"reason": "why", "from": "hub.events", "key": "k"}
    assert (bye.content_type, dead.content_type) == (codec.MSGPACK, "x/y")


def test_whoever_sends_is_woken() -> None:
    outbox = connected()
    wakes = outbox.wake = Wakes()
    outbox.act(DOC, leave())
    outbox.life(ended())
    outbox.roll()
    outbox.watch("article", False, 0)
    outbox.control(Bye(who="g", at=NOW))
    assert wakes.count == 5


def test_what_else_waits_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 1)
    outbox = connected()
    outbox.watch("article", True, 7)
    outbox.watch("comment", True, 7)
    outbox.control(Bye(who="g", at=NOW))
    outbox.dead(Delivery(1, "hub.events", "k", b"?", {}, "x/y", "", False), "queue", "why")
    assert [message.key for message in take(outbox)] == [
        topology.watch_key(7),
        topology.seats_key(7),
    ], "the roll names all collections that are watched"


def test_lives_that_wait_are_bounded_the_oldest_go() -> None:
    outbox = connected()
    outbox.lost()
    for n in range(module.LIVES + 2):
        outbox.life(ended(f"c.{n}"))
    outbox.connected(4)
    keys = [message.key for message in take(outbox) if message.key.startswith("disconnect")]
    assert (len(keys), keys[0]) == (module.LIVES, "disconnect.c.2")

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_struct

from hub import acts as acts_file
from hub.shard import Shard, Turn
from schemas import codec, topology
from schemas.ids import epoch_age, epoch_name
from schemas.messages import (
    Answer,
    AwayAct,
    Done,
    Place,
    Refused,
    SeatsWanted,
    SendAct,
    UpdateAct,
    Watch,
    read_control,
)
from schemas.presence import Position
from tests.unit.hub.builders import (
    DOCUMENT,
    SLOT,
    START,
    acts,
    ask,
    bcc,
    change,
    dead,
    delivery,
    event,
    frames,
    join,
    leave,
    seats,
    shard,
    told,
    turn,
)


def present(it: Shard) -> dict[str, str]:
    room = it.rooms.get(DOCUMENT)
    return {u.id: u.mode for u in room.whole(complete=True).users} if room else {}


def place(it: Shard) -> Place:
    known = it.book.documents[DOCUMENT]
    return Place(DOCUMENT, known.epoch, known.seq)


def answers(result: Turn) -> list[Answer]:
    return [r for some in result.replies.values() for r in some if isinstance(r, Answer)]


def test_who_joins_is_shown_and_answered_in_the_same_turn() -> None:
    it = shard()
    result = turn(it, acts(join("c1", "leela"), ask(7)))
    [presence] = frames(result, "presence")
    assert [user["id"] for user in presence["users"]] == ["leela"]
    [answer] = answers(result)
    assert (answer.ask, answer.seq, answer.presence.v) == (7, 0, 1)
    assert answer.presence.complete
    assert answer.epoch == it.book.documents[DOCUMENT].epoch
    assert [user.id for user in answer.presence.users] == ["leela"]


def test_events_go_to_the_gateways_with_seats_or_watching_the_list() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), acts(join("c2", "fry"), gateway="g2", term=5))
    watching = Watch(gateway="g3", term=2, collection="article", on=True)
    turn(it, delivery(topology.CLIENTS, topology.watch_key(SLOT), codec.pack(watching)))
    [sent] = [one for one in turn(it, change("e1")).out if one.headers.get("w") == "event"]
    assert bcc(sent) == [":gateway.g1.1", ":gateway.g2.5", ":gateway.g3.2"]
    off = Watch(gateway="g3", term=2, collection="article", on=False)
    turn(it, delivery(topology.CLIENTS, topology.watch_key(SLOT), codec.pack(off)))
    [sent] = [one for one in turn(it, change("e2")).out if one.headers.get("w") == "event"]
    assert bcc(sent) == [":gateway.g1.1", ":gateway.g2.5"]


def test_a_page_that_follows_another_ends_its_seat_in_the_same_step() -> None:
    it = shard()
    turn(it, acts(join("old", "leela")), now=START)
    turn(it, acts(AwayAct(connection="old"), gateway="g1"), now=START + 1000)
    result = turn(it, acts(join("new", "leela", previous="old"), gateway="g2"), now=START + 2000)
    assert frames(result, "presence") == []
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert list(room.seats) == ["new"]


def test_but_not_one_that_is_still_there_or_another_users() -> None:
    it = shard()
    turn(it, acts(join("here", "leela"), join("away", "fry"), AwayAct(connection="away")))
    turn(it, acts(join("n1", "leela", previous="here"), join("n2", "leela", previous="away")))
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert set(room.seats) == {"here", "away", "n1", "n2"}


def test_a_lower_term_is_of_a_half_dead_connection() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela"), term=2))
    turn(it, acts(leave("c1"), term=1), seats(term=1))
    assert present(it) == {"leela": "reading"}
    turn(it, acts(leave("c1"), term=3))
    assert present(it) == {}


def test_seats_replace_what_was_known() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela"), join("c2", "fry")), acts(join("c3", "amy"), gateway="g2"))
    result = turn(it, seats(told("c1", "leela", "editing"), told("c4", "zoidberg")))
    assert present(it) == {"leela": "editing", "amy": "reading", "zoidberg": "reading"}
    assert it.gateways["g1"].told
    assert result.facts == []


def test_who_is_behind_gets_what_is_missing_and_who_is_level_nothing() -> None:
    it = shard()
    turn(it, change("e1"), change("e2"), change("e3"))
    assert answers(turn(it, seats(places=[place(it)]))) == []
    behind = Place(DOCUMENT, place(it).epoch, 1)
    [answer] = answers(turn(it, seats(places=[behind])))
    assert (answer.ask, answer.since, answer.recovered, len(answer.events)) == (0, 1, True, 2)
    [older] = answers(turn(it, seats(places=[Place(DOCUMENT, epoch_name(1), 9)])))
    assert (older.recovered, older.epoch) == (False, place(it).epoch)
    assert answers(turn(it, seats(places=[Place(DOCUMENT, "", 0)]))) == []


def test_who_is_ahead_of_the_log_starts_the_document_anew() -> None:
    it = shard()
    turn(it, change("e1"))
    old = place(it)
    ahead = turn(it, seats(told("c1", "leela"), places=[Place(DOCUMENT, old.epoch, 2)]))
    [reset] = frames(ahead, "reset")
    assert epoch_age(reset["epoch"]) > epoch_age(old.epoch)
    newer = epoch_name(epoch_age(reset["epoch"]) + 500)
    later = turn(it, seats(places=[Place(DOCUMENT, newer, 0)]))
    assert epoch_age(frames(later, "reset")[0]["epoch"]) > epoch_age(newer)
    fresh = shard()
    unknown = turn(fresh, seats(told("c1", "leela"), places=[]), acts(leave("c1")))
    assert frames(unknown, "reset") == []
    stranger = turn(shard(), seats(places=[Place(DOCUMENT, newer, 3)]))
    assert epoch_age(frames(stranger, "reset")[0]["epoch"]) > epoch_age(newer)


def test_a_browser_that_claims_the_future_resets_nothing() -> None:
    it = shard()
    turn(it, change("e1"))
    result = turn(it, acts(ask(1, Position(place(it).epoch, 99))))
    assert frames(result, "reset") == []
    assert not answers(result)[0].recovered


def test_a_question_about_a_document_nobody_is_at() -> None:
    it = shard()
    [answer] = answers(turn(it, acts(ask(1))))
    assert (answer.presence.users, answer.presence.v, answer.seq) == ([], 0, 0)
    assert it.exchanges.due() is not None


def test_a_lost_gateways_seats_end_and_a_sign_of_life_asks_for_them() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), acts(join("c2", "fry"), gateway="g2"))
    gone = Turn(it, START + 1000)
    acts_file.gateway_gone(gone, "g1")
    assert present(it) == {"fry": "reading"}
    assert gone.out == []
    back = turn(it, acts(join("c3", "amy")), now=START + 2000)
    asked = [read_control(one.body) for one in back.out if one.exchange == topology.CONTROL]
    assert asked == [SeatsWanted(slot=SLOT, generation=START, gateway="g1")]
    assert set(present(it)) == {"fry", "amy"}


def test_what_a_browser_sends_is_numbered_under_its_users_name() -> None:
    it = shard()
    send = SendAct(connection="c1", event=event("s1"), request=3)
    first = turn(it, acts(join("c1", "leela"), send))
    assert Done(request=3, document=DOCUMENT, seq=1) in first.replies["g1"]
    elsewhere = event("s1").replace(b'"/test"', b'"/connection/c2"')
    again = turn(it, acts(SendAct(connection="c2", event=elsewhere, request=4)))
    assert again.replies["g1"] == [Done(request=4, document=DOCUMENT, seq=1)]
    assert again.facts == []


def test_an_ephemeral_event_has_no_number_and_no_record() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")))
    send = SendAct(connection="c1", event=event("x"), ephemeral=True, request=3)
    result = turn(it, acts(send))
    [sent] = [one for one in result.out if one.headers.get("w") == "event"]
    assert (sent.headers["s"], sent.persistent, result.facts) == (0, False, [])
    assert "seq" not in frames(result, "event")[0]


def test_a_bad_event_harms_nobody_else_in_its_message() -> None:
    it = shard()
    forged = event("f", '{"op":"u","entity":"a"}', type="presently.change")
    other = event("o", document="article.7")
    result = turn(
        it,
        acts(
            SendAct(connection="c1", event=forged, request=1),
            SendAct(connection="c1", event=other, request=2),
            SendAct(connection="c1", event=b"{}"),
            SendAct(connection="c1", event=event("s1"), request=3),
        ),
    )
    replies = result.replies["g1"]
    assert [(r.request, r.code) for r in replies if isinstance(r, Refused)] == [
        (1, "invalid_event"),
        (2, "invalid_event"),
    ]
    assert Done(request=3, document=DOCUMENT, seq=1) in replies
    assert [letter.body for letter in dead(result)] == [forged, other, b"{}"]


def test_a_gateway_heard_while_we_wait_is_waited_for() -> None:
    it = shard(settled=False)
    it.settles_by = START + 1000
    heard = Turn(it, START)
    acts_file.gateway_heard(heard, "g1")
    assert it.awaited == {"g1"}
    turn(it, seats())
    assert it.awaited == set()
    assert it.settled


def test_an_ephemeral_event_is_told_at_most_once_and_answered_all_the_same() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")))
    sent = acts(SendAct(connection="c1", event=event("x1"), ephemeral=True, request=3))
    assert len(frames(turn(it, sent), "event")) == 1
    again = turn(it, replace(sent, redelivered=True))
    assert frames(again, "event") == []
    assert again.replies == {"g1": [Done(request=3, document=DOCUMENT)]}


def test_who_missed_presence_is_told_and_who_has_it_is_not() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela"), join("c2", "fry")))
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    document = it.book.documents[DOCUMENT]
    generation = it.book.generation

    def told_of(generation: int, v: int) -> int:
        place = Place(DOCUMENT, document.epoch, document.seq, generation, v)
        result = turn(it, seats(told("c1", "leela"), told("c2", "fry"), places=[place]))
        return len(result.replies.get("g1", []))

    assert told_of(generation, room.v) == 0
    assert told_of(generation, room.v - 1) == 1
    assert told_of(generation - 1, room.v) == 1
    assert told_of(0, -1) == 0


def test_a_browsers_mistake_is_told_to_it_and_nobody_else() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")))
    first = SendAct(connection="c1", event=event("s1"), request=1)
    other = SendAct(connection="c1", event=event("s1", '{"x":2}'), request=2)
    result = turn(it, acts(first, other))
    assert [type(reply) for reply in result.replies["g1"]] == [Done, Refused]
    assert dead(result) == []


@pytest.mark.parametrize("shown", [b"\xff", b'{"x":"\xff"}', b"{}}", b"1"])
def test_what_would_break_every_screen_is_no_message(shown: bytes) -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")))
    for message in (
        acts(replace_struct(join("c2", "fry"), state=shown)),
        acts(replace_struct(join("c2", "fry"), info=shown)),
        acts(UpdateAct(connection="c1", state=shown)),
        seats(replace_struct(told("c2", "fry"), state=shown)),
    ):
        assert len(dead(turn(it, message))) == 1
    assert present(it) == {"leela": "reading"}

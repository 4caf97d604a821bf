import pytest

from hub import closing, decide
from hub.past import Past
from hub.settings import HubSettings
from hub.shard import Recalled, Shard, Turn
from schemas import codec, limits, messages
from schemas.log import Batch, Claim, Exchanged, Granted, Numbered
from schemas.messages import Answer, Part
from schemas.presence import Position
from tests.unit.hub.builders import (
    DOCUMENT,
    START,
    acts,
    ask,
    bcc,
    change,
    frames,
    join,
    leave,
    seats,
    shard,
    told,
    turn,
)


def begun(
    *, awaited: dict[str, int] | None = None, settle_ms: int = 0, answers_ms: int = 1000
) -> Shard:
    """A shard at the beginning of an ownership."""
    it = shard(settled=False)
    first = Turn(it, START)
    closing.begin(
        first, awaited=awaited or {}, settle_ms=settle_ms, answers_ms=answers_ms, trusted=True
    )
    return it


def test_the_first_change_goes_at_once_and_the_next_wait_for_the_tick() -> None:
    it = shard()
    assert len(frames(turn(it, acts(join("c1", "leela")), now=START), "presence")) == 1
    assert frames(turn(it, acts(join("c2", "fry")), now=START + 1), "presence") == []
    assert frames(turn(it, acts(join("c3", "amy")), now=START + 2), "presence") == []
    assert closing.due(it) == START + limits.TICK_MIN_MS
    [merged] = frames(turn(it, now=START + limits.TICK_MIN_MS), "presence")
    assert {user["id"] for user in merged["users"]} == {"fry", "amy"}
    assert merged["v"] == 2


def test_a_question_does_not_wait_for_the_tick() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), now=START)
    result = turn(it, acts(join("c2", "fry"), ask(1), gateway="g2"), now=START + 1)
    assert len(frames(result, "presence")) == 1
    [answer] = result.replies["g2"]
    assert isinstance(answer, Answer)
    assert (answer.presence.v, len(answer.presence.users)) == (2, 2)


def test_a_thousand_joins_within_a_tick_are_one_frame() -> None:
    it = shard()
    turn(it, acts(join("c0", "u0")), now=START)
    joins = [acts(join(f"c{n}", f"u{n % 150}")) for n in range(1000)]
    assert frames(turn(it, *joins, now=START + 1), "presence") == []
    assert len(frames(turn(it, now=START + 200), "presence")) == 1


def test_a_new_owner_waits_for_the_gateways_that_live() -> None:
    it = begun(awaited={"g1": 1, "g2": 1})
    early = turn(it, seats(told("c1", "leela")), acts(ask(1)), now=START + 10)
    assert frames(early, "presence") == []
    [answer] = [r for r in early.replies["g1"] if isinstance(r, Answer)]
    assert ([u.id for u in answer.presence.users], answer.presence.complete) == (["leela"], False)
    late = turn(it, seats(told("c2", "fry"), gateway="g2"), now=START + 20)
    [presence] = frames(late, "presence")
    assert (presence["full"], presence["complete"]) == (True, True)
    assert {user["id"] for user in presence["users"]} == {"leela", "fry"}


def test_but_not_for_ever() -> None:
    it = begun(awaited={"g1": 1, "g2": 1})
    turn(it, seats(told("c1", "leela")), now=START + 10)
    assert closing.due(it) == START + 1000
    [presence] = frames(turn(it, now=START + 1000), "presence")
    assert not presence["complete"]
    after = turn(it, seats(told("c2", "fry"), gateway="g2"), now=START + 2000)
    [presence] = frames(after, "presence")
    assert presence["complete"]


def test_a_young_worker_waits_a_little_for_those_it_has_not_heard_of() -> None:
    it = begun(settle_ms=500)
    assert closing.due(it) == START + 500
    turn(it, now=START + 499)
    assert not it.settled
    turn(it, now=START + 500)
    assert it.settled


def test_until_then_events_go_to_every_gateway_that_lives() -> None:
    it = begun(awaited={"g1": 3, "g2": 0, "g3": 7})
    [sent] = turn(it, change("e1"), now=START + 1).out
    assert bcc(sent) == [":gateway.g1.3", ":gateway.g3.7"]


def test_a_lease_whose_holder_does_not_turn_up_ends_when_all_had_the_time() -> None:
    it = begun(answers_ms=1000)
    it.book.apply(Granted(document=DOCUMENT, connection="c1", user="u", name="U", fence=5))
    turn(it, now=START + 1)
    assert it.settled
    assert DOCUMENT in it.book.leases
    assert closing.due(it) == START + 1000
    assert len(turn(it, now=START + 1000).facts) == 1
    assert it.book.leases == {}


def test_a_collection_is_told_once_seats_are_known() -> None:
    it = begun(awaited={"g1": 1})
    result = turn(it, seats(told("c1", "leela"), collections=["article"]), now=START + 1)
    [part] = [r for r in result.replies["g1"] if isinstance(r, Part)]
    assert (part.full, part.complete, part.v) == (True, True, 1)
    assert [document.document for document in part.documents] == [DOCUMENT]
    gone = turn(it, acts(leave("c1")), now=START + 1000)
    [part] = [r for r in gone.replies["g1"] if isinstance(r, Part)]
    assert (part.full, part.v, part.documents[0].reading) == (False, 2, 0)


def test_an_exchange_nobody_wants_ends_after_its_time() -> None:
    it = shard(HubSettings(linger_ms=100))
    it.book.apply(Exchanged(document=DOCUMENT, on=True))
    first = Turn(it, START)
    it.settled = False
    closing.begin(first, awaited={}, settle_ms=0, answers_ms=0, trusted=True)
    assert first.orders == []
    result = turn(it, now=START + 100)
    assert result.facts == [Exchanged(document=DOCUMENT, on=False)]
    assert [order.open for order in result.orders] == [False]


def test_one_that_is_not_trusted_to_exist_is_made_again() -> None:
    it = shard()
    it.book.apply(Exchanged(document=DOCUMENT, on=True))
    first = Turn(it, START)
    closing.begin(first, awaited={}, settle_ms=0, answers_ms=0, trusted=False)
    assert [order.open for order in first.orders] == [True]


def test_old_histories_are_swept() -> None:
    it = shard()
    turn(it, change("e1"), now=START)
    later = START + limits.HISTORY_MS + closing.SWEEP_MS
    turn(it, now=later)
    assert it.book.documents[DOCUMENT].bytes == 0
    assert it.book.documents[DOCUMENT].seq == 1
    assert closing.due(it) == later + closing.SWEEP_MS


def test_what_is_told_last_of_a_room_is_that_it_is_empty() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), now=START)
    result = turn(it, acts(leave("c1")), now=START + 100)
    [presence] = frames(result, "presence")
    assert (presence["left"], presence["counts"]) == (["leela"], {"reading": 0, "editing": 0})
    assert len(it.rooms) == 0


def recalling(*seqs: int) -> tuple[Shard, Past]:
    """A shard whose log was read from event 3 on, and the stretch before it."""
    it = shard()
    it.recalling = True
    older = Past()
    older.fold(Claim(worker="w", nonce="before", at=START), 0)
    for seq in seqs:
        fact = Numbered(
            document=DOCUMENT, epoch="k", seq=seq, source="/s", id=f"e{seq}", type="t", digest=b"",
            at=START, event=b"%d" % seq,
        )  # fmt: skip
        if seq < 3:
            older.fold(Batch(nonce="before", n=1, facts=[fact]), seq)
        else:
            it.book.apply(fact)
    return it, older


def answers(result: Turn) -> list[Answer]:
    found: list[Answer] = []
    for one in result.out:
        if one.key.startswith(":gateway"):
            replies = codec.read(one.body, messages.Replies).replies
            found += [reply for reply in replies if isinstance(reply, Answer)]
    return found


def test_who_asks_for_older_history_waits_for_it_and_is_told() -> None:
    it, older = recalling(1, 2, 3, 4)
    asked = turn(it, acts(ask(1, Position("k", 0))), acts(ask(2, Position("k", 2))))
    assert [(a.ask, a.recovered) for a in answers(asked)] == [(2, True)]
    assert closing.due(it) == START + closing.HOLD_ASK_MS
    later = Turn(it, START + 100)
    decide.notice(later, Recalled(older, it.book.generation))
    closing.close(later)
    assert [(a.ask, a.recovered, a.events) for a in answers(later)] == [
        (1, True, [b"1", b"2", b"3", b"4"])
    ]
    assert it.held == []


def test_who_waits_in_vain_is_told_so() -> None:
    for ends in ("no more comes", "the time is over", "another began"):
        it, _ = recalling(2, 3)
        assert answers(turn(it, acts(ask(1, Position("k", 0))))) == []
        later = Turn(it, START + (closing.HOLD_ASK_MS if ends == "the time is over" else 1))
        if ends == "no more comes":
            decide.notice(later, Recalled(None, it.book.generation))
        elif ends == "another began":
            decide.notice(later, Recalled(None, 1))
            closing.close(later)
            assert answers(later) == []
            continue
        closing.close(later)
        assert [(a.ask, a.recovered, a.seq) for a in answers(later)] == [(1, False, 3)]


def test_few_wait_and_nobody_for_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    it, _ = recalling(1, 2, 3)
    monkeypatch.setattr(closing, "HELD_ASKS", 1)
    first = turn(it, acts(ask(1, Position("k", 0))), acts(ask(2, Position("k", 1))))
    assert [(a.ask, a.recovered) for a in answers(first)] == [(2, False)]
    nobody = turn(it, acts(ask(3, Position("old", 0))), acts(ask(4)))
    assert [(a.ask, a.recovered) for a in answers(nobody)] == [(3, False), (4, False)]
    del it.book.documents[DOCUMENT]  # beyond the bounds meanwhile
    assert answers(turn(it, now=START + closing.HOLD_ASK_MS)) == []
    assert it.held == []

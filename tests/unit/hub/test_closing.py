from hub import closing
from hub.settings import HubSettings
from hub.shard import Shard, Turn
from schemas import limits
from schemas.log import Exchanged, Granted
from schemas.messages import Answer, Part
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

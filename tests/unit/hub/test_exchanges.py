from broker.port import Outgoing
from hub.exchanges import ENDING_AT_ONCE, REMEMBERED, Exchanges, Order, Outcome
from schemas import topology

OWN = "doc.a.1"


def exchanges(most: int = 10) -> Exchanges:
    return Exchanges(most=most, linger_ms=100)


def opened(*documents: str) -> Exchanges:
    it = exchanges(100)
    for document in documents:
        assert it.want(document) == Order(document, open=True)
        assert it.outcome(document, Outcome.OPENED, 0) is None
    return it


def test_it_is_published_to_only_once_it_exists() -> None:
    it = exchanges()
    assert it.target("a.1") == topology.EVENTS
    assert it.want("a.1") == Order("a.1", open=True)
    assert it.want("a.1") is None
    assert it.target("a.1") == topology.EVENTS
    it.outcome("a.1", Outcome.OPENED, 0)
    assert it.target("a.1") == OWN
    assert it.is_open("a.1")
    assert "a.1" in it


def test_it_lingers_and_ends() -> None:
    it = opened("a.1")
    assert it.due() is None
    it.unwant("a.1", 50)
    assert it.due() == 150
    assert it.endings(149) == []
    assert it.endings(150) == [Order("a.1", open=False)]
    assert it.target("a.1") == topology.EVENTS
    assert it.outcome("a.1", Outcome.GONE, 151) is None
    assert "a.1" not in it


def test_who_comes_back_in_time_keeps_it() -> None:
    it = opened("a.1")
    it.unwant("a.1", 0)
    assert it.want("a.1") is None
    assert it.endings(1000) == []


def test_who_comes_while_it_ends_gets_a_new_one() -> None:
    it = opened("a.1")
    it.unwant("a.1", 0)
    it.endings(100)
    assert it.want("a.1") is None
    assert it.outcome("a.1", Outcome.GONE, 101) == Order("a.1", open=True)
    assert it.target("a.1") == topology.EVENTS


def test_one_a_backend_is_bound_to_is_kept_and_looked_at_again() -> None:
    it = opened("a.1")
    it.unwant("a.1", 0)
    it.endings(100)
    event = Outgoing(topology.EVENTS, "a.1.event.t", b"{}")
    it.published(event, "a.1")
    assert it.outcome("a.1", Outcome.KEPT, 120) is None
    assert it.target("a.1") == OWN
    assert [(m.exchange, m.key) for m in it.missed("a.1")] == [(OWN, "a.1.event.t")]
    assert it.missed("a.1") == []
    assert it.endings(219) == []
    assert it.endings(220) == [Order("a.1", open=False)]


def test_what_went_to_it_while_open_was_not_missed() -> None:
    it = opened("a.1")
    it.published(Outgoing(OWN, "k", b""), "a.1")
    assert it.missed("a.1") == []


def test_their_number_is_bounded() -> None:
    it = exchanges(most=1)
    assert it.want("a.1") is not None
    assert it.want("a.2") is None
    assert it.target("a.2") == topology.EVENTS


def test_few_end_at_once() -> None:
    documents = [f"a.{n}" for n in range(ENDING_AT_ONCE + 1)]
    it = opened(*documents)
    for document in documents:
        it.unwant(document, 0)
    first = it.endings(1000)
    assert len(first) == ENDING_AT_ONCE
    assert it.due() is None
    it.outcome(first[0].document, Outcome.GONE, 1000)
    assert len(it.endings(1000)) == 1


def test_one_that_cannot_be_made_is_forgotten() -> None:
    it = exchanges()
    it.want("a.1")
    assert it.outcome("a.1", Outcome.FAILED, 0) is None
    assert it.target("a.1") == topology.EVENTS
    assert it.outcome("a.1", Outcome.FAILED, 0) is None


def test_an_inherited_one_is_made_again_unless_the_log_is_trusted() -> None:
    it = exchanges()
    assert it.inherit("a.1", 0, trusted=True) is None
    assert it.target("a.1") == OWN
    assert it.inherit("a.2", 0, trusted=False) == Order("a.2", open=True)
    assert it.target("a.2") == topology.EVENTS
    # Still being made when its time is over: it is looked at later.
    assert it.endings(100) == [Order("a.1", open=False)]
    it.outcome("a.2", Outcome.OPENED, 110)
    assert it.endings(210) == [Order("a.2", open=False)]


def test_what_is_missed_while_one_ends_is_bounded_the_oldest_go() -> None:
    it = opened("a.1")
    it.unwant("a.1", 0)
    it.endings(100)
    for n in range(REMEMBERED + 2):
        it.published(Outgoing(topology.EVENTS, "k", str(n).encode()), "a.1")
    it.outcome("a.1", Outcome.KEPT, 200)
    missed = it.missed("a.1")
    assert (len(missed), missed[0].body, missed[0].exchange) == (REMEMBERED, b"2", OWN)

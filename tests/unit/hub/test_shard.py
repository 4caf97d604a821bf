import pytest

from hub import shard as shard_file
from hub.shard import Gateway, Turn
from schemas.log import Exchanged, Granted
from schemas.presence import Lease
from tests.unit.hub.builders import DOCUMENT, START, shard


def test_a_gateway_has_the_address_of_its_latest_connection() -> None:
    it = shard()
    it.gateways["g1"] = Gateway("g1", 7)
    assert it.addresses(["g1", "unknown"]) == [":gateway.g1.7"]


def test_few_lost_gateways_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_file, "LOST_GATEWAYS", 2)
    it = shard()
    for n in range(4):
        it.gateways[f"g{n}"] = Gateway(f"g{n}", 1, lost=n != 1)
    it.drop_oldest_lost()
    assert list(it.gateways) == ["g1", "g2", "g3"]


def test_it_is_complete_when_settled_and_nobody_is_awaited() -> None:
    it = shard()
    assert it.complete
    it.awaited.add("g1")
    assert not it.complete


def test_the_lease_is_the_logs() -> None:
    it = shard()
    assert it.lease_of(DOCUMENT) is None
    it.book.apply(Granted(document=DOCUMENT, connection="c", user="u", name="U", fence=5))
    assert it.lease_of(DOCUMENT) == Lease("u", 5)


def test_an_exchange_is_written_down_once() -> None:
    turn = Turn(shard(), START)
    turn.exchange(DOCUMENT, on=False)
    turn.exchange(DOCUMENT, on=True)
    turn.exchange(DOCUMENT, on=True)
    assert turn.facts == [Exchanged(document=DOCUMENT, on=True)]


def test_a_document_is_watched_once() -> None:
    turn = Turn(shard(), START)
    turn.watched(DOCUMENT)
    turn.watched(DOCUMENT)
    assert len(turn.orders) == 1

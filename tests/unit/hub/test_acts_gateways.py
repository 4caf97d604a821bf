"""A lost gateway is told of, and written off once that is out."""

from hub import acts as acts_file, closing
from hub.shard import Turn
from schemas import topology
from schemas.ids import Slot
from schemas.log import Serving
from schemas.messages import GatewayLost, read_life
from tests.unit.hub.builders import START, shard, turn


def test_the_owner_of_slot_0_tells_backends_of_a_lost_gateway() -> None:
    it = shard()
    it.slot = Slot(0)
    begun = Turn(it, START)
    acts_file.hear(begun, "g1", 1)
    assert begun.facts == [Serving(gateway="g1", on=True)], "whoever is next must know of it"
    gone = Turn(it, START)
    acts_file.gateway_gone(gone, "g1")
    closing.close(gone)
    [sent] = gone.out
    assert (sent.exchange, sent.key) == (topology.CLIENTS, "gateway.lost")
    assert read_life(sent.body) == GatewayLost(gateway="g1", at=START)
    assert gone.facts == [], "it is not out yet; if it never comes out, our successor tells it"
    assert turn(it, now=START + 1).facts == [Serving(gateway="g1", on=False)]
    assert turn(it, now=START + 2).facts == []
    never = Turn(it, START)
    acts_file.gateway_gone(never, "g9")
    assert never.out == [], "nobody had heard of it"


def test_a_gateway_that_is_back_is_not_written_off() -> None:
    it = shard()
    it.slot = Slot(0)
    acts_file.hear(Turn(it, START), "g1", 1)
    gone = Turn(it, START)
    acts_file.gateway_gone(gone, "g1")
    closing.close(gone)
    back = Turn(it, START)
    acts_file.hear(back, "g1", 1)
    closing.close(back)
    assert (back.facts, list(it.book.gateways)) == ([], ["g1"])

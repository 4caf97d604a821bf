import asyncio

import pytest

from broker.errors import BrokerUnavailable
from hub.tail import Superseded, Tail, record_name
from schemas import codec
from schemas.log import Batch, Claim, Record
from tests.unit.hub.builders import delivery


class Nothing:
    """A channel and inbox that are not asked."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def tail(broker: object = None) -> Tail:
    return Tail(broker or Bus(""), Nothing(), Nothing(), "mine")  # type: ignore[arg-type]


class Bus:
    """A broker that may be in an alarm."""

    def __init__(self, held: str) -> None:
        self.held = held


def look(it: Tail, record: Record, name: str = "") -> None:
    one = delivery("", "hub.log.00", codec.pack(record))
    object.__setattr__(one, "message_id", name)
    it.look_at(one)


async def test_our_own_records_are_known_by_their_names() -> None:
    it = tail()
    for number in (1, 2, 3):
        look(it, Batch(nonce="mine", n=1, facts=[]), record_name("mine", number))
    await it.read_back(3)


async def test_a_gap_among_our_records_is_a_lost_shard() -> None:
    it = tail()
    look(it, Batch(nonce="mine", n=1, facts=[]), record_name("mine", 1))
    with pytest.raises(BrokerUnavailable, match="record 2 is not in the log"):
        look(it, Batch(nonce="mine", n=3, facts=[]), record_name("mine", 3))


async def test_a_record_that_does_not_come_is_a_lost_shard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hub.tail.READ_BACK_SECONDS", 0)
    with pytest.raises(BrokerUnavailable, match="record 1 was not read back"):
        await tail().read_back(1)


async def test_in_an_alarm_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.tail.READ_BACK_SECONDS", 0.001)
    bus = Bus("low on memory")
    it = tail(bus)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(it.read_back(1))
        done, _ = await asyncio.wait({reading}, timeout=0.1)
        assert not done
        look(it, Batch(nonce="mine", n=1, facts=[]), record_name("mine", 1))


async def test_the_time_of_an_alarm_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends just when we would have given up: what was held back has not come yet."""
    monkeypatch.setattr("hub.tail.READ_BACK_SECONDS", 0.4)
    bus = Bus("low on memory")
    it = tail(bus)
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(it.read_back(1))
        await asyncio.wait({reading}, timeout=0.39)
        bus.held = ""
        done, _ = await asyncio.wait({reading}, timeout=0.2)
        assert not done
        look(it, Batch(nonce="mine", n=1, facts=[]), record_name("mine", 1))


async def test_others_batches_are_passed_over() -> None:
    it = tail()
    look(it, Batch(nonce="zombie", n=1, facts=[]), record_name("zombie", 9))
    look(it, Batch(nonce="mine", n=1, facts=[]), record_name("mine", 1))
    it.look_at(delivery("", "hub.log.00", b"\xc1"))
    await it.read_back(1)


async def test_anothers_claim_ends_it() -> None:
    with pytest.raises(Superseded) as caught:
        look(tail(), Claim(worker="other", nonce="theirs", at=0), record_name("theirs", 0))
    assert caught.value.worker == "other"

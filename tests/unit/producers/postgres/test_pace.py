"""What a shard is handed: enough to keep it busy, and little enough that people do not wait."""

import random
from collections import deque

import pytest

from producers.postgres.pace import BUSY_MS, FIRST, LEAST, SHARE, WORK_MS, Pace
from schemas.ids import SLOTS
from schemas.limits import PREFETCH


def looking(pace: Pace, depth: int, begin: int, end: int, step: int = 50) -> None:
    for now in range(begin, end, step):
        pace.looked(3, depth, now_ms=now)


LITTLE = int(FIRST * WORK_MS)


def test_a_shard_we_know_nothing_of_may_have_half_a_prefetch() -> None:
    pace = Pace()
    assert pace.fits([3] * 1000) == LEAST == PREFETCH // 2
    pace.sent([3] * 100)
    assert pace.fits([3] * 1000) == LEAST - 100
    assert pace.room(4) == LEAST


def test_from_then_on_it_gets_a_little_until_more_is_known_of_it() -> None:
    pace = Pace()
    pace.sent([3] * LEAST)
    pace.looked(3, LEAST, now_ms=0)
    assert pace.room(3) == 0
    pace.looked(3, 0, now_ms=LEAST / FIRST)
    assert pace.room(3) >= LITTLE


def test_the_first_full_shard_stops_the_line_since_order_is_kept() -> None:
    pace = Pace()
    pace.sent([3] * LEAST)
    assert pace.fits([4, 4, 3, 4]) == 2


def test_time_makes_room_at_the_rate_we_believe_in() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=0)
    pace.sent([3] * LITTLE)
    assert pace.room(3) == 0
    pace.looked(4, 0, now_ms=WORK_MS / 2)
    assert pace.room(3) == LITTLE // 2


def test_a_shard_of_which_nothing_waits_is_handed_more_and_more() -> None:
    pace = Pace()
    looking(pace, 0, 0, 501)
    assert pace.room(3) == pytest.approx(2 * LITTLE, abs=1)
    looking(pace, 0, 550, 1501)
    assert pace.room(3) == pytest.approx(8 * LITTLE, abs=1)


def test_a_message_on_its_way_is_not_taken_for_full_hands() -> None:
    pace = Pace()
    looking(pace, 0, 0, 501)
    pace.looked(3, 5, now_ms=502)
    assert pace.room(3) == pytest.approx(2 * LITTLE, abs=1)


def test_full_hands_are_a_whole_prefetch_that_no_depth_shows() -> None:
    pace = Pace()
    looking(pace, 0, 0, 501)
    looking(pace, 5, 550, 601)
    assert pace.room(3) == 0
    pace.looked(4, 0, now_ms=600 + PREFETCH / (2 * FIRST))
    assert pace.room(3) == pytest.approx(2 * LITTLE - 5, abs=1)


def test_what_a_worker_did_with_full_hands_is_what_it_is_handed_from_then_on() -> None:
    pace = Pace()
    looking(pace, 0, 0, 2001)  # 1.6 a ms by now
    pace.looked(3, 0, now_ms=2050)  # counted from here
    pace.sent([3] * (PREFETCH + 1100))
    looking(pace, 100, 3000, 3051)
    served = 1000 / 1000
    pace.looked(4, 0, now_ms=60_000)
    assert pace.room(3) == pytest.approx(served * SHARE * WORK_MS, rel=0.2)


def test_a_worker_that_stopped_gets_nothing_more_and_is_not_forgotten() -> None:
    pace = Pace()
    looking(pace, 0, 0, 2001)
    able = pace.room(3)
    pace.sent([3] * able)
    for now in range(2050, 20_000, 50):
        pace.looked(3, able, now_ms=now)
        assert now < 2150 or pace.room(3) == 0
    looking(pace, 0, 20_000, 20_201)
    assert pace.room(3) >= able


def test_an_idle_worker_is_not_taken_for_a_slow_one() -> None:
    pace = Pace()
    looking(pace, 0, 0, 1001)
    able = pace.room(3)
    pace.sent([3])
    pace.looked(3, 1, now_ms=1000 + 2 * BUSY_MS)
    assert pace.room(3) == able


def test_a_clock_that_stands_still_teaches_nothing() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=5)
    pace.sent([3] * LEAST)
    for _ in range(5):
        pace.looked(3, 0, now_ms=5)
    assert pace.room(3) == 0


class Hub:
    """One worker of all shards: a turn takes what it has in hand of one, at ``rate`` a ms."""

    def __init__(self, rate: float, slots: int) -> None:
        self.rate = rate
        self.ready, self.hand = [0] * slots, [0] * slots
        self.served = [0] * slots
        self.turns = deque(range(slots))
        self.turn: tuple[int, int, float] | None = None
        self.now = 0.0
        self.joins: deque[tuple[int, int, float]] = deque()
        self.waits: list[float] = []

    def deliver(self, slot: int, count: int) -> None:
        """These arrive in a shard; what fits goes into its worker's hand."""
        self.ready[slot] += count
        taken = min(PREFETCH - self.hand[slot], self.ready[slot])
        self.ready[slot] -= taken
        self.hand[slot] += taken

    def join(self, slot: int) -> None:
        """Somebody comes, and waits for all that is there before."""
        there = self.served[slot] + self.ready[slot] + self.hand[slot]
        self.joins.append((slot, there, self.now))

    def work(self, until: float) -> None:
        """Turn after turn, in turn."""
        while self.turn is None or self.turn[2] <= until:
            if self.turn is not None:
                slot, count, self.now = self.turn
                self.served[slot] += count
                self.hand[slot] -= count
                self.deliver(slot, 0)
                self.turn = None
            slot = next((each for each in self.turns if self.hand[each]), -1)
            if slot < 0:
                break
            self.turns.remove(slot)
            self.turns.append(slot)
            count = self.hand[slot]
            self.turn = (slot, count, self.now + 1 + count / self.rate)
        self.now = max(self.now, until)
        for slot, there, came in list(self.joins):
            if self.served[slot] >= there:
                self.waits.append(self.now - came)
                self.joins.remove((slot, there, came))


@pytest.mark.parametrize(("rate", "within_ms"), [(3.0, 2000), (5.0, 1000), (10.0, 1000)])
def test_people_wait_little_and_a_worker_is_kept_busy(rate: float, within_ms: float) -> None:
    """Half a minute of a relay that always has more. Messages a ms; one page costs it 30 ms."""
    dice, pace, hub = random.Random(1), Pace(), Hub(rate, SLOTS)
    now, sent = 0.0, 0
    while now < 30_000:
        page = [dice.randrange(SLOTS) for _ in range(500)]
        now += 20
        while page:
            if fit := pace.fits(page):
                for slot in page[:fit]:
                    hub.deliver(slot, 1)
                pace.sent(page[:fit])
                page, sent, now = page[fit:], sent + fit, now + 10
            else:
                now += 2
                hub.work(now)
                pace.looked(page[0], hub.ready[page[0]], now_ms=now)
                now += 0 if pace.room(page[0]) else 50
            hub.work(now)
            hub.join(dice.randrange(SLOTS))
    waits = sorted(hub.waits)
    assert waits[int(len(waits) * 0.99)] < within_ms
    assert sent / now > 0.6 * min(rate, 500 / 30)

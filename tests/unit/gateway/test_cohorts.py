"""Who leaves when."""

from __future__ import annotations

import pytest

from gateway.cohorts import COHORTS, cohorts


@pytest.mark.parametrize("count", [1, 3, COHORTS, COHORTS + 1, 1_000, 1_013])
def test_everybody_leaves_once_and_evenly(count: int) -> None:
    made = cohorts(range(count), 20_000)
    assert sorted(one for cohort in made for one in cohort.sockets) == list(range(count))
    sizes = {len(cohort.sockets) for cohort in made}
    assert max(sizes) - min(sizes) <= 1
    assert len(made) == min(count, COHORTS)


@pytest.mark.parametrize("window_ms", [0, 1, 999, 20_000])
def test_the_parts_fill_the_window(window_ms: int) -> None:
    made = cohorts(range(50), window_ms)
    assert [made[0].from_ms, made[-1].until_ms] == [0, window_ms]
    assert [cohort.until_ms for cohort in made[:-1]] == [cohort.from_ms for cohort in made[1:]]


def test_nobody_needs_no_time() -> None:
    assert cohorts([], 20_000) == []

from hub.lease import Grant, Held, Locked, end, goes_on, request
from schemas.log import Ended, Granted

HELD = Granted(document="a.1", connection="c1", user="leela", name="Leela", fence=500)


def asked(connection: str, user: str, held: Granted | None, **more: int) -> Grant | Held | Locked:
    times = {"last_fence": 500, "now": 1000} | more
    return request("a.1", held, connection=connection, user=user, name=user, **times)


def test_a_free_one_is_granted_under_the_time_or_above_the_last() -> None:
    first = asked("c1", "leela", None)
    assert isinstance(first, Grant)
    assert (first.granted.fence, first.taken) == (1000, None)
    late = asked("c1", "leela", None, last_fence=2000)
    assert isinstance(late, Grant)
    assert late.granted.fence == 2001


def test_asking_again_gives_the_same_fence() -> None:
    assert asked("c1", "leela", HELD) == Held(500)


def test_the_users_other_tab_takes_it_over() -> None:
    grant = asked("c2", "leela", HELD)
    assert isinstance(grant, Grant)
    assert grant.taken == HELD
    assert grant.granted.fence > HELD.fence


def test_anybody_else_is_told_who_has_it() -> None:
    assert asked("c3", "fry", HELD) == Locked("leela", "Leela")


def test_only_its_holder_ends_it() -> None:
    assert end(HELD, "c1", "left") == Ended(document="a.1", fence=500, reason="left")
    assert end(HELD, "c2", "left") is None
    assert end(None, "c1", "left") is None


def test_it_goes_on_for_its_user_under_its_fence_only() -> None:
    assert goes_on(HELD, "leela", 500)
    assert not goes_on(HELD, "fry", 500)
    assert not goes_on(HELD, "leela", 499)
    assert not goes_on(None, "leela", 500)

"""Several nodes in one setting, and whose turn it is."""

import pytest

from broker.amqp_addresses import Turns, addresses, patience, why


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("amqp://rabbit", ["amqp://rabbit"]),
        ("amqp://a:b@one,two:5673/shop", ["amqp://a:b@one/shop", "amqp://a:b@two:5673/shop"]),
        ("amqp://one,two", ["amqp://one", "amqp://two"]),
        ("amqp://a@one, two/shop?x=1", ["amqp://a@one/shop?x=1", "amqp://a@two/shop?x=1"]),
        ("amqp://a@one/v,amqps://b@two/v", ["amqp://a@one/v", "amqps://b@two/v"]),
        ("amqp://a@one/v\namqp://a@two/v\n", ["amqp://a@one/v", "amqp://a@two/v"]),
        ("amqp://a:p%2Cw@[::1]:1,[::2]/v", ["amqp://a:p%2Cw@[::1]:1/v", "amqp://a:p%2Cw@[::2]/v"]),
        ("amqp://a:p,w@one/v", ["amqp://a:p,w@one/v"]),
    ],
)
def test_one_url_a_node(text: str, urls: list[str]) -> None:
    assert addresses(text) == tuple(urls)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://rabbit", "begins with amqp://"),
        ("rabbit", "begins with amqp://"),
        ("", "begins with amqp://"),
        ("amqp://", "begins with amqp://"),
        ("amqp://one,two:port", "no address"),
        ("amqp://a:secret@one,a:secret@two/v", "once before all hosts"),
        ("amqp://a:secret@one/v,amqp://a:secret@two/w", "different vhosts"),
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        addresses(text)
    assert "secret" not in str(error.value)


def test_a_process_begins_anywhere_and_stays_where_it_is_served() -> None:
    assert [Turns(3, luck).order("it")[0] for luck in (0.0, 0.34, 0.99)] == [0, 1, 2]
    turns = Turns(3, 0.5)
    assert turns.order("down") == [1, 2, 0]
    turns.served("down", 2)
    assert turns.order("up") == [2, 0, 1]


def test_who_comes_again_goes_on_and_the_others_follow() -> None:
    turns = Turns(3, 0.0)
    for name in ("down", "up"):
        assert turns.order(name)[0] == 0
        turns.served(name, 0)
    assert turns.order("down") == [1, 2, 0]
    turns.served("down", 2)
    assert turns.order("up") == [2, 0, 1]
    turns.served("up", 2)
    assert turns.order("up")[0] == 0


def test_a_round_that_failed_is_followed_by_one_that_begins_elsewhere() -> None:
    turns = Turns(3, 0.0)
    assert [turns.order("it")[0] for _ in range(4)] == [0, 1, 2, 0]


def test_only_the_last_gets_all_the_time() -> None:
    assert [patience(left, 5.0) for left in (2, 1, 0)] == [2.5, 2.5, 5.0]


def test_the_reason_does_not_depend_on_who_was_first() -> None:
    assert (
        why({2: "no", 0: "away", 1: "away"}) == why({0: "away", 1: "away", 2: "no"}) == "away; no"
    )

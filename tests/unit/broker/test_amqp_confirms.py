"""Numbers confirmed in any order."""

from broker.amqp_confirms import WINDOW, WINDOW_BYTES, Confirms


def test_confirms_out_of_order_count_once_the_gap_is_closed() -> None:
    confirms = Confirms()
    assert confirms.send(4, 40) == 4
    confirms.confirm(2, multiple=False)
    confirms.confirm(3, multiple=False)
    assert confirms.confirmed == 0
    confirms.confirm(1, multiple=False)
    assert confirms.confirmed == 3


def test_multiple_confirms_everything_up_to_it() -> None:
    confirms = Confirms()
    confirms.send(10, 100)
    confirms.confirm(3, multiple=False)
    confirms.confirm(7, multiple=False)
    confirms.confirm(5, multiple=True)
    assert confirms.confirmed == 5
    confirms.confirm(6, multiple=False)
    assert confirms.confirmed == 7
    confirms.confirm(2, multiple=True)  # late: changes nothing
    confirms.confirm(2, multiple=False)
    assert confirms.confirmed == 7


def test_the_window_is_bounded_by_count() -> None:
    confirms = Confirms()
    confirms.send(WINDOW - 1, 1)
    assert confirms.has_room()
    confirms.send(1, 1)
    assert not confirms.has_room()
    assert confirms.oldest == WINDOW - 1
    confirms.confirm(WINDOW - 1, multiple=True)
    assert confirms.has_room()
    assert confirms.oldest == WINDOW


def test_the_window_is_bounded_by_bytes() -> None:
    confirms = Confirms()
    confirms.send(1, WINDOW_BYTES)
    assert not confirms.has_room()
    confirms.confirm(1, multiple=False)
    assert confirms.has_room()
    assert confirms.oldest == 0

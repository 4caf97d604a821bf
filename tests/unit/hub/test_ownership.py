from hub.ownership import Everything


def test_for_now_everybody_stands_in_line_for_everything() -> None:
    assert Everything().slots("w1", ["w1", "w2"]) == set(range(16))

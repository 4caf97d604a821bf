"""Topic patterns and routes, without a broker around them."""

import pytest

from broker.errors import NoSuchQueue, TopologyMismatch
from broker.memory_routing import Routes, matches
from broker.port import Binding, ExchangeSpec


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("#", "", True),
        ("#", "a.b", True),
        ("", "", True),
        ("", "a", False),
        ("*", "", False),
        ("*", "a", True),
        ("*.*", "a", False),
        ("a.#", "a", True),
        ("a.#.z", "a.z", True),
        ("a.#.z", "a.b.c.z", True),
        ("a.#.z", "a.b.c", False),
        ("#.#", "", True),
        ("a.*.c", "a..c", True),
        ("a.b", "a.B", False),
        (":07.#", ":07.article.42", True),
        (":07.#", ":071.article", False),
    ],
)
def test_patterns(pattern: str, key: str, expected: bool) -> None:
    assert matches(pattern, key) is expected


def test_an_alternate_exchange_takes_what_nothing_else_took() -> None:
    routes = Routes()
    routes.declare(ExchangeSpec("in", "topic", arguments={"alternate-exchange": "other"}))
    routes.bind(Binding("in", "q", "a"))
    assert routes.route("in", ["b"]) == []  # it need not exist
    routes.declare(ExchangeSpec("other", "fanout"))
    routes.bind(Binding("other", "rest", ""))
    assert routes.route("in", ["b"]) == ["rest"]
    assert routes.route("in", ["b", "a"]) == ["q"]


def test_auto_delete_goes_up_the_line() -> None:
    """An exchange that loses its only destination goes, too."""
    routes = Routes()
    for name in ("a", "b"):
        routes.declare(ExchangeSpec(name, "topic", auto_delete=True))
    routes.bind(Binding("a", "b", "#", "exchange"))
    routes.bind(Binding("b", "q", "#"))
    routes.forget("q")
    assert routes.exchanges == {}


def test_what_does_not_exist_or_differs() -> None:
    routes = Routes()
    routes.declare(ExchangeSpec("a", "topic"))
    with pytest.raises(TopologyMismatch):
        routes.declare(ExchangeSpec("a", "topic", auto_delete=True))
    with pytest.raises(NoSuchQueue):
        routes.bind(Binding("b", "q", "#"))
    with pytest.raises(NoSuchQueue):
        routes.route("b", ["x"])

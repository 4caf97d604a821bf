"""Four ports in a row, or one clear line."""

from __future__ import annotations

import socket

import pytest

from presently_server.dev_ports import take_ports
from presently_server.mistakes import Mistake
from tests.support.dev_stack import _free_ports


def test_the_others_follow_the_demo() -> None:
    first = _free_ports()
    with take_ports(first, demo=True) as ports:
        assert ports.demo_socket is not None
        taken = (ports.demo, ports.gateway, ports.api, ports.ops)
        assert [listen.port for listen in taken] == [first, first + 1, first + 2, first + 3]
        assert ports.demo_socket.getsockname()[1] == first
        assert ports.ops_socket.getsockname()[1] == first + 3


@pytest.mark.parametrize(("step", "what"), [(0, "demo"), (2, "HTTP API"), (3, "health")])
def test_a_port_in_use_is_named(step: int, what: str) -> None:
    first = _free_ports()
    with (
        socket.create_server(("127.0.0.1", first + step)),
        pytest.raises(Mistake, match=rf"port {first + step} \({what}\) is in use"),
        take_ports(first, demo=True),
    ):
        pass


@pytest.mark.parametrize(
    ("level", "says"), [(None, "presently dev --port {}"), ("1", "make demo PORT={}")]
)
def test_the_way_out_fits_how_it_was_started(
    level: str | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAKELEVEL", raising=False)
    if level is not None:
        monkeypatch.setenv("MAKELEVEL", level)
    first = _free_ports()
    with (
        socket.create_server(("127.0.0.1", first)),
        pytest.raises(Mistake, match=f"in use; {says.format(first + 1000)}$"),
        take_ports(first, demo=True),
    ):
        pass


def test_without_a_demo_its_port_does_not_matter() -> None:
    first = _free_ports()
    with socket.create_server(("127.0.0.1", first)), take_ports(first, demo=False) as ports:
        assert ports.demo_socket is None

"""Messages from everybody to everybody."""

from __future__ import annotations

import msgpack
import msgspec
import pytest

from schemas import codec, control

CONTROL: list[control.Control] = [
    control.HubBeat(worker="w", at=1, shards={"3": 17}),
    control.GatewayBeat(gateway="g", term=1, at=1, connections=4),
    control.RelayBeat(relay="r", at=1, active=True, backlog=0, lag_ms=0),
    control.Bye(who="g", at=1),
    control.SeatsWanted(slot=3, generation=17),
    control.Succeeded(previous="c.1", user="fry", connection="c.2"),
]


@pytest.mark.parametrize("message", CONTROL, ids=lambda message: type(message).__name__)
def test_control_round_trip(message: control.Control) -> None:
    assert control.read_control(codec.pack(message)) == message


def test_a_neighbouring_versions_new_fields_are_ignored() -> None:
    body = msgspec.to_builtins(CONTROL[3]) | {"since_version": 9}
    assert control.read_control(msgpack.packb(body)) == CONTROL[3]


def test_nonsense_among_the_owned_slots_is_left_out() -> None:
    said = {"3": 7, "16": 1, "x": 1, "-1": 1, "4": 0, "5": 2**60, "9" * 5000: 1}
    assert control.owned_slots(control.HubBeat(worker="x", at=0, shards=said)) == [(3, 7)]

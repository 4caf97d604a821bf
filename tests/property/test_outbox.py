"""Whatever one browser sends, what comes of it can be told to the hub, and is read there."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from gateway.switchboard import Switchboard
from schemas import limits, messages
from schemas.messages import Acts
from tests.unit.gateway.making import DOC, NOW, token
from tests.unit.gateway.sockets import Fake, switchboard

EDGES = st.sampled_from([n + d for n in (0, 2**53, 2**63, 2**64, 2**70) for d in (-1, 0, 1)])
ANY_INTEGER = st.integers() | EDGES
ANY_TEXT = st.text(max_size=20) | st.text(min_size=200, max_size=400)
JSON = st.recursive(
    st.none() | st.booleans() | ANY_INTEGER | ANY_TEXT | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(st.text(max_size=5), JSON, max_size=3)
DOCUMENTS = st.fixed_dictionaries({"document": st.sampled_from([DOC, "article.43", "article.~"])})
IDS = st.fixed_dictionaries({}, optional={"id": ANY_INTEGER | ANY_TEXT})
SINCE = st.fixed_dictionaries({"epoch": st.just("k3") | ANY_TEXT, "seq": ANY_INTEGER})
SEATS = {"mode": st.sampled_from(["watching", "reading", "editing"]), "state": OBJECT}
EVENTS = st.fixed_dictionaries({"type": st.just("said")}, optional={"id": ANY_TEXT, "data": OBJECT})


def a_frame(type: str, needed: Any = None, optional: Any = None) -> st.SearchStrategy[Any]:
    said = st.fixed_dictionaries({"type": st.just(type), **(needed or {})}, optional=optional or {})
    return st.tuples(said, DOCUMENTS, IDS).map(lambda parts: parts[0] | parts[1] | parts[2])


FRAMES = st.one_of(
    a_frame("join", {"since": SINCE}),
    a_frame("join", optional={**SEATS, "keys": st.lists(ANY_TEXT, max_size=3)}),
    a_frame("update", optional={**SEATS, "lease": st.booleans()}),
    a_frame("send", {"event": EVENTS}, {"ephemeral": st.booleans()}),
    a_frame("sync"),
    a_frame("leave"),
)
HELLOS = st.fixed_dictionaries(
    {"client": st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3)}, optional={"previous": ANY_TEXT}
)


def told(board: Switchboard) -> list[messages.ToShard]:
    """Everything that leaves for the hub, as it is read there; the lives are read as well."""
    said = []
    for message in board.outbox.take(NOW):
        if message.key.startswith(":"):
            shard = messages.read_to_shard(message.body)
            assert not isinstance(shard, messages.Unknown)
            said.append(shard)
        elif message.key:
            messages.read_life(message.body)
        else:
            messages.read_control(message.body)
    return said


@given(HELLOS, st.lists(FRAMES, max_size=10))
async def test_every_frame_survives_the_outbox(
    hello: dict[str, Any], sent: list[dict[str, Any]]
) -> None:
    board = switchboard()
    left_out: list[object] = []
    board.outbox.unsaid = lambda what, why: left_out.append(what)
    fry = Fake(board, "fry", most=limits.SOCKET_BYTES)
    fry.says("hello", token=token("fry"), **hello)  # Refused if ``previous`` is too long.
    fry.says("hello", token=token("fry"))
    for frame in sent:
        fry.says(**frame)
    guest = fry.socket.session.guest
    assert guest is not None
    acts = [act for said in told(board) if isinstance(said, Acts) for act in said.acts]
    assert len(acts) >= len(guest.seats)
    board.outbox.roll()
    told(board)
    assert left_out == []

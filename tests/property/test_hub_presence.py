"""Presence told as changes is presence, whoever comes and goes in whatever order."""

from dataclasses import dataclass, field

from hypothesis import given, strategies as st

from hub.presence import STRENGTH, Room, Seat
from schemas.presence import Mode, Presence

connection = st.sampled_from([f"c{n}" for n in range(6)])
mode = st.sampled_from(["watching", "reading", "editing"])
step = st.one_of(
    st.tuples(st.just("put"), connection, mode),
    st.tuples(st.just("end"), connection, mode),
    st.tuples(st.just("tell"), connection, mode),
)


@dataclass
class Listener:
    """Applies what it is told, as a gateway does."""

    users: dict[str, str] = field(default_factory=dict)
    counts: tuple[int, int] = (0, 0)
    v: int = 0

    def hear(self, presence: Presence | None) -> None:
        if presence is None:
            return
        if presence.full:
            self.users = {}
        else:
            assert presence.v == self.v + 1
        self.v = presence.v
        self.users |= {user.id: user.mode for user in presence.users}
        for user in presence.left:
            del self.users[user]
        self.counts = (presence.counts.reading, presence.counts.editing)


@given(st.lists(step))
def test_changes_applied_equal_the_whole(steps: list[tuple[str, str, Mode]]) -> None:
    room, listener = Room("article.42"), Listener()
    model: dict[str, tuple[str, Mode]] = {}
    for order, (what, name, wanted) in enumerate(steps, 1):
        user = f"u{int(name[1]) // 2}"
        if what == "put":
            room.put(Seat(name, "g1", user, user, b"{}", wanted, b"{}", order=order))
            model[name] = (user, wanted)
        elif what == "end":
            room.end(name)
            model.pop(name, None)
        else:
            listener.hear(room.change(order, complete=True))
    listener.hear(room.change(0, complete=True))
    strongest: dict[str, Mode] = {}
    for user, wanted in model.values():
        if STRENGTH[wanted] > STRENGTH[strongest.get(user, "watching")]:
            strongest[user] = wanted
    assert listener.users == strongest
    editing = sum(mode == "editing" for mode in strongest.values())
    assert listener.counts == (len(strongest) - editing, editing)
    assert {user.id: user.mode for user in room.whole(complete=True).users} == strongest
    assert sum(room.gateways.values()) == len(model)

"""Whatever the bus repeats, delays, swaps or drops: each socket sees all, once, in order.

The model: one document, whose events the hub numbers, and presence as a set of users. Messages may
arrive in any order, twice, or not at all; questions are answered sooner or later; sockets come, go
and resume. At the end the bus becomes quiet and honest, and everybody must have seen everything.
"""

from __future__ import annotations

import msgspec
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.effects import Ask, Deliver, Effect, Unanswered, Watching
from gateway.rooms import Rooms
from gateway.seats import Seat
from schemas import frames, ids
from schemas.ids import ConnectionId
from schemas.messages import Answer, Marks, PresenceNow, UserNow
from schemas.presence import Counts, Position, Presence, User
from tests.property.pace import run

DOC = ids.parse_document("article.42")
SLOT = ids.slot_of(DOC)
USERS = ("leela", "fry", "bender", "amy")


class Socket:
    """What one browser makes of what it hears; complains about what it must never hear."""

    def __init__(self, since: Position | None) -> None:
        self.since = since
        self.joined = False
        self.epoch = since.epoch if since else ""
        self.seq = since.seq if since else 0
        self.v = -1
        self.users: set[str] = set()

    def hear(self, body: bytes) -> None:
        frame = msgspec.json.decode(body)
        match frame["type"]:
            case "joined":
                self._joined(frame)
            case "event":
                assert self.joined, "an event before joined"
                assert frame["seq"] == self.seq + 1, f"{frame['seq']} after {self.seq}"
                self.seq += 1
            case "reset":
                self.epoch, self.seq = frame["epoch"], frame["seq"]
            case "presence":
                assert self.joined
                self._presence(frame)

    def _joined(self, frame: dict[str, object]) -> None:
        assert not self.joined, "answered twice"
        self.joined = True
        events = frame["events"]
        assert isinstance(events, list)
        if frame["recovered"]:
            assert self.since is not None
            assert self.since.epoch == frame["epoch"]
            assert [e["seq"] for e in events] == [
                self.since.seq + 1 + n for n in range(len(events))
            ]
            assert self.since.seq + len(events) == frame["seq"]
        else:
            assert events == []
        assert isinstance(frame["epoch"], str)
        assert isinstance(frame["seq"], int)
        assert isinstance(frame["presence"], dict)
        self.epoch, self.seq = frame["epoch"], frame["seq"]
        self._presence(frame["presence"])

    def _presence(self, said: dict[str, object]) -> None:
        assert isinstance(said["users"], list)
        assert isinstance(said["left"], list)
        assert isinstance(said["v"], int)
        if said["full"]:
            self.users = set()
        else:
            assert said["v"] == self.v + 1, f"presence {said['v']} after {self.v}"
        self.v = said["v"]
        self.users |= {user["id"] for user in said["users"]}
        self.users -= set(said["left"])


class Bus(RuleBasedStateMachine):
    """A hub that is always right, and a bus that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: Rooms[Socket] = Rooms(request_ms=1 << 60)
        self.now = 1_000_000
        self.generation = 1_000
        self.epoch = ids.epoch_name(self.generation)
        self.events: list[bytes] = []
        self.kept = 0
        self.here: set[str] = set()
        self.v = 0
        self.wire: list[tuple[Marks, bytes]] = []
        self.asks: list[Ask] = []
        self.sockets: dict[ConnectionId, Socket] = {}
        self.known: list[Position] = []
        self.count = 0

    def do(self, effects: list[Effect[Socket]]) -> None:
        for effect in effects:
            match effect:
                case Deliver(to, frame, _):
                    for socket in to:
                        socket.hear(frame)
                case Ask():
                    self.asks.append(effect)
                case Watching() | Unanswered():
                    raise AssertionError(effect)

    def marks(self, what: str, seq: int, v: int = 0) -> Marks:
        assert what in ("event", "presence", "reset")
        return Marks(what, DOC, self.generation, self.epoch, seq, v)  # type: ignore[arg-type]

    # --- the hub --------------------------------------------------------------------

    @rule(times=strategies.integers(1, 4))
    def something_happens(self, times: int) -> None:
        for _ in range(times):
            self.count += 1
            event = b'{"id":"%d"}' % self.count
            self.events.append(event)
            seq = len(self.events)
            self.wire.append((self.marks("event", seq), frames.event_frame(DOC, seq, event)))

    @rule(user=strategies.sampled_from(USERS), full=strategies.booleans())
    def somebody_comes_or_goes(self, user: str, full: bool) -> None:
        self.v += 1
        came = user not in self.here
        self.here ^= {user}
        told = self.here if full else ({user} if came else set())
        said = Presence(
            self.v,
            full,
            [User(u, u, msgspec.Raw(b"{}"), "reading", msgspec.Raw(b"{}")) for u in sorted(told)],
            [] if full or came else [user],
            Counts(len(self.here), 0),
            True,
            None,
        )
        self.wire.append((self.marks("presence", 0, self.v), frames.presence_frame(DOC, said)))

    @rule()
    def history_is_forgotten(self) -> None:
        self.kept = len(self.events)

    @rule()
    def another_hub_takes_over(self) -> None:
        """Numbers go on; presence is counted anew and told whole."""
        self.generation += 1
        self.v = 0
        self.somebody_comes_or_goes("leela", True)

    @rule()
    def the_numbers_begin_anew(self) -> None:
        self.generation += 1
        self.epoch = ids.epoch_name(self.generation)
        self.events, self.kept, self.v = [], 0, 0
        self.wire.append((self.marks("reset", 0), b"{}"))
        self.somebody_comes_or_goes("leela", True)

    # --- the bus --------------------------------------------------------------------

    @rule(
        places=strategies.lists(strategies.integers(0, 9), max_size=6), keep=strategies.booleans()
    )
    def something_arrives(self, places: list[int], keep: bool) -> None:
        """0 is what was sent last."""
        for place in places:
            if place < len(self.wire):
                message = self.wire[-1 - place] if keep else self.wire.pop(-1 - place)
                self.do(self.rooms.hear(*message, self.now))

    @rule()
    def all_arrives_in_order(self) -> None:
        wire, self.wire = self.wire, []
        for message in wire:
            self.do(self.rooms.hear(*message, self.now))

    @rule(data=strategies.data())
    def something_is_lost(self, data: strategies.DataObject) -> None:
        if self.wire:
            self.wire.pop(data.draw(strategies.integers(0, len(self.wire) - 1)))

    @rule(data=strategies.data())
    def a_question_is_answered(self, data: strategies.DataObject) -> None:
        if self.asks:
            self.answer(self.asks.pop(data.draw(strategies.integers(0, len(self.asks) - 1))))

    @rule()
    def a_question_is_lost(self) -> None:
        if self.asks:
            self.asks.pop()

    def answer(self, ask: Ask) -> None:
        since = ask.since
        known = since is not None and since.epoch == self.epoch and since.seq >= self.kept
        first = min(since.seq, len(self.events)) if since and known else len(self.events)
        said = Answer(
            ask=ask.number,
            document=DOC,
            epoch=self.epoch,
            seq=len(self.events),
            since=first,
            recovered=known,
            events=self.events[first:],
            presence=PresenceNow(
                v=self.v,
                users=[UserNow(u, u, b"{}", "reading", b"{}") for u in sorted(self.here)],
                reading=len(self.here),
                editing=0,
                complete=True,
            ),
        )
        self.do(self.rooms.answer(SLOT, self.generation, said, self.now))

    @rule(ms=strategies.sampled_from([10, 100, 2_000]))
    def time_passes(self, ms: int) -> None:
        self.now += ms
        self.do(self.rooms.tick(self.now))

    # --- the browsers ---------------------------------------------------------------

    @initialize()
    def somebody_is_here(self) -> None:
        self.join(None)
        self.answer(self.asks.pop())

    @rule()
    def a_browser_joins(self) -> None:
        self.join(None)

    @rule(data=strategies.data())
    def a_browser_resumes(self, data: strategies.DataObject) -> None:
        if self.known:
            self.join(data.draw(strategies.sampled_from(self.known)))

    def join(self, since: Position | None) -> None:
        self.count += 1
        connection = ConnectionId(f"c.{self.count}")
        socket = self.sockets[connection] = Socket(since)
        seat = Seat(connection, "leela", "Leela", b"{}", "reading", b"{}")
        self.do(self.rooms.join(DOC, seat, socket, since=since, now=self.now))

    @rule(data=strategies.data(), kept=strategies.booleans())
    def a_browser_goes(self, data: strategies.DataObject, kept: bool) -> None:
        if self.sockets:
            connection = data.draw(strategies.sampled_from(sorted(self.sockets)))
            socket = self.sockets.pop(connection)
            if socket.joined:
                self.known = [*self.known[-5:], Position(socket.epoch, socket.seq)]
            if kept:
                self.rooms.detach(DOC, connection)
            else:
                self.do(self.rooms.leave(DOC, connection, self.now)[1])

    # --- what must hold -------------------------------------------------------------

    @invariant()
    def nobody_is_ahead_of_the_hub(self) -> None:
        for socket in self.sockets.values():
            if socket.joined and socket.epoch == self.epoch:
                assert socket.seq <= len(self.events)

    def teardown(self) -> None:
        """The bus becomes honest: what is new arrives, questions are answered."""
        self.something_happens(1)
        self.somebody_comes_or_goes("fry", False)
        for message in self.wire[-2:]:
            self.do(self.rooms.hear(*message, self.now))
        for _ in range(8):
            self.time_passes(2_000)
            asks, self.asks = self.asks, []
            for ask in asks:
                self.answer(ask)
        for socket in self.sockets.values():
            assert socket.joined, "never answered"
            assert (socket.epoch, socket.seq) == (self.epoch, len(self.events))
            assert socket.users == self.here


test_rooms = run(Bus, examples=100, steps=40)

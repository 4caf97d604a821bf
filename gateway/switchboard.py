"""What sessions and rooms want done, done: sockets on one side, the outbox on the other.

Nothing here waits. A session's actions come in through ``act``, a socket's end through ``gone``,
the bus through ``downlink``; time through ``tick`` and ``sweep``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gateway import metrics
from gateway.actions import Action, Change, Close, GiveUp, Open, Say, Speak, Take, TellWhole
from gateway.effects import Ask, Deliver, Effect, Unanswered, Watching
from gateway.errands import Errands
from gateway.outbox import Outbox
from gateway.rooms import Rooms
from gateway.seats import SUCCESSOR_MS, Away, Seat
from gateway.settings import GatewaySettings
from gateway.socket import Socket, header, prepare
from schemas import frames
from schemas.errors import ErrorCode
from schemas.ids import ConnectionId, DocumentId
from schemas.messages import (
    AskAct,
    AwayAct,
    Connected,
    Disconnected,
    JoinAct,
    LeaveAct,
    Succeeded,
)


class Switchboard:
    """One gateway's sockets and rooms.

    Attributes:
        sockets: All of them, also those that have not said hello.
        users: How many connections each user has.
    """

    def __init__(
        self, settings: GatewaySettings, gateway: str, outbox: Outbox, rooms: Rooms[Socket]
    ) -> None:
        self.settings = settings
        self.gateway = gateway
        self.outbox = outbox
        self.rooms = rooms
        self.away = Away()
        self.sockets: dict[ConnectionId, Socket] = {}
        self.errands = Errands(outbox, rooms, self.sockets)
        self.users: Counter[str] = Counter()
        self._previous: dict[ConnectionId, tuple[ConnectionId, int]] = {}

    def admits(self, user: str) -> bool:
        """Whether this user may have one more connection."""
        return self.users[user] < self.settings.connections_per_user

    # --- what sessions want ---------------------------------------------------------

    def act(self, socket: Socket, actions: Iterable[Action], now: int) -> None:
        """Do it."""
        for action in actions:
            match action:
                case Say(frame):
                    socket.send(prepare(frame))
                case Take():
                    self._take(socket, action, now)
                case Change():
                    self.errands.change(socket, action, now)
                case Speak():
                    self.errands.speak(socket, action, now)
                case TellWhole(document, id):
                    self._tell_whole(socket, document)
                    waits = id is not None and self.rooms.sync(
                        document, socket.session.connection, id
                    )
                    if id is not None and not waits:
                        ok = frames.Ok(id=id, document=document)
                        socket.send(prepare(frames.write_frame(ok)))
                case GiveUp(document):
                    self._end(document, socket.session.connection, "left", now)
                case Open():
                    self._open(socket, action, now)
                case Close(code, reason):
                    socket.close(code, reason)

    def _open(self, socket: Socket, opened: Open, now: int) -> None:
        connection, user = socket.session.connection, opened.claims.user
        self.users[user] += 1
        metrics.CONNECTIONS.inc()
        request = socket.connection.request
        assert request is not None
        peer = socket.connection.remote_address
        self.outbox.life(
            Connected(
                connection=connection,
                user=user,
                gateway=self.gateway,
                at=now,
                name=opened.claims.name,
                address=str(peer[0]) if isinstance(peer, tuple) and peer else "",
                agent=header(request, "User-Agent")[:200],
                origin=header(request, "Origin")[:200],
                client=dict(list(opened.client.items())[:10]),
                previous=opened.previous,
            )
        )
        if opened.previous is not None and opened.previous != connection:
            self._previous[connection] = opened.previous, now + SUCCESSOR_MS
            if not self.succeeded(opened.previous, user, now):
                self.outbox.control(
                    Succeeded(previous=opened.previous, user=user, connection=connection)
                )

    def succeeded(self, previous: ConnectionId, user: str, now: int) -> bool:
        """A successor of ``previous`` said hello, here or elsewhere: whether we held that one."""
        ours = previous in self.away or previous in self.sockets
        if ours:
            self.away.succeeded(previous, user, now)
        return ours

    def _take(self, socket: Socket, take: Take, now: int) -> None:
        guest = socket.session.guest
        assert guest is not None
        claims, connection, document = guest.claims, guest.connection, take.document
        seat = Seat(connection, claims.user, claims.name, claims.info, take.mode, take.state)
        seat.touched = self.errands.next
        before = self.rooms.seat(document, connection)
        if before is not None:
            seat.fence, seat.asked = before.fence, before.asked
        elif take.lease:
            seat.fence = take.lease
        previous = self._followed(connection, now)
        act = JoinAct(
            connection=connection,
            user=seat.user,
            name=seat.name,
            info=seat.info,
            mode=seat.mode,
            state=seat.state,
            previous=previous,
            lease=take.lease,
        )
        self.outbox.act(document, act)
        effects = self.rooms.join(
            document, seat, socket, id=take.id, since=take.since, keys=take.keys, now=now
        )
        if previous is not None and self.away.take_over(previous, claims.user, document):
            self._end(document, previous, "moved", now)
        self.do(effects, now)

    def _followed(self, connection: ConnectionId, now: int) -> ConnectionId | None:
        """Whom this connection follows, soon after its hello. Later there is nobody to follow: what
        the old page left has ended, and a page that is still open was only duplicated."""
        previous, until = self._previous.get(connection, (None, 0))
        if previous is not None and now > until:
            del self._previous[connection]
            return None
        return previous

    def _tell_whole(self, socket: Socket, document: DocumentId) -> None:
        for frame in self.rooms.whole(document, socket.session.connection):
            socket.send(prepare(frame), document)

    def tell_skipped(self, socket: Socket, documents: list[str]) -> None:
        """The socket has room again: tell what it missed."""
        for document in documents:
            self._tell_whole(socket, DocumentId(document))

    def gone(self, socket: Socket, code: int, cause: str, now: int) -> None:
        """The socket has ended. Its seats stay for the grace."""
        connection, guest = socket.session.connection, socket.session.guest
        self.sockets.pop(connection, None)
        self._previous.pop(connection, None)
        metrics.CLOSES.labels(metrics.close_code(code)).inc()
        if guest is None:
            return
        user = guest.claims.user
        self.users[user] -= 1
        if not self.users[user]:
            del self.users[user]
        metrics.CONNECTIONS.dec()
        for document in guest.seats:
            if self.rooms.detach(document, connection) is not None:
                self.outbox.act(document, AwayAct(connection=connection))
        clean = cause == "closed" and code in (1000, 1001)
        grace = self.settings.grace_clean_ms if clean else self.settings.grace_ms
        why = "closed" if cause == "closed" else "lost"
        self.away.gone(connection, user, guest.seats, grace, why, now)
        self.outbox.life(
            Disconnected(
                connection=connection,
                user=user,
                gateway=self.gateway,
                at=now,
                code=code,
                cause=cause,
                duration_ms=max(now - socket.since, 0),
            )
        )

    def _end(self, document: DocumentId, connection: ConnectionId, cause: str, now: int) -> None:
        seat, effects = self.rooms.leave(document, connection, now)
        if seat is not None:
            self.outbox.act(document, LeaveAct(connection=connection, cause=cause))
        self.do(effects, now)

    # --- what rooms want ------------------------------------------------------------

    def do(self, effects: Iterable[Effect[Socket]], now: int) -> None:
        """Do it."""
        for effect in effects:
            match effect:
                case Deliver(to, frame, whole_of):
                    prepared = prepare(frame)
                    for socket in to:
                        socket.send(prepared, whole_of)
                    metrics.DELIVERIES.inc(len(to))
                case Ask(document, number, since):
                    metrics.ASKS.inc()
                    self.outbox.act(document, AskAct(connection="", ask=number, since=since))
                case Watching(collection, on, slot):
                    self.outbox.watch(collection, on, slot)
                case Unanswered():
                    self._unanswered(effect, now)

    def _unanswered(self, join: Unanswered, now: int) -> None:
        socket = self.sockets.get(join.connection)
        if socket is None:
            return
        if join.left:
            message = f"{join.document} was left before the join was answered"
            self.errands.refuse(socket, join.document, join.id, ErrorCode.NOT_JOINED, message)
            return
        if not join.seated:
            socket.session.unseat(join.document)
            self._end(join.document, join.connection, "left", now)
        message = f"nobody answers for {join.document} now, try again"
        self.errands.refuse(socket, join.document, join.id, ErrorCode.UNAVAILABLE, message)

    # --- time -----------------------------------------------------------------------

    def tick(self, now: int) -> None:
        """Every 50 ms: what waits for an answer, and seats whose grace is over."""
        self.do(self.rooms.tick(now), now)
        for connection, documents, cause in self.away.due(now):
            for document in documents:
                self._end(document, connection, cause, now)
        self.errands.late(now - self.settings.request_ms)

    def sweep(self, now: int) -> None:
        """Every second: pings and deadlines of the sockets, bounds of the rooms."""
        for socket in list(self.sockets.values()):
            self.act(socket, socket.session.tick(now), now)
        self.do(self.rooms.sweep(now), now)

"""A gateway without sockets or tasks: everything of it that decides, moved one step at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, cast

from broker.port import Outgoing
from gateway.downlink import Downlink
from gateway.health import Health
from gateway.heard import Heard
from gateway.lookups import Lookups
from gateway.outbox import Outbox
from gateway.rooms import Rooms
from gateway.session import Session
from gateway.settings import GatewaySettings
from gateway.socket import Socket
from gateway.switchboard import Switchboard
from schemas import codec, topology
from schemas.ids import ConnectionId
from schemas.messages import Bye, GatewayBeat
from tests.property.models.bus import Bus, Queue
from tests.property.models.tab import Tab, Truth
from tests.unit.gateway.making import frame, rules, token


class Door:
    """One gateway. What it sends waits on ``wire``; what a lost connection still had in flight may
    come late (``late``), or never."""

    def __init__(self, name: str, bus: Bus) -> None:
        self.name = name
        self.bus = bus
        self.settings = GatewaySettings(frames_per_second=10_000, frames_burst=10_000)
        rooms: Rooms[Socket] = Rooms(self.settings.request_ms)
        outbox = Outbox(name, lambda slot: (*rooms.seats(slot), rooms.watched()), self._wake)
        self.board = Switchboard(self.settings, name, outbox, rooms)
        self._downlink = Downlink(
            self.board, Heard(), Health(), Lookups(outbox, rooms), lambda: bus.now / 1000
        )
        self.tabs: dict[str, Tab] = {}
        self.wire: deque[Outgoing] = deque()
        self.late: deque[Outgoing] = deque()
        self.queue: Queue | None = None
        self.silent = False
        self._woken = False
        self._term = 0

    # --- its two connections ----------------------------------------------------------

    @property
    def address(self) -> str:
        return topology.gateway_address(self.name, self._term)

    def connect(self) -> None:
        self._term += 1
        self.queue = self.bus.gateways[self.address] = Queue()
        self.board.outbox.connected(self._term)
        self.beat()

    def cut(self) -> None:
        """Both connections are lost, and the queue with them."""
        if self.queue is not None:
            del self.bus.gateways[self.address]
            self.queue = None
            self.late.extend(self.wire)
            self.wire.clear()
            self.board.outbox.lost()
            self.board.errands.lost()

    def beat(self) -> None:
        if self.queue is not None and not self.silent:
            said = GatewayBeat(
                gateway=self.name, term=self._term, at=self.bus.now, connections=len(self.tabs)
            )
            self.bus.publish(Outgoing(topology.CONTROL, "", codec.pack(said)))

    def bye(self) -> None:
        said = Bye(who=self.name, at=self.bus.now)
        self.bus.publish(Outgoing(topology.CONTROL, "", codec.pack(said)))

    # --- its browsers -----------------------------------------------------------------

    def open(self, connection: str, user: str, truth: Truth, **hello: Any) -> Tab:
        session = Session(ConnectionId(connection), rules(self.settings), self.bus.now)
        tab = Tab(session, user, truth)
        self.tabs[connection] = tab
        self.board.sockets[session.connection] = cast("Socket", tab)
        self.says(tab, frame("hello", token=token(user, exp=2_000_000_000), **hello))
        return tab

    def says(self, tab: Tab, text: str) -> None:
        actions = tab.session.receive(text, self.bus.now)
        self.board.act(cast("Socket", tab), actions, self.bus.now)

    def catch_up(self, tab: Tab) -> None:
        """A slow tab has room again."""
        skipped, tab.skipped, tab.slow = list(tab.skipped), {}, False
        self.board.tell_skipped(cast("Socket", tab), skipped)

    def gone(self, tab: Tab, code: int, cause: str) -> None:
        tab.closed = True
        tab.session.end()
        del self.tabs[tab.session.connection]
        self.board.gone(cast("Socket", tab), code, cause, self.bus.now)

    # --- steps ------------------------------------------------------------------------

    def steps(self) -> Iterator[Callable[[], None]]:
        """What can happen here now."""
        if self.queue is None:
            return
        if self._woken:
            yield self.flush
        if self.wire:
            yield self.up
        if self.queue:
            yield self.down

    def _wake(self) -> None:
        self._woken = True

    def flush(self) -> None:
        self._woken = False
        self.wire.extend(self.board.outbox.take(self.bus.now))

    def up(self) -> None:
        """What was sent first comes to the broker."""
        self.bus.publish(self.wire.popleft())

    def down(self, choice: int = 0) -> None:
        """One of the messages that may be next arrives."""
        if self.queue is not None and (delivery := self.queue.take(choice)) is not None:
            self.bus.activity += 1
            self._downlink.deliver(delivery, self.address, self.bus.now)
            self.board.do(self.board.rooms.tell(), self.bus.now)
            for tab in self.tabs.values():
                if tab.complaint is not None:  # The downlink lets no error through.
                    self.bus.failed = True
                    raise tab.complaint

    def straggle(self) -> None:
        """A half-dead connection's bytes arrive after all."""
        if self.late:
            self.bus.publish(self.late.popleft())

    def tick(self) -> None:
        self.board.tick(self.bus.now)

    def sweep(self) -> None:
        for tab in list(self.tabs.values()):
            self.says(tab, '{"type":"pong"}')
        self.board.sweep(self.bus.now)

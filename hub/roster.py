"""Who is alive, heard through ``hub.control``. Pure.

Silence is counted in our own heartbeats that came back, not in seconds: a hub that was paused, cut
off or kept waiting by the broker hears neither itself nor anybody else, and takes nobody for dead.
Heartbeats sent early, because our shards changed, are no time in which others should have spoken:
only those far enough apart make a *round*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hub.shard import Gone, Heard
from schemas.messages import Bye, Control, GatewayBeat, HubBeat, owned_slots

HEARD_ENOUGH_ROUNDS: Final = 2
"""Own heartbeats heard back, a round apart; by then everybody that is alive was heard too."""
HUB_SILENT_BEATS: Final = 2
"""So many of ours without one of another hub's: it is not counted on to work on its shards."""


@dataclass(slots=True)
class _Gateway:
    round: int
    term: int
    leaves_at: int | None = None


@dataclass(slots=True)
class _Hub:
    beat: int
    round: int
    shards: dict[int, int] = field(default_factory=dict)
    standing: frozenset[int] = frozenset()


class Roster:
    """Gateways and hubs, as one worker hears them.

    Args:
        silent_beats: So many of ours without one of a gateway's: it is lost.
        bye_ms: How long the seats of a gateway outlive its good-bye; its browsers are on their way.
        round_ms: So far apart are two of our heartbeats that count, by our own clock.
    """

    def __init__(self, worker: str, *, silent_beats: int, bye_ms: int, round_ms: int = 0) -> None:
        self._worker = worker
        self._silent_beats = silent_beats
        self._bye_ms = bye_ms
        self._round_ms = round_ms
        self._round_at = 0
        self._rounds = 0
        self._beats = 0
        self._gateways: dict[str, _Gateway] = {}
        self._hubs: dict[str, _Hub] = {}
        self._generations: dict[int, int] = {}
        self._expected: dict[str, int] = {}

    def hear(self, message: Control, now: int) -> list[Gone | Heard]:
        """A message from ``hub.control``, at Unix milliseconds. Returns what shards must know."""
        match message:
            case HubBeat():
                shards = dict(owned_slots(message))
                standing = frozenset(message.standing)
                self._hubs[message.worker] = _Hub(self._beats, self._rounds, shards, standing)
                for slot, number in shards.items():
                    self._generations[slot] = max(number, self.generation(slot))
                return self._own_beat(message.at) if message.worker == self._worker else []
            case GatewayBeat():
                return self._alive(message.gateway, message.term)
            case Bye():
                self._hubs.pop(message.who, None)
                if gateway := self._gateways.get(message.who):
                    gateway.leaves_at = now + self._bye_ms
        return []

    def expect(self, gateways: Iterable[str]) -> None:
        """These were there, by the log; should they stay silent, they are lost like any other. They
        are not waited for: perhaps they ended long ago."""
        for name in gateways:
            if name not in self._gateways:
                self._expected.setdefault(name, self._rounds)

    def seen(self, gateways: Iterable[str]) -> list[Gone | Heard]:
        """These gateways spoke to a shard."""
        return [heard for gateway in gateways for heard in self._alive(gateway, 0)]

    def passed(self, now: int) -> list[Gone]:
        """Those whose time after their good-bye is over."""
        over = [
            name
            for name, gateway in self._gateways.items()
            if gateway.leaves_at is not None and gateway.leaves_at <= now
        ]
        for name in over:
            del self._gateways[name]
        return [Gone(name) for name in over]

    def live(self) -> dict[str, int]:
        """Gateways that are not counted for lost and have not said good-bye, with their terms (0:
        not known). After a take-over they are waited for. A hub that slept, or had no broker for a
        minute, still waits for them: it has missed their heartbeats, not they."""
        return {
            name: gateway.term
            for name, gateway in self._gateways.items()
            if gateway.leaves_at is None
        }

    @property
    def beats(self) -> int:
        """Own heartbeats heard back."""
        return self._beats

    @property
    def rounds(self) -> int:
        """Those of them that were ``round_ms`` apart: who lives has spoken in each."""
        return self._rounds

    @property
    def young(self) -> bool:
        """Whether we have not listened for long enough to know who is alive."""
        return self._rounds < HEARD_ENOUGH_ROUNDS

    @property
    def hubs(self) -> frozenset[str]:
        """Workers that are counted on, ourselves included."""
        return frozenset({self._worker, *self._counted()})

    @property
    def others(self) -> frozenset[str]:
        """Workers that are counted on, without ourselves."""
        return self.hubs - {self._worker}

    def generation(self, slot: int) -> int:
        """The highest generation heard of for a slot; 0 if none."""
        return self._generations.get(slot, 0)

    def is_owned(self, slot: int) -> bool:
        """Whether somebody who is counted on says to work on a slot."""
        return any(slot in hub.shards for hub in self._counted().values())

    def working(self, slot: int) -> set[str]:
        """Others that are counted on and say to work on a slot."""
        return {name for name, hub in self._others().items() if slot in hub.shards}

    def standing(self, slot: int) -> set[str]:
        """Others that are counted on and say to stand in line for a slot."""
        return {name for name, hub in self._others().items() if slot in hub.standing}

    def beat_of(self, hub: str) -> int:
        """How many own heartbeats had been heard back when this hub was heard last."""
        known = self._hubs.get(hub)
        return known.beat if known else 0

    def reconnected(self) -> None:
        """The broker was away: who is alive may be, but nobody stands or works any more."""
        for hub in self._hubs.values():
            hub.shards, hub.standing = {}, frozenset()

    def _others(self) -> dict[str, _Hub]:
        return {name: hub for name, hub in self._counted().items() if name != self._worker}

    def _counted(self) -> dict[str, _Hub]:
        silent = self._rounds - HUB_SILENT_BEATS
        return {name: hub for name, hub in self._hubs.items() if hub.round > silent}

    def _own_beat(self, at: int) -> list[Gone | Heard]:
        me = self._hubs[self._worker]
        self._beats += 1
        me.beat = self._beats
        if 0 <= at - self._round_at < self._round_ms:
            return []
        self._round_at = at
        self._rounds += 1
        me.round = self._rounds
        silent = self._rounds - self._silent_beats
        lost = [name for name, gateway in self._gateways.items() if gateway.round <= silent]
        for name in lost:
            del self._gateways[name]
        for name in [n for n, hub in self._hubs.items() if hub.round <= silent]:
            del self._hubs[name]
        never = [name for name, since in self._expected.items() if since <= silent]
        for name in never:
            del self._expected[name]
        return [Gone(name) for name in (*lost, *never)]

    def _alive(self, name: str, term: int) -> list[Gone | Heard]:
        gateway = self._gateways.get(name)
        self._expected.pop(name, None)
        if gateway is None:
            self._gateways[name] = _Gateway(self._rounds, term)
            return [Heard(name)]
        gateway.round = self._rounds
        gateway.term = max(gateway.term, term)
        return []

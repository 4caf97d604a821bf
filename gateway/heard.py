"""Who else is alive, by what they say on ``hub.control``. Pure."""

from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from schemas import limits
from schemas.ids import SLOTS
from schemas.messages import Bye, GatewayBeat, HubBeat, RelayBeat, owned_slots

SILENT_MS: Final = 3 * limits.HEARTBEAT_MS
"""Who said nothing for so long is not listed any more."""

Beat = HubBeat | GatewayBeat | RelayBeat


class Heard:
    """The last heartbeat of everybody, with the time we heard it."""

    def __init__(self) -> None:
        self._hubs: dict[str, tuple[int, HubBeat]] = {}
        self._gateways: dict[str, tuple[int, GatewayBeat]] = {}
        self._relays: dict[str, tuple[int, RelayBeat]] = {}

    def beat(self, said: Beat, now: int) -> None:
        """Somebody is alive."""
        match said:
            case HubBeat():
                self._hubs[said.worker] = now, said
            case GatewayBeat():
                self._gateways[said.gateway] = now, said
            case RelayBeat():
                self._relays[said.relay] = now, said
        self._forget(now)

    def bye(self, said: Bye) -> None:
        """Somebody ended as they should."""
        for table in (self._hubs, self._gateways, self._relays):
            table.pop(said.who, None)

    @property
    def hubs(self) -> int:
        """How many hubs were heard lately."""
        return len(self._hubs)

    def status(self, now: int) -> dict[str, Any]:
        """As plain values, for people: ``gateways``, ``hubs``, ``relays``, ``shards``.

        ``shards`` names the owner of each slot, ``None`` where there is none. Ages are in
        milliseconds since we heard of them.
        """
        self._forget(now)
        owners: list[str | None] = [None] * SLOTS
        newest = [0] * SLOTS
        for _, hub in self._hubs.values():
            for slot, generation in owned_slots(hub):
                if generation > newest[slot]:
                    newest[slot], owners[slot] = generation, hub.worker
        return {
            "gateways": _listed(self._gateways, now),
            "hubs": _listed(self._hubs, now),
            "relays": _listed(self._relays, now),
            "shards": owners,
        }

    def _forget(self, now: int) -> None:
        for table in (self._hubs, self._gateways, self._relays):
            for name in [name for name, (at, _) in table.items() if now - at > SILENT_MS]:
                del table[name]


def _listed(table: Any, now: int) -> list[dict[str, Any]]:
    said = []
    for at, beat in table.values():
        plain = to_builtins(beat)
        del plain["kind"], plain["at"]
        said.append({**plain, "age_ms": now - at})
    return sorted(said, key=str)

"""Which queues a message reaches. Pure: names in, names out.

The rules are RabbitMQ's: topic and fanout exchanges, the default exchange, bindings between
exchanges, alternate exchanges, several keys per message (``CC``, ``BCC``), auto-delete.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from broker.errors import NoSuchQueue, TopologyMismatch
from broker.port import Binding, ExchangeSpec


def matches(pattern: str, key: str) -> bool:
    """Whether a topic pattern takes a key: ``*`` is one word, ``#`` any number of them."""
    return _matches(_words(pattern), _words(key))


def _words(text: str) -> tuple[str, ...]:
    """Words between dots. The empty key has none; ``a..b`` has an empty one in the middle."""
    return tuple(text.split(".")) if text else ()


def _matches(pattern: tuple[str, ...], key: tuple[str, ...]) -> bool:
    for at, word in enumerate(pattern):
        if word == "#":
            rest = pattern[at + 1 :]
            return any(_matches(rest, key[skip:]) for skip in range(at, len(key) + 1))
        if at >= len(key) or word not in ("*", key[at]):
            return False
    return len(pattern) == len(key)


_cached_matches = lru_cache(maxsize=16_384)(matches)


class Routes:
    """The exchanges and bindings of one broker. Which queues exist is told by the caller."""

    def __init__(self) -> None:
        self.exchanges: dict[str, ExchangeSpec] = {}
        self._from: dict[str, dict[Binding, None]] = {}

    def declare(self, spec: ExchangeSpec) -> None:
        """Make an exchange exist.

        Raises:
            TopologyMismatch: It exists and differs.
        """
        there = self.exchanges.setdefault(spec.name, spec)
        if there != spec:
            raise TopologyMismatch(spec.name, f"exists as {there}, asked for {spec}")
        self._from.setdefault(spec.name, {})

    def bind(self, binding: Binding) -> None:
        """Add a binding whose destination is known to exist.

        Raises:
            NoSuchQueue: The source does not exist.
        """
        if binding.source not in self.exchanges:
            raise NoSuchQueue(binding.source)
        self._from[binding.source][binding] = None

    def unbind(self, binding: Binding) -> None:
        """Take a binding away, if it is there, and an auto-delete exchange with its last one."""
        feeds = self._from.get(binding.source)
        if feeds is None or binding not in feeds:
            return
        del feeds[binding]
        if not feeds and self.exchanges[binding.source].auto_delete:
            del self.exchanges[binding.source], self._from[binding.source]
            self.forget(binding.source, to="exchange")

    def forget(self, name: str, *, to: str = "queue") -> None:
        """Drop every binding that feeds a queue (or exchange) which is gone."""
        end = (name, to)
        gone = [b for feeds in self._from.values() for b in feeds if (b.destination, b.to) == end]
        for binding in gone:
            self.unbind(binding)

    def remove(self, name: str) -> None:
        """Remove an exchange with all its bindings."""
        del self.exchanges[name], self._from[name]
        self.forget(name, to="exchange")

    def route(self, exchange: str, keys: Sequence[str]) -> list[str]:
        """Names of the queues that get a message, each once. They may not exist.

        Raises:
            NoSuchQueue: The exchange does not exist.
        """
        if not exchange:
            return list(dict.fromkeys(keys))
        if exchange not in self.exchanges:
            raise NoSuchQueue(exchange)
        reached: dict[str, None] = {}
        seen, waiting = {exchange}, [exchange]
        while waiting:
            for binding in self._taken(waiting.pop(), keys):
                if binding.to == "queue":
                    reached[binding.destination] = None
                elif binding.destination not in seen:
                    seen.add(binding.destination)
                    waiting.append(binding.destination)
        return list(reached)

    def _taken(self, exchange: str, keys: Sequence[str]) -> list[Binding]:
        """The bindings of one exchange that take one of the keys, else its alternate exchange."""
        spec, feeds = self.exchanges[exchange], self._from[exchange]
        if spec.kind == "fanout":
            taken = list(feeds)
        else:
            taken = [b for b in feeds if any(_cached_matches(b.key, key) for key in keys)]
        other = spec.arguments.get("alternate-exchange")
        if not taken and other in self.exchanges:
            return [Binding(exchange, other, "", "exchange")]
        return taken

"""The seats of one shard against a table: joins, changes and leaves of several gateways, rolls as a
whole and in parts, terms of half-dead connections, gateways lost and heard again, new owners.

What is told of it, put together as a gateway does, is the table; and a new owner tells nobody
anything before it knows.
"""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker.port import Delivery
from hub import closing, decide
from hub.presence import STRENGTH
from hub.settings import HubSettings
from hub.shard import Gone, Heard, Notice, Shard, Turn
from schemas import codec, messages, topology
from schemas.log import Claim
from schemas.messages import AwayAct, LeaveAct, Seats, UpdateAct
from schemas.presence import Mode
from tests.property.pace import run
from tests.unit.hub.builders import NEIGHBOURS, SLOT, START, acts, bcc, delivery, join, shard

SETTINGS = HubSettings()
GATEWAYS = ("g1", "g2", "g3")
gateways = st.sampled_from(GATEWAYS)
documents = st.sampled_from(NEIGHBOURS)
tabs = st.integers(0, 3)
modes: st.SearchStrategy[Mode] = st.sampled_from(["watching", "reading", "editing"])
stale = st.sampled_from([False, False, False, True])

Key = tuple[str, str]
"""Document and connection."""


class Copy:
    """One document as a gateway puts it together."""

    def __init__(self) -> None:
        self.at = (0, 0)
        self.users: dict[str, str] = {}
        self.complete = False

    def hear(self, generation: int, frame: dict[str, object]) -> None:
        assert isinstance(frame["v"], int)
        assert isinstance(frame["users"], list)
        assert isinstance(frame["left"], list)
        at = (generation, frame["v"])
        assert frame["full"] or at == (self.at[0], self.at[1] + 1), f"{at} after {self.at}"
        assert at > self.at, "told again"
        self.at = at
        if frame["full"]:
            self.users = {}
        self.users |= {user["id"]: user["mode"] for user in frame["users"]}
        for gone in frame["left"]:
            del self.users[gone]
        self.complete = bool(frame["complete"])


class Table(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.it: Shard = shard(SETTINGS)
        self.table: dict[str, dict[Key, tuple[str, Mode]]] = {name: {} for name in GATEWAYS}
        self.away: set[Key] = set()
        self.terms = dict.fromkeys(GATEWAYS, 1)
        self.lost: set[str] = set()
        self.copies: dict[str, Copy] = {}
        self.told: list[tuple[str, list[str]]] = []

    # --- turns ------------------------------------------------------------------------

    def turn(self, *deliveries: Delivery, notices: tuple[Notice, ...] = ()) -> Turn:
        result = Turn(self.it, self.now)
        for notice in notices:
            decide.notice(result, notice)
        for one in deliveries:
            decide.take(result, one)
        closing.close(result)
        assert result.dead == []
        for message in result.out:
            if message.headers.get("w") == "presence":
                assert self.it.settled, "told before it is known"
                document = str(message.headers["d"])
                frame = msgspec.json.decode(message.body)
                self.copies.setdefault(document, Copy()).hear(self.it.book.generation, frame)
                self.told.append((document, bcc(message)))
        return result

    @initialize()
    def all_are_here(self) -> None:
        for gateway in GATEWAYS:
            self.roll(gateway, 1, old=False)

    # --- what gateways say ------------------------------------------------------------

    def says(self, gateway: str, document: str, act: messages.Act, *, old: bool) -> bool:
        """``old``: on a half-dead connection. Returns whether it counts."""
        term = self.terms[gateway] - old
        self.turn(acts(act, gateway=gateway, term=term, document=document))
        if not old:
            self.lost.discard(gateway)
        return not old

    @rule(gateway=gateways, document=documents, tab=tabs, mode=modes, old=stale, after=tabs)
    def joins(
        self, gateway: str, document: str, tab: int, mode: Mode, old: bool, after: int
    ) -> None:
        """In the place of another tab of the same user's, if that is away."""
        connection, user = f"{gateway}.{tab}", f"u{tab // 2}"
        previous = f"g1.{after}"
        act = join(connection, user, mode, previous=previous)
        if not self.says(gateway, document, act, old=old):
            return
        key = (document, previous)
        self.table[gateway][document, connection] = user, mode
        self.away.discard((document, connection))
        if key in self.away and key in self.table["g1"] and self.table["g1"][key][0] == user:
            self.ends("g1", key)

    @rule(gateway=gateways, document=documents, tab=tabs, mode=modes, old=stale)
    def updates(self, gateway: str, document: str, tab: int, mode: Mode, old: bool) -> None:
        connection = f"{gateway}.{tab}"
        known = self.table[gateway].get((document, connection))
        act = UpdateAct(connection=connection, mode=mode)
        if self.says(gateway, document, act, old=old) and known:
            self.table[gateway][document, connection] = known[0], mode

    @rule(gateway=gateways, document=documents, tab=tabs, old=stale)
    def goes_away(self, gateway: str, document: str, tab: int, old: bool) -> None:
        connection = f"{gateway}.{tab}"
        if self.says(gateway, document, AwayAct(connection=connection), old=old):
            self.away.add((document, connection))

    @rule(gateway=gateways, document=documents, tab=tabs, old=stale)
    def leaves(self, gateway: str, document: str, tab: int, old: bool) -> None:
        connection = f"{gateway}.{tab}"
        if self.says(gateway, document, LeaveAct(connection=connection), old=old):
            self.ends(gateway, (document, connection))

    def ends(self, gateway: str, key: Key) -> None:
        self.table[gateway].pop(key, None)
        self.away.discard(key)

    @rule(gateway=gateways, parts=st.integers(1, 3), old=stale)
    def roll(self, gateway: str, parts: int, old: bool) -> None:
        """All it has, as it is."""
        self._roll(gateway, parts, parts, old=old)

    @rule(gateway=gateways, document=documents, tab=tabs, mode=modes)
    def roll_of_another_kind(self, gateway: str, document: str, tab: int, mode: Mode) -> None:
        """What it has changed while nothing of it was heard."""
        key = (document, f"{gateway}.{tab}")
        if key in self.table[gateway]:
            self.ends(gateway, key)
        else:
            self.table[gateway][key] = f"u{tab // 2}", mode
        self._roll(gateway, 1, 1, old=False)

    @rule(gateway=gateways)
    def only_the_first_part_of_a_roll(self, gateway: str) -> None:
        """The rest was lost with the connection: nobody is missed yet."""
        self._roll(gateway, 1, 2, old=False)

    def _roll(self, gateway: str, said: int, parts: int, *, old: bool) -> None:
        seats = [
            messages.Seat(
                document=document,
                connection=connection,
                user=user,
                name=user.title(),
                info=b"{}",
                mode=mode,
                state=b"{}",
                away=(document, connection) in self.away,
            )
            for (document, connection), (user, mode) in self.table[gateway].items()
        ]
        for part in range(1, said + 1):
            told = Seats(
                gateway=gateway,
                term=self.terms[gateway] - old,
                slot=SLOT,
                at=self.now,
                places=[],
                seats=seats[part - 1 :: parts],
                collections=[],
                part=part,
                parts=parts,
            )
            self.turn(delivery(topology.CLIENTS, topology.seats_key(SLOT), codec.pack(told)))
        if not old:
            self.lost.discard(gateway)

    @rule(gateway=gateways)
    def another_connection(self, gateway: str) -> None:
        """And the roll with it."""
        self.terms[gateway] += 1
        self._roll(gateway, 1, 1, old=False)

    # --- what else is heard -----------------------------------------------------------

    @rule(gateway=gateways)
    def falls_silent(self, gateway: str) -> None:
        self.table[gateway].clear()
        self.turn(notices=(Gone(gateway),))
        self.away = {key for key in self.away if not key[1].startswith(gateway)}
        self.lost.add(gateway)

    @rule(gateway=gateways)
    def is_heard_again(self, gateway: str) -> None:
        """A gateway that was given up is asked for its seats."""
        result = self.turn(notices=(Heard(gateway),))
        asked = [one for one in result.out if one.exchange == topology.CONTROL]
        assert len(asked) == (gateway in self.lost and gateway in self.it.gateways)
        self.lost.discard(gateway)

    @rule(order=st.permutations(GATEWAYS), silent=st.integers(0, 2), ms=st.sampled_from([0, 600]))
    def another_owner(self, order: list[str], silent: int, ms: int) -> None:
        """It waits for everybody's roll, or until it counts the silent ones out."""
        self.it.book.fold(Claim(worker="w", nonce=f"n{self.now}", at=self.now + 1))
        self.it = Shard(SLOT, self.it.book, SETTINGS)
        first = Turn(self.it, self.now)
        closing.begin(
            first,
            awaited=self.terms,
            settle_ms=SETTINGS.settle_ms,
            answers_ms=SETTINGS.answers_ms,
            trusted=True,
        )
        self.lost.clear()
        self.now += ms
        self.told.clear()
        for gateway in order[silent:]:
            self._roll(gateway, 1, 1, old=False)
        if silent:
            assert not self.it.settled
        for gateway in order[:silent]:
            self.falls_silent(gateway)
        self.now += SETTINGS.settle_ms
        self.turn()
        assert self.it.complete

    @rule(ms=st.sampled_from([0, 20, 150]))
    def time_passes(self, ms: int) -> None:
        self.now += ms
        self.turn()

    # --- what must hold ---------------------------------------------------------------

    def seen(self, document: str) -> dict[str, str]:
        users: dict[str, Mode] = {}
        for seats in self.table.values():
            for (where, _), (user, mode) in seats.items():
                if where == document and STRENGTH[mode] > STRENGTH[users.get(user, "watching")]:
                    users[user] = mode
        return {user: str(mode) for user, mode in users.items()}

    @invariant()
    def the_shard_is_the_table(self) -> None:
        for gateway, seats in self.table.items():
            assert sorted(self.it.rooms.of_gateway(gateway)) == sorted(seats)
        for document in NEIGHBOURS:
            room = self.it.rooms.get(document)
            whole = room.whole(complete=True) if room else None
            shown = {user.id: user.mode for user in whole.users} if whole else {}
            assert shown == self.seen(document)
            if whole:
                editing = sum(mode == "editing" for mode in shown.values())
                assert (whole.reading, whole.editing) == (len(shown) - editing, editing)

    @invariant()
    def it_is_told_to_who_is_there(self) -> None:
        told, self.told = self.told, []
        for document, addresses in told:
            seated = {
                topology.gateway_address(name, self.terms[name])
                for name, seats in self.table.items()
                if any(where == document for where, _ in seats)
            }
            assert set(addresses) >= seated

    def teardown(self) -> None:
        """Once a tick has passed, all that was told is all there is, wherever anybody is seated."""
        self.now += 1_000
        self.turn()
        for document in {document for seats in self.table.values() for document, _ in seats}:
            copy = self.copies[document]
            assert (copy.users, copy.complete) == (self.seen(document), True)


test_hub_seats = run(Table, examples=60, steps=40)

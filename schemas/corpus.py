"""One message of every kind as bytes, for each version of the bus: ``golden/bus.json``.

The bytes are what a process of that version says. Whoever changes a message runs ``make schemas``:
that writes the section of ``BUS`` anew, and never touches an older one. So the corpus proves that
we still read what our neighbours say. After a release, ``BUS`` goes up by one with the first change
of a message, and the tests are told the digest of the section that is then closed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from schemas import codec, log, messages, topology
from schemas.presence import Lease, Position

BUS: Final = 2
"""The version being worked on: not released yet, so its section may still change."""

READERS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "to-shard": messages.read_to_shard,
    "life": messages.read_life,
    "to-gateway": messages.read_replies,
    "control": messages.read_control,
    "log": log.read_record,
}
"""By family. ``marks`` are headers, and have a reader of their own."""

_WHO: Final[Mapping[str, Any]] = {"gateway": "web-1-7f", "term": 3}
_USER: Final = messages.UserNow("fry", "Fry", b'{"a":1}', "editing", b'{"field":"title"}')
_GRANT: Final = log.Granted(
    document="article.42", connection="c.1", user="fry", name="Fry", fence=1_732_279_811_123
)
_RENEWAL: Final = log.Renewed(collection="article", events=[b"\x00\xff"], to="k4", done=True)
_PLACE: Final[Mapping[str, Any]] = {"document": "article.42", "epoch": "k3", "seq": 118}

EXAMPLES: Final[Mapping[str, Sequence[msgspec.Struct]]] = {
    "to-shard": [
        messages.Acts(
            **_WHO,
            document="article.42",
            at=5,
            acts=[
                messages.JoinAct(
                    connection="c.1",
                    user="fry",
                    name="Fry",
                    info=b'{"a":1}',
                    mode="reading",
                    state=b"{}",
                    previous="c.0",
                    lease=9,
                ),
                messages.UpdateAct(
                    connection="c.1", mode="editing", state=b'{"x":2}', lease=True, request=7
                ),
                messages.SendAct(connection="c.1", event=b"{}", ephemeral=True, request=8),
                messages.AwayAct(connection="c.1"),
                messages.LeaveAct(connection="c.1", cause="lost"),
                messages.AskAct(connection="", ask=3, since=Position("k3", 118)),
            ],
        ),
        messages.Seats(
            **_WHO,
            slot=3,
            at=5,
            places=[messages.Place("article.42", "k3", 118, 17, 4)],
            seats=[
                messages.Seat(
                    document="article.42",
                    connection="c.1",
                    user="fry",
                    name="Fry",
                    info=b"{}",
                    mode="editing",
                    state=b"{}",
                    away=True,
                    lease=9,
                )
            ],
            collections=["article"],
        ),
        messages.Watch(**_WHO, collection="article", on=True),
        messages.Probe(gateway="hub-1", term=0),
        messages.Renew(collection="article", source="/pg/7/shop", id="o3f2-882"),
    ],
    "life": [
        messages.Connected(
            connection="c.1",
            user="fry",
            gateway="web-1-7f",
            at=5,
            name="Fry",
            address="192.0.2.7",
            agent="Mozilla/5.0",
            origin="https://app.example.com",
            client={"name": "web", "version": "1.4.2"},
            previous="c.0",
        ),
        messages.Disconnected(
            connection="c.1",
            user="fry",
            gateway="web-1-7f",
            at=9,
            code=1006,
            cause="lost",
            duration_ms=4,
        ),
        messages.GatewayLost(gateway="web-1-7f", at=9),
    ],
    "to-gateway": [
        messages.Replies(
            slot=3,
            generation=17,
            replies=[
                messages.Answer(
                    ask=3,
                    document="article.42",
                    epoch="k3",
                    seq=119,
                    since=118,
                    recovered=True,
                    events=[b"{}"],
                    presence=messages.PresenceNow(
                        v=4,
                        users=[_USER],
                        reading=0,
                        editing=1,
                        complete=True,
                        lease=Lease("fry", 1_732_279_811_123),
                    ),
                ),
                messages.Done(request=7, document="article.42", seq=119, fence=9),
                messages.Refused(
                    request=8,
                    document="article.42",
                    code="locked",
                    message="Fry is editing article.42",
                    by="fry",
                    by_name="Fry",
                ),
                messages.LeaseLost(
                    document="article.42", connection="c.1", reason="expired", fence=9
                ),
                messages.Part(
                    collection="article",
                    v=2,
                    full=True,
                    complete=True,
                    documents=[messages.DocumentNow("article.42", [_USER], 0, 1)],
                ),
            ],
        )
    ],
    "control": [
        messages.HubBeat(worker="hub-1", at=5, shards={"3": 17}, standing=[4]),
        messages.GatewayBeat(**_WHO, at=5, connections=4, draining=True),
        messages.RelayBeat(relay="relay-1", at=5, active=True, backlog=2, lag_ms=30),
        messages.RelayBeat(
            relay="relay-1",
            at=6,
            active=True,
            backlog=0,
            lag_ms=0,
            published=7,
            dead=1,
            resyncs=1,
            wake="idle",
            wakeups=3,
        ),
        messages.Bye(who="web-1-7f", at=5),
        messages.SeatsWanted(slot=3, generation=17, gateway="web-1-7f"),
        messages.Succeeded(previous="c.0", user="fry", connection="c.1"),
    ],
    "log": [
        log.Claim(worker="hub-1", nonce="9f", at=5, before=4),
        log.Batch(
            nonce="9f",
            n=1,
            facts=[
                log.Begun(document="article.42", epoch="k3"),
                log.Numbered(
                    **_PLACE,
                    source="/pg/7/shop",
                    id="o3f2-881",
                    type="presently.change",
                    digest=b"\x00\xff",
                    at=5,
                    event=b"{}",
                ),
                _GRANT,
                log.Ended(document="article.42", fence=9, reason="released"),
                log.Exchanged(document="article.42", on=True),
                _RENEWAL,
            ],
        ),
        log.State(
            nonce="9f",
            generation=17,
            places=[log.At(**_PLACE)],
            leases=[_GRANT],
            fence=1_732_279_811_123,
            exchanges=["article.42"],
            renewals=[_RENEWAL],
        ),
    ],
}
MARKS: Final = (
    messages.Marks("event", "article.42", 17, "k3", 119, base=100),
    messages.Marks("presence", "article.42", 17, "k3", 119, 4),
    messages.Marks("reset", "article.42", 18, "k4", 0),
)


def section() -> dict[str, list[dict[str, Any]]]:
    """What this version says: by family, the bytes (base64) of each message and what they mean."""
    said = {
        family: [
            {"bytes": base64.b64encode(codec.pack(one)).decode(), "means": msgspec.to_builtins(one)}
            for one in examples
        ]
        for family, examples in EXAMPLES.items()
    }
    marks = [{"headers": one.headers(), "means": msgspec.to_builtins(one)} for one in MARKS]
    return {**said, "marks": marks, "objects": objects()}


def objects() -> list[dict[str, Any]]:
    """What is declared, the first slot for all. Nobody can declare it with other arguments."""
    made = topology.installation()
    everything: list[topology.Queue | topology.Exchange] = [*made.queues, *made.exchanges]
    return [
        {"object": f"{type(one).__name__.lower()} {one.name}", "means": msgspec.to_builtins(one)}
        for one in everything
        if not one.name[-2:].isdigit() or one.name.endswith("00")
    ]

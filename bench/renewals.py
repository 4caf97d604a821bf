"""What it costs a shard when all documents of a collection begin anew.

    python -m bench.renewals

One shard in this process, its log and messages written out and thrown away, for 5,000 and 50,000
documents (the most that a shard knows), with nobody at them and with somebody at each. Prints CPU
time: of the longest turn, which is what all else in the shard waits, and of all turns together.
"""

from __future__ import annotations

import time
from itertools import count, islice

from broker.port import Delivery
from hub import closing, decide, publications
from hub.documents import Document
from hub.fold import Book, Budget
from hub.settings import HubSettings
from hub.shard import Shard, Turn
from schemas import codec, topology
from schemas.ids import DocumentId, Slot, epoch_name, routing_key, slot_of
from schemas.log import Claim
from schemas.messages import Acts, JoinAct, Renew

SLOT = Slot(3)
START = 1_700_000_000_000
EPOCH = epoch_name(START)


def main() -> None:
    """Print the table."""
    print(f"{'documents':>9} {'seated':>7} {'turns':>6} {'longest':>9} {'all':>9} {'log':>9}")
    for many, seated in ((5_000, 0), (5_000, 5_000), (50_000, 0), (50_000, 50_000)):
        names = list(islice((d for d in _documents() if slot_of(d) == SLOT), many))
        turns, size = _renewed(_shard(names, seated))
        longest, together = max(turns) * 1000, sum(turns) * 1000
        print(
            f"{many:>9,} {seated:>7,} {len(turns):>6} {longest:>6.0f} ms {together:>6.0f} ms"
            f" {size / 1e6:>6.1f} MB"
        )


def _documents() -> map[DocumentId]:
    return map(DocumentId, map("article.{}".format, count()))


def _shard(names: list[DocumentId], seated: int) -> Shard:
    book = Book(Budget())
    book.fold(Claim(worker="bench", nonce="bench", at=START))
    it = Shard(SLOT, book, HubSettings())
    it.settled = it.leases_checked = True
    for name in names:
        book.documents[name] = Document(EPOCH, 1)
    for name in names[:seated]:
        _turn(it, START, _join(name))
    return it


def _renewed(it: Shard) -> tuple[list[float], int]:
    """The time of each turn until all have begun anew, and the bytes of the log."""
    asked = _delivery(
        topology.renew_key(SLOT), Renew(collection="article", source="/bench", id="t1")
    )
    times: list[float] = []
    size, due = 0, [asked]
    while due or it.renewing.due is not None:
        began = time.process_time()
        turn = _turn(it, START + 1_000, *due)
        records = publications.batches(turn.facts, "bench", 1)
        size += sum(len(publications.record(SLOT, one, "").body) for one in records)
        times.append(time.process_time() - began)
        due = []
    return times, size


def _turn(it: Shard, now: int, *deliveries: Delivery) -> Turn:
    turn = Turn(it, now)
    for one in deliveries:
        decide.take(turn, one)
    closing.close(turn)
    return turn


def _join(name: DocumentId) -> Delivery:
    seat = JoinAct(connection="c", user="fry", name="Fry", info=b"{}", mode="reading", state=b"{}")
    message = Acts(gateway="bench", term=1, document=name, at=0, acts=[seat])
    return _delivery(routing_key(name), message)


def _delivery(key: str, message: Acts | Renew) -> Delivery:
    return Delivery(1, topology.CLIENTS, key, codec.pack(message), {}, "", "", False)


if __name__ == "__main__":
    main()

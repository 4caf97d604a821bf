"""Records of the log."""

from __future__ import annotations

import pytest

from schemas import codec, log
from schemas.errors import MalformedMessage

RECORDS: list[log.Record] = [
    log.Claim(worker="w", nonce="n", at=5, before=4),
    log.Batch(
        nonce="n",
        n=1,
        facts=[
            log.Begun(document="article.42", epoch="k3"),
            log.Numbered(
                document="article.42",
                epoch="k3",
                seq=1,
                source="/pg",
                id="1",
                type="a",
                digest=b"d",
                at=5,
                event=b"{}",
            ),
            log.Granted(document="article.42", connection="c", user="fry", name="Fry", fence=9),
            log.Ended(document="article.42", fence=9, reason="released"),
        ],
    ),
    log.State(
        nonce="n",
        generation=17,
        places=[log.At("article.42", "k3", 1)],
        leases=[],
        fence=9,
        exchanges=["article.42"],
    ),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_round_trip(record: log.Record) -> None:
    assert log.read_record(codec.pack(record)) == record


def test_what_is_no_record_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        log.read_record(b"\x80")

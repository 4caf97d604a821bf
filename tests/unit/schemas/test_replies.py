"""What a shard's owner tells one gateway."""

from __future__ import annotations

from schemas import codec, replies
from schemas.presence import Lease

NOW = replies.PresenceNow(v=1, users=[], reading=0, editing=0, complete=True, lease=Lease("fry", 3))


def test_replies_round_trip() -> None:
    told = replies.Replies(
        slot=3,
        generation=17,
        replies=[
            replies.Answer(
                ask=3,
                document="article.42",
                epoch="k3",
                seq=9,
                since=8,
                recovered=True,
                events=[b"{}"],
                presence=NOW,
            ),
            replies.Done(request=7, document="article.42", fence=3),
            replies.Refused(request=8, document="article.42", code="locked", message="no"),
            replies.LeaseLost(document="article.42", connection="c.1", reason="expired"),
            replies.Part(collection="article", v=1, full=True, complete=True, documents=[]),
        ],
    )
    assert codec.read(codec.pack(told), replies.Replies) == told

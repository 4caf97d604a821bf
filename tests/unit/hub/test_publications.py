from hub import publications
from hub.documents import Document
from hub.publications import MESSAGE_BYTES
from hub.shard import Gateway
from schemas import codec, messages, topology
from schemas.events import parse_event
from schemas.log import Begun, Numbered, read_record
from schemas.messages import Answer, Done, PresenceNow, Replies
from tests.unit.hub.builders import DOCUMENT, START, delivery, event, shard

PRESENCE = PresenceNow(v=0, users=[], reading=0, editing=0, complete=True)


def test_an_event_says_in_its_headers_what_nobody_should_parse() -> None:
    sent = publications.event(shard(), parse_event(event("e1")), epoch="k", seq=3)
    marks = messages.Marks("event", DOCUMENT, START, "k", 3, base=0)
    assert messages.read_marks(sent.headers) == marks
    assert "BCC" not in sent.headers
    assert (sent.message_id, sent.persistent) == ("e1", True)


def test_an_event_says_how_much_of_its_epoch_the_log_had_at_the_beginning() -> None:
    it = shard()
    it.book.documents[DOCUMENT] = Document("k", 7)
    said = parse_event(event("e1"))
    for epoch, base in (("k", 7), ("an epoch that has ended", 0)):
        sent = publications.event(it, said, epoch=epoch, seq=9)
        marks = messages.read_marks(sent.headers)
        assert isinstance(marks, messages.Marks)
        assert marks.base == base


def test_an_id_that_amqp_cannot_carry_is_left_out() -> None:
    sent = publications.event(shard(), parse_event(event("é" * 128)), epoch="k", seq=3)
    assert sent.message_id == ""


def test_replies_of_one_turn_share_a_message_until_it_grows_too_big() -> None:
    it = shard()
    it.gateways["g1"] = Gateway("g1", 4)
    done = Done(request=1, document=DOCUMENT)
    [sent] = publications.replies(it, "g1", [done, done])
    assert (sent.exchange, sent.key) == (topology.EVENTS, ":gateway.g1.4")
    assert codec.read(sent.body, Replies).replies == [done, done]
    big = Answer(
        ask=1, document=DOCUMENT, epoch="k", seq=9, since=0, recovered=True,
        events=[b"x" * 60_000] * 9, presence=PRESENCE,
    )  # fmt: skip
    sent_in_parts = list(publications.replies(it, "g1", [big] * 4))
    assert len(sent_in_parts) == 4
    assert all(len(one.body) < 2 * MESSAGE_BYTES for one in sent_in_parts)
    assert list(publications.replies(it, "nobody", [done])) == []


def test_the_facts_of_a_turn_are_one_record_unless_they_are_too_many() -> None:
    few = publications.batches([Begun(document=DOCUMENT, epoch="k")], "mine", 5)
    assert [(record.n, len(record.facts)) for record in few] == [(5, 1)]
    facts = [
        Numbered(
            document=DOCUMENT, epoch="k", seq=n, source="/s", id=str(n), type="t", digest=b"",
            at=0, event=b"x" * 60_000,
        )
        for n in range(40)
    ]  # fmt: skip
    many = publications.batches(facts, "mine", 1)
    assert [record.n for record in many] == [1, 2, 3]
    assert [fact for record in many for fact in record.facts] == facts
    for record in many:
        assert read_record(publications.record(3, record, "mine.1").body) == record


def test_a_dead_letter_says_where_it_came_from() -> None:
    letter = publications.dead(delivery("hub.in", "k", b"body"), "hub.shard.03", "why")
    assert (letter.exchange, letter.key, letter.body) == (topology.DEAD, "hub.shard.03", b"body")
    assert letter.headers == {"reason": "why", "from": "hub.in", "key": "k"}
    part = publications.dead(delivery("hub.in", "k", b"body"), "q", "why", b"part")
    assert part.body == b"part"


def test_the_reason_of_a_dead_letter_fits_into_a_header() -> None:
    letter = publications.dead(delivery("hub.in", "k", b"body"), "q", "x" * 200_000)
    assert letter.headers["reason"] == "x" * 1000

"""Where a message goes: topics, bindings between exchanges, alternate exchanges, CC and BCC."""

import pytest

from broker.declare import declare, unbind
from broker.errors import NoSuchQueue, TopologyMismatch
from broker.port import Binding, Broker, Channel, Delivery, ExchangeSpec, Outgoing
from schemas import topology
from schemas.ids import SLOTS, DocumentId, slot_of
from schemas.topology import Topology
from tests.support.brokers import Node, bodies, declared, fill, publish, queue, some, taken
from tests.support.eventually import eventually

DOCUMENT = DocumentId("article.42")


def topic(name: str, **arguments: str) -> ExchangeSpec:
    named = {key.replace("_", "-"): value for key, value in arguments.items()}
    return ExchangeSpec(name, "topic", arguments=named)


async def content(channel: Channel, name: str) -> list[Delivery]:
    """All that is in a queue: what arrives before a marker put behind it."""
    got: list[Delivery] = []
    await fill(channel, name, ["end"])
    inbox = await channel.consume(name, prefetch=100)
    while not got or got[-1].body != b"end":
        got += await some(inbox)
    inbox.ack(got[-1].tag)
    return got[:-1]


async def said(node: Node, name: str) -> list[str]:
    broker = await node.connect("reader")
    async with await broker.open() as channel:
        return bodies(await content(channel, name))


async def test_topic_patterns_decide(node: Node) -> None:
    broker = await node.connect("it")
    names = {"all": "#", "one": "article.*", "deep": "article.#", "exact": "article.42", "": ""}
    await broker.declare(
        [queue("classic", f"q.{name}") for name in names],
        [topic("t")],
        [Binding("t", f"q.{name}", key) for name, key in names.items()],
    )
    channel = await broker.open()
    keys = ["article.42", "article", "article.42.event", "book.1", ""]
    await publish(channel, *(Outgoing("t", key, key.encode()) for key in keys))
    assert await said(node, "q.all") == keys
    assert await said(node, "q.one") == ["article.42"]
    assert await said(node, "q.deep") == ["article.42", "article", "article.42.event"]
    assert await said(node, "q.exact") == ["article.42"]
    assert await said(node, "q.") == [""]


async def test_what_is_sent_is_what_arrives(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")], [topic("t")], [Binding("t", "q", "#")])
    channel = await broker.open()
    sent = Outgoing(
        "t",
        "ünï.köy",
        bytes(range(256)) * 2000,
        {"text": "é", "number": 2**40, "flag": True, "less": -3},
        content_type="application/msgpack",
        message_id="018f",
        persistent=False,
    )
    await publish(channel, sent, Outgoing("", "q", b""))
    first, second = await content(channel, "q")
    assert (first.exchange, first.key, first.body) == (sent.exchange, sent.key, sent.body)
    assert (first.content_type, first.message_id) == (sent.content_type, sent.message_id)
    assert dict(first.headers).items() >= dict(sent.headers).items()
    assert (first.redelivered, first.offset) == (False, None)
    assert (second.exchange, second.key, second.body) == ("", "q", b"")
    assert (second.content_type, second.message_id) == ("", "")


async def test_a_fanout_exchange_ignores_keys(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "a"), queue("classic", "b")],
        [ExchangeSpec("f", "fanout")],
        [Binding("f", "a", ""), Binding("f", "b", "whatever")],
    )
    await publish(await broker.open(), Outgoing("f", "x.y", b"1"))
    assert await said(node, "a") == await said(node, "b") == ["1"]


async def test_each_queue_gets_a_publish_once(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "q")],
        [topic("a"), topic("b")],
        [
            Binding("a", "q", "#"),
            Binding("a", "q", "x.*"),
            Binding("a", "b", "#", "exchange"),
            Binding("b", "a", "#", "exchange"),
            Binding("b", "q", "#"),
        ],
    )
    await publish(await broker.open(), Outgoing("a", "x.y", b"1", {"CC": ["x.z"], "BCC": ["x.w"]}))
    assert await said(node, "q") == ["1"]


async def test_bcc_passes_through_a_documents_exchange(node: Node) -> None:
    broker = await node.connect("it")
    gateway = topology.gateway_topology("g1", 1)
    await declare(broker, topology.installation())
    await declare(broker, gateway)
    await declare(broker, topology.document_topology(DOCUMENT))
    await broker.declare(
        [queue("classic", "backend")],
        bindings=[Binding(topology.EVENTS, "backend", "article.#")],
    )
    key = topology.event_key(DOCUMENT, "comment.added")
    bcc = [topology.gateway_address("g1", 1), topology.gateway_address("gone", 7)]
    channel = await broker.open()
    await publish(
        channel, Outgoing(topology.document_exchange(DOCUMENT), key, b"1", {"BCC": bcc, "seq": 7})
    )
    (there,) = await content(channel, topology.gateway_queue("g1", 1))
    assert (there.key, there.exchange) == (key, topology.document_exchange(DOCUMENT))
    assert dict(there.headers) == {"seq": 7}
    assert await said(node, "backend") == ["1"]


async def test_cc_is_kept(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "a"), queue("classic", "b")])
    channel = await broker.open()
    await publish(channel, Outgoing("", "a", b"1", {"CC": ["b"], "BCC": ["nobody"]}))
    (there,) = await content(channel, "b")
    assert (there.key, dict(there.headers)) == ("a", {"CC": ["b"]})


async def test_a_key_without_a_slot_goes_to_intake(node: Node) -> None:
    broker = await node.connect("it")
    await declare(broker, topology.installation())
    channel = await broker.open()
    slot = slot_of(DOCUMENT)
    await publish(
        channel,
        Outgoing(topology.IN, f":{slot:02d}.{DOCUMENT}", b"slotted"),
        Outgoing(topology.IN, str(DOCUMENT), b"plain"),
        Outgoing(topology.IN, f":99.{DOCUMENT}", b"no such slot"),
        Outgoing(topology.CLIENTS, "connect.c1", b"nobody listens"),
    )
    assert await said(node, topology.INTAKE) == ["plain", "no such slot"]
    assert await said(node, topology.shard_queue(slot)) == ["slotted"]


async def test_a_restart_leaves_every_document_in_its_shard(restartable_node: Node) -> None:
    broker = await restartable_node.connect("it")
    await declare(broker, topology.installation())
    documents = [DocumentId(f"article.{n}") for n in range(200)]
    messages = [Outgoing(topology.IN, f":{slot_of(d):02d}.{d}", str(d).encode()) for d in documents]
    await publish(await broker.open(), *messages)
    await restartable_node.restart()
    assert await broker.wait_lost()

    broker = await restartable_node.connect("again")
    await declared(broker, topology=topology.installation())
    await publish(await broker.open(), *messages)
    for slot in range(SLOTS):
        mine = [str(d) for d in documents if slot_of(d) == slot]
        channel = await broker.open()
        got = await content(channel, topology.shard_queue(slot))
        assert [d.body.decode() for d in got] == mine + mine


async def test_auto_delete_waits_for_the_last_binding(node: Node) -> None:
    broker = await node.connect("it")
    document, name = topology.document_topology(DOCUMENT), topology.document_exchange(DOCUMENT)
    await declare(broker, topology.installation())
    await declare(broker, document)
    await broker.declare([queue("classic", "backend")], bindings=[Binding(name, "backend", "#")])
    await unbind(broker, document)
    assert await broker.exists(name)
    await publish(await broker.open(), Outgoing(name, "article.42.presence", b"kept"))
    assert await said(node, "backend") == ["kept"]
    await broker.delete("backend")
    assert not await broker.exists(name)


async def test_an_exchange_nobody_ever_bound_stays(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "q")],
        [ExchangeSpec("never", "topic", auto_delete=True), topic("feeds")],
        [Binding("feeds", "never", "#", "exchange")],
    )
    await broker.unbind([Binding("feeds", "never", "#", "exchange"), Binding("never", "q", "#")])
    assert await broker.exists("never")
    await broker.declare(bindings=[Binding("never", "q", "#")])
    await broker.unbind([Binding("never", "q", "#")])
    assert not await broker.exists("never")


async def test_declaring_and_unbinding_again_is_harmless(node: Node) -> None:
    broker = await node.connect("it")
    everything = topology.installation()
    for _ in range(2):
        await declare(broker, everything)
    for _ in range(2):
        await unbind(broker, everything)
        await unbind(broker, Topology(binds=(topology.Bind("nowhere", "nothing", "#"),)))


async def test_other_arguments_are_a_mismatch(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("quorum", "q")], [topic("t")])
    with pytest.raises(TopologyMismatch) as refused:
        await broker.declare([queue("classic", "q")])
    assert refused.value.name == "q"
    with pytest.raises(TopologyMismatch):
        await broker.declare(exchanges=[ExchangeSpec("t", "fanout")])
    with pytest.raises(TopologyMismatch):
        await broker.declare(exchanges=[topic("t", alternate_exchange="other")])
    await broker.declare([queue("quorum", "q")], [topic("t")])  # nobody was harmed


async def test_an_end_of_a_binding_that_is_not_there(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare([queue("classic", "q")], [topic("t")])
    for binding, missing in (
        (Binding("t", "none", "#"), "none"),
        (Binding("none", "q", "#"), "none"),
        (Binding("t", "none", "#", "exchange"), "none"),
    ):
        with pytest.raises(NoSuchQueue) as refused:
            await broker.declare(bindings=[binding])
        assert refused.value.name == missing
    assert not await broker.exists("none")
    assert await broker.exists("t")


async def test_a_queue_that_expired_is_gone_and_so_are_its_bindings(node: Node) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "short", expires=100), queue("classic", "used", expires=100)],
        [topic("t")],
        [Binding("t", "short", "#"), Binding("t", "used", "#")],
    )
    inbox = await (await broker.open()).consume("used", prefetch=10)
    sender = await broker.open()
    await eventually(lambda: _is_gone(broker, "short"))
    await publish(sender, Outgoing("t", "x", b"1"))
    assert bodies(await taken(inbox, 1)) == ["1"]
    with pytest.raises(NoSuchQueue):
        await broker.declare(bindings=[Binding("t", "short", "#")])


@pytest.mark.parametrize(
    "name",
    ["doc.article.~", "doc.page.%E6%97%A5%E6%9C%AC", "doc." + ".".join("x" * 66 for _ in "123")],
)
async def test_a_documents_exchange_may_have_any_documents_name(node: Node, name: str) -> None:
    broker = await node.connect("it")
    await broker.declare(
        [queue("classic", "q")],
        [topic("hub.events"), ExchangeSpec(name, "topic", auto_delete=True)],
        [Binding(name, "hub.events", "#", to="exchange"), Binding("hub.events", "q", "#")],
    )
    assert await broker.exists(name)
    channel = await broker.open()
    await publish(channel, Outgoing(name, "k", b"through"))
    assert await said(node, "q") == ["through"]
    await broker.unbind([Binding(name, "hub.events", "#", to="exchange")])
    assert not await broker.exists(name)


async def _is_gone(broker: Broker, name: str) -> bool:
    try:
        await broker.depth(name)
    except NoSuchQueue:
        return True
    return False


@pytest.mark.parametrize("text", ["acme.article.~", "a.caf%C3%A9%2F1", "-_.~-", "a." + "b" * 190])
async def test_every_documents_name_is_an_exchange(node: Node, text: str) -> None:
    broker, document = await node.connect("it"), DocumentId(text)
    name = topology.document_exchange(document)
    await declare(broker, topology.installation())
    await declare(broker, topology.document_topology(document))
    await broker.declare(
        [queue("classic", "q")],
        bindings=[Binding(topology.EVENTS, "q", "#"), Binding(name, "q", "#")],
    )
    channel = await broker.open()
    await publish(channel, Outgoing(name, topology.presence_key(document), b"1"))
    (there,) = await content(channel, "q")
    assert (there.exchange, there.key) == (name, topology.presence_key(document))
    await unbind(broker, topology.document_topology(document))
    await broker.unbind([Binding(name, "q", "#")])
    assert not await broker.exists(name)

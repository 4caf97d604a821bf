"""A producer's user publishes and can do nothing else; a listener's user only listens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPError
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from tests.polyglot.conftest import House
from tests.polyglot.languages import ALL, NODE, NODE_AMQP, PACKAGES, Language
from tests.polyglot.programs import publisher, run

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

Deed = Callable[[AbstractChannel], Awaitable[object]]
EXCHANGES = ("hub.clients", "hub.events", "hub.control", "hub.dead", "hub.intake", "amq.topic")


def publish(exchange: str, key: str = "article.42") -> Deed:
    """Publish a little to an exchange."""

    async def deed(channel: AbstractChannel) -> object:
        where = await channel.get_exchange(exchange, ensure=False)
        return await where.publish(aio_pika.Message(b"{}"), key, mandatory=False)

    return deed


async def to_a_queue(channel: AbstractChannel) -> object:
    """Past all exchanges, through the default one."""
    return await channel.default_exchange.publish(
        aio_pika.Message(b"{}"), "hub.log.00", mandatory=False
    )


async def make_a_queue(channel: AbstractChannel) -> object:
    return await channel.declare_queue("mine", arguments={"x-queue-type": "classic"}, durable=True)


async def make_a_nameless_queue(channel: AbstractChannel) -> object:
    return await channel.declare_queue(exclusive=True, arguments={"x-queue-type": "classic"})


async def make_an_exchange(channel: AbstractChannel) -> object:
    return await channel.declare_exchange("doc.article.42", "topic", durable=True)


async def delete_an_exchange(channel: AbstractChannel) -> object:
    return await channel.exchange_delete("hub.in")


async def get(channel: AbstractChannel) -> object:
    queue = await channel.get_queue("hub.shard.00", ensure=False)
    return await queue.get(fail=False)


async def purge(channel: AbstractChannel) -> object:
    return await (await channel.get_queue("hub.dead", ensure=False)).purge()


async def bind(channel: AbstractChannel) -> object:
    return await (await channel.get_queue("hub.dead", ensure=False)).bind("hub.in", "#")


PRODUCER_MAY_NOT: tuple[Deed, ...] = (
    *(publish(exchange) for exchange in EXCHANGES),
    to_a_queue,
    make_a_queue,
    make_a_nameless_queue,
    make_an_exchange,
    delete_an_exchange,
    get,
    purge,
    bind,
)
LISTENER_MAY_NOT: tuple[Deed, ...] = (
    *(publish(exchange) for exchange in ("hub.in", *EXCHANGES)),
    to_a_queue,
    make_a_queue,
    make_an_exchange,
    delete_an_exchange,
    get,
    purge,
    bind,
)


async def assert_refused(url: str, deed: Deed) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await deed(channel)


async def test_a_producer_publishes_and_can_do_nothing_else(house: House) -> None:
    url = house.urls["amqp"]
    async with await aio_pika.connect(url) as connection:
        await publish("hub.in", ":03.article.42")(await connection.channel())
    for deed in PRODUCER_MAY_NOT:
        await assert_refused(url, deed)


async def test_a_listener_listens_and_can_do_nothing_else(house: House) -> None:
    async with await aio_pika.connect(house.listen_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, arguments={"x-queue-type": "classic"})
        await queue.bind("hub.events", "article.#")
        await queue.bind("hub.clients", "connect.#")
        for exchange in ("hub.in", "hub.control", "hub.dead"):
            other = await (await connection.channel()).get_queue(queue.name, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await other.bind(exchange, "#")
    for deed in LISTENER_MAY_NOT:
        await assert_refused(house.listen_url, deed)


async def test_a_producer_may_be_held_to_one_collection(house: House) -> None:
    async with await aio_pika.connect(house.topic_url) as connection:
        for key in (":03.article.42", "article.42"):
            await publish("hub.in", key)(await connection.channel())
    for key in (":02.user.leela", "user.leela", "acme.article.42", ":x.article.42", "#"):
        await assert_refused(house.topic_url, publish("hub.in", key))


async def test_no_producer_reaches_another_vhost(house: House) -> None:
    for url in (house.urls["amqp"], house.listen_url):
        with pytest.raises(AMQPError):
            await aio_pika.connect(str(URL(url).with_path("/")))


@pytest.mark.parametrize(
    "language", [each for each in ALL if each.over == "amqp"], ids=lambda language: language.name
)
async def test_a_refused_publisher_ends_and_says_so(house: House, language: Language) -> None:
    line = {"document": "page.1", "type": "a.b", "data": {}}
    for url in (house.topic_url, str(URL(house.urls["amqp"]).with_password("wrong"))):
        ended = await publisher(language, {"amqp": url}, [line])
        assert ended.code != 0, ended
        assert ended.lines == []
        assert ended.complaint


MIXED = """
import { open } from "@presently/publisher";
const publisher = await open(process.env.PRESENTLY_URL, { source: "/mixed" });
const sent = [];
for (let n = 0; n < 20; n += 1) {
  sent.push(publisher.publish(`article.${n}`, "a.b"));
  if (n % 5 === 0) sent.push(publisher.publish(`page.${n}`, "a.b"));
}
for (const { status } of await Promise.allSettled(sent)) console.log(status);
await publisher.close();
"""


async def test_one_refused_event_does_not_fail_the_others(house: House) -> None:
    command = (NODE, "--input-type=module", "-e", MIXED)
    ended = await run(command, NODE_AMQP.folder, PRESENTLY_URL=house.topic_url)
    assert ended.code == 0, ended
    assert (ended.lines.count("fulfilled"), ended.lines.count("rejected")) == (20, 4)


@pytest.mark.parametrize("language", PACKAGES, ids=lambda language: language.name)
async def test_a_package_says_that_it_is_refused(house: House, language: Language) -> None:
    line = {"document": "page.1", "type": "a.b", "data": {}}
    no_right = await publisher(language, {"amqp": house.topic_url}, [line])
    wrong_key = str(URL(house.urls["amqp"]).with_password("wrong"))
    wrong = await publisher(language, {"amqp": wrong_key}, [line])
    nowhere = await publisher(language, {"amqp": f"{house.urls['amqp']}-not"}, [line])
    listener = await run(
        (*language.listen, "article.#"), language.folder, PRESENTLY_URL=house.urls["amqp"]
    )
    for ended in (no_right, wrong, nowhere, listener):
        assert ended.code != 0, ended
        assert "refuse" in ended.complaint
        assert "npassword" not in ended.complaint

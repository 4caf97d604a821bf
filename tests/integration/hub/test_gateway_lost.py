"""The loss of a gateway is told to backends, whoever else was lost with it."""

from broker.memory import Bus
from broker.port import Connect
from schemas import messages, topology
from schemas.ids import DocumentId
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import Backend, Machine, hub, listener
from tests.support.eventually import eventually

LOST = (topology.CLIENTS, "gateway.lost")
DOCUMENT = DocumentId("article.42")


def lost(backend: Backend) -> set[str]:
    said = [messages.read_life(delivery.body) for delivery in backend.taken]
    return {one.gateway for one in said if isinstance(one, messages.GatewayLost)}


async def test_it_is_told_when_its_only_hub_died_with_it(connect: Connect) -> None:
    """The next hub has never heard of it but through the log."""
    async with listener(connect, LOST, queue="b1") as backend, gateway(connect, "stays") as stays:
        machine = Machine(connect)
        async with hub(machine.connect), gateway(connect, "dies") as dies:
            await dies.join(DOCUMENT, "c1", "leela", ask=1)
            for slot in range(16):
                await dies.tell_seats(slot)
                await stays.tell_seats(slot)
            await eventually(lambda: dies.answered(1))
            await stays.join(DOCUMENT, "c2", "fry", ask=1)
            await eventually(lambda: stays.answered(1))
            await machine.die()
            dies.beating = False
            stays.heard.clear()
        async with hub(connect):
            await eventually(lambda: lost(backend) == {"dies"})
            await eventually(lambda: stays.present(DOCUMENT) == {"fry": "reading"})
        assert lost(backend) == {"dies"}


async def test_it_is_told_while_slot_0_goes_from_hub_to_hub() -> None:
    bus = Bus()
    async with (
        listener(bus.connect, LOST, queue="b1") as backend,
        gateway(bus.connect, "dies") as dies,
        hub(bus.connect, name="first"),
        hub(bus.connect, name="second"),
    ):
        for slot in range(16):
            await dies.tell_seats(slot)
        await dies.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: dies.answered(1))
        dies.beating = False
        for turn in range(4):  # whoever has slot 0 loses it while the gateway falls silent
            bus.cut(f"hub/{('first', 'second')[turn % 2]}")
        await eventually(lambda: lost(backend) == {"dies"})

"""Dashboards: who is where in a collection, and what happens to all of it at once."""

from broker.port import Connect
from schemas import messages
from schemas.messages import LeaveAct
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import (
    change,
    hub,
    publish,
)
from tests.support.eventually import eventually


async def test_a_dashboard_hears_of_its_collection_from_all_shards(connect: Connect) -> None:
    documents = [f"article.{n}" for n in range(20)]
    async with hub(connect), gateway(connect, "g1") as dash, gateway(connect, "g2") as desk:
        await desk.join("article.0", "c0", "fry", "editing")
        await dash.watch("article")

        def seen() -> dict[str, tuple[int, int]]:
            parts = [reply for reply in dash.replies if isinstance(reply, messages.Part)]
            documents = [document for part in parts for document in part.documents]
            now = {d.document: (d.reading, d.editing) for d in documents}
            return {document: counts for document, counts in now.items() if counts != (0, 0)}

        def wholes() -> int:
            parts = [reply for reply in dash.replies if isinstance(reply, messages.Part)]
            return sum(part.full and part.complete for part in parts)

        await eventually(lambda: seen() == {"article.0": (0, 1)} and wholes() == 16)
        for document in documents:
            await desk.join(document, "c1", "leela")
        await eventually(lambda: len(seen()) == 20)
        await desk.act("article.0", LeaveAct(connection="c0"), LeaveAct(connection="c1"))
        await eventually(lambda: len(seen()) == 19)
        # An event of a member reaches who watches the collection.
        await publish(connect, change("article.7", "e1"))
        await eventually(lambda: dash.events("article.7") == [(1, "e1")])
        await eventually(lambda: desk.events("article.7") == [(1, "e1")])

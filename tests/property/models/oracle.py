"""What must be true of a world at rest."""

from __future__ import annotations

from schemas import ids
from schemas.ids import DocumentId
from tests.property.models.page import Page
from tests.property.models.tab import Tab, View
from tests.property.models.world import DOCUMENTS, LIST, World


def check(world: World) -> None:
    """Everything that the browsers see is what the pages did and what the logs hold."""
    world.read_logs()
    numbers = {key for ledger in world.ledgers.values() for key in ledger.numbers}
    assert world.posted.keys() <= numbers, "an event was lost"
    for page in world.pages:
        tab = page.tab
        assert tab is not None
        assert tab.open == {}, f"never answered: {tab.open}"
        assert page.saying == {}, "never numbered"
        assert tab.views.keys() == page.wanted.keys()
        for id, (document, seq) in tab.numbered.items():
            at = world.ledgers[ids.slot_of(DocumentId(document))].numbers.get((document, id))
            assert at is not None or world.lost, "told a number, and it has none"
            assert at is None or seq in (None, at[1]), "told another number"
        for document, view in tab.views.items():
            if document != LIST:
                _check_view(world, page, DocumentId(document), view)
            else:
                _check_list(world, tab)
    _check_leases(world)
    _check_renewals(world)


def _check_renewals(world: World) -> None:
    """Every shard has heeded every TRUNCATE, and done what it asks for."""
    told = [id for document, id in world.posted if document == LIST]
    for ledger in world.ledgers.values():
        renewals = [ledger.renewals["article"]] if "article" in ledger.renewals else []
        assert all(one.done for one in renewals)
        if not world.lost:
            assert [len(one.events) for one in renewals] == ([len(told)] if told else [])


def _check_view(world: World, page: Page, document: DocumentId, view: View) -> None:
    ledger = world.ledgers[ids.slot_of(document)]
    assert view.joined
    assert (view.epoch, view.seq) == ledger.places[document], "not up to date"
    assert view.events == [
        ledger.ids[document, view.epoch, seq] for seq in range(view.loaded + 1, view.seq + 1)
    ]
    expected = world.expected(document)
    assert view.users == expected, f"{page.connection} sees {view.users} at {document}"
    editing = sum(mode == "editing" for mode in expected.values())
    assert view.counts == (len(expected) - editing, editing)
    assert view.complete
    held = ledger.leases.get(document)
    assert view.lease == ((held.user, held.fence) if held else None)


def _check_list(world: World, tab: Tab) -> None:
    shown = {document: world.expected(document) for document in DOCUMENTS}
    assert tab.members[LIST] == {name: users for name, users in shown.items() if users}


def _check_leases(world: World) -> None:
    """Who believes to hold a lease does, and who does knows it."""
    believed = {
        (document, view.fence, page.connection)
        for page in world.pages
        for document, view in page.tab.views.items()  # type: ignore[union-attr]
        if view.fence is not None
    }
    true = {
        (document, held.fence, held.connection)
        for ledger in world.ledgers.values()
        for document, held in ledger.leases.items()
    }
    assert believed == true

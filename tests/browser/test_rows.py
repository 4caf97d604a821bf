"""A row changes, by whatever writer, and every page shows it; none is written over in silence."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.support.dev_stack import DevStack

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]


async def test_an_update_typed_into_psql_is_on_every_page(
    visit: Visit, document: MakeDocument, dev_stack: DevStack
) -> None:
    id = await document("Row")
    leela, fry = await visit("leela"), await visit("fry")
    await leela.dashboard()
    await fry.dashboard()
    await fry.open("Row")
    await leela.sees(id, "yellow", "read by Fry")
    await dev_stack.psql(
        f"UPDATE article SET title = 'Rowed', body = 'Line one.' || E'\\n\\n' || 'Line two.',"
        f" status = 'published' WHERE id = {id}"
    )
    row = leela.row(id)
    await expect(row.locator("[data-title]")).to_have_text("Rowed")
    await expect(row.locator("[data-status]")).to_have_text("published")
    await expect(row.locator("[data-by]")).to_have_text("psql")
    await expect(fry.page.get_by_role("heading", name="Rowed")).to_be_visible()
    await expect(fry.page.get_by_text("Line two.")).to_be_visible()
    await expect(fry.page).to_have_title("Rowed · Presently")


async def test_the_line_shown_on_the_dashboard_works(visit: Visit, dev_stack: DevStack) -> None:
    leela = await visit("leela")
    await leela.dashboard()
    shown = await leela.page.locator("[data-psql]").inner_text()
    assert dev_stack.postgres in shown
    statement = re.search(r'-c "(UPDATE article .*)"$', shown)
    assert statement
    number = re.search(r"id = (\d+)", statement[1])
    assert number
    row = leela.row(int(number[1])).locator("[data-title]")
    before = await row.inner_text()
    await leela.sees(int(number[1]), "green", "free")
    await dev_stack.psql(statement[1])
    await expect(row).to_have_text("Moon base")
    await dev_stack.psql(f"UPDATE article SET title = '{before}' WHERE id = {number[1]}")
    await expect(row).to_have_text(before)


async def test_rows_come_and_go(visit: Visit, dev_stack: DevStack) -> None:
    leela = await visit("leela")
    await leela.dashboard()
    await leela.sees_people(1)
    await leela.sees(1, "green", "free")
    id = int(await dev_stack.psql("INSERT INTO article (title) VALUES ('Brand new') RETURNING id"))
    await expect(leela.row(id).locator("[data-title]")).to_have_text("Brand new")
    await leela.sees(id, "green", "free")
    fry = await visit("fry")
    await fry.dashboard()
    await fry.open("Brand new")
    await leela.sees(id, "yellow", "read by Fry")
    await dev_stack.psql(f"DELETE FROM article WHERE id = {id}")
    await expect(leela.row(id)).to_have_count(0)
    await expect(fry.page.get_by_text("This document has been deleted.")).to_be_visible()


async def test_a_row_that_changes_under_a_form_is_not_written_over(
    visit: Visit, document: MakeDocument, dev_stack: DevStack
) -> None:
    id = await document("Contended")
    leela, fry = await visit("leela"), await visit("fry")
    for visitor in (leela, fry):
        await visitor.dashboard()
        await visitor.open("Contended")
    await leela.edit()
    await leela.page.get_by_label("Title").fill("Leela's title")
    await dev_stack.psql(  # Fry has a program that knows nothing of leases
        f"UPDATE article SET title = 'Fry''s title', updated_by = 'fry' WHERE id = {id}"
    )
    note = leela.page.get_by_text("Fry saved a newer version while this form was open.")
    await expect(note).to_be_visible()
    await expect(leela.page.get_by_label("Title")).to_have_value("Leela's title")

    await leela.page.get_by_role("button", name="Save").click()
    refused = leela.page.get_by_role("heading", name="Not saved: Fry saved a newer version first")
    await expect(refused).to_be_visible()
    await expect(leela.page.get_by_role("heading", name="Fry's title")).to_be_visible()
    await expect(leela.page.get_by_label("Title")).to_have_value("Leela's title")
    await leela.page.get_by_role("button", name="Save mine anyway").click()
    await leela.is_at(f"/articles/{id}")
    await expect(fry.page.get_by_role("heading", name="Leela's title")).to_be_visible()


async def test_the_newer_version_can_be_loaded_into_the_form(
    visit: Visit, document: MakeDocument, dev_stack: DevStack
) -> None:
    id = await document("Stale")
    leela = await visit("leela")
    await leela.dashboard()
    await leela.open("Stale")
    await leela.edit()
    await leela.sees_here("green", "Only you are here.")
    await dev_stack.psql(f"UPDATE article SET title = 'Fresh' WHERE id = {id}")
    await leela.page.get_by_role("button", name="Load it").click()
    await expect(leela.page.get_by_label("Title")).to_have_value("Fresh")
    await leela.page.get_by_label("Title").fill("Fresher")
    await leela.save()
    assert await dev_stack.psql(f"SELECT title FROM article WHERE id = {id}") == "Fresher"

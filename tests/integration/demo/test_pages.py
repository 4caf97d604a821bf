"""What the pages show, save and refuse, on a real PostgreSQL."""

import html
import re

import asyncpg
import httpx
import pytest

from demo.articles import install
from demo.settings import Settings

pytestmark = pytest.mark.postgres


async def version(browse: httpx.AsyncClient) -> int:
    row = (await browse.get("/articles/1.json")).json()
    return int(row["version"])


async def save(
    browse: httpx.AsyncClient,
    title: str,
    version: int,
    *,
    by: str = "fry",
    fence: int | str = "",
) -> httpx.Response:
    form = {
        "title": title,
        "body": "One.\r\n\r\nTwo.",
        "status": "draft",
        "version": str(version),
        "fence": str(fence),
    }
    return await browse.post("/articles/1/edit", params={"as": by}, data=form)


async def execute(settings: Settings, statement: str, *, program: str = "psql") -> None:
    connection = await asyncpg.connect(
        settings.database, server_settings={"application_name": program}
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_who_is_there_is_asked_first(browse: httpx.AsyncClient) -> None:
    page = await browse.get("/")
    assert page.status_code == 200
    for name in ("leela", "fry", "zoidberg"):
        assert f'href="/?as={name}"' in page.text
    assert "data-gateway" not in page.text


async def test_an_unknown_user_is_told_so_and_asked_again(browse: httpx.AsyncClient) -> None:
    for path in ("/", "/articles/1", "/articles/1/edit"):
        page = await browse.get(path, params={"as": "<nobody>"})
        assert page.status_code == 404
        assert "Nobody called “&lt;nobody&gt;” works here" in page.text
        assert 'href="/?as=leela"' in page.text


async def test_the_dashboard_lists_documents(browse: httpx.AsyncClient) -> None:
    page = await browse.get("/", params={"as": "leela"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-cache"
    assert 'href="/articles/1?as=leela">Moon landing</a>' in page.text
    assert ">Mars</a>" in page.text
    assert 'data-gateway="ws://localhost:8001/"' in page.text
    assert 'data-as="leela"' in page.text


async def test_the_dashboard_shows_the_line_to_try(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    page = await browse.get("/", params={"as": "leela"})
    shown = re.search(r"data-psql>(.*?)</code>", page.text, re.DOTALL)
    assert shown
    statement = "UPDATE article SET title = 'Moon base' WHERE id = 1"
    assert html.unescape(shown[1]) == f'psql {settings.database} -c "{statement}"'


async def test_an_empty_table_is_an_empty_dashboard(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    await execute(settings, "DELETE FROM article")
    page = await browse.get("/", params={"as": "leela"})
    assert page.status_code == 200
    assert "There are no documents" in page.text


async def test_a_document_and_its_form(browse: httpx.AsyncClient) -> None:
    page = await browse.get("/articles/1", params={"as": "fry"})
    assert "<h1 data-title>Moon landing</h1>" in page.text
    assert 'href="/articles/1/edit?as=fry"' in page.text
    form = await browse.get("/articles/1/edit", params={"as": "fry"})
    assert 'name="version" value="1"' in form.text
    assert 'value="Moon landing"' in form.text
    assert "<option selected>published</option>" in form.text


@pytest.mark.parametrize("id", ["999", "2147483648", "9" * 5000])
async def test_an_unknown_article_is_a_page_that_says_so(
    browse: httpx.AsyncClient, id: str
) -> None:
    for path in (f"/articles/{id}", f"/articles/{id}/edit"):
        page = await browse.get(path, params={"as": "fry"})
        assert page.status_code == 404
        assert "There is no such page" in page.text
        assert 'href="/?as=fry"' in page.text
    form = {"title": "Moon", "body": "", "status": "draft", "version": "1"}
    saved = await browse.post(f"/articles/{id}/edit", params={"as": "fry"}, data=form)
    assert saved.status_code == 404
    assert (await browse.get(f"/articles/{id}.json")).status_code == 404


async def test_an_unknown_path_is_the_same_page(browse: httpx.AsyncClient) -> None:
    page = await browse.get("/nowhere", params={"as": "fry"})
    assert page.status_code == 404
    assert "There is no such page" in page.text
    page = await browse.post("/", params={"as": "fry"})
    assert page.status_code == 405
    assert "Method Not Allowed" in page.text


async def test_a_save_writes_the_row_and_goes_to_its_page(browse: httpx.AsyncClient) -> None:
    answer = await save(browse, "Moon base", await version(browse))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/articles/1?as=fry"
    row = (await browse.get("/articles/1.json")).json()
    assert row["title"] == "Moon base"
    assert row["body"] == "One.\n\nTwo."
    assert row["status"] == "draft"
    assert row["updated_by"] == "fry"
    assert row["version"] == 2
    page = await browse.get("/articles/1", params={"as": "leela"})
    assert "<p>Two.</p>" in page.text
    assert "<span data-by>Fry</span>" in page.text


async def test_a_stale_save_is_refused_clearly_and_loses_nothing(browse: httpx.AsyncClient) -> None:
    old = await version(browse)
    assert (await save(browse, "Fry's title", old, by="fry")).status_code == 303
    refused = await save(browse, "Leela's title", old, by="leela")
    assert refused.status_code == 409
    assert "Not saved: Fry saved a newer version first" in refused.text
    assert 'value="Leela&#39;s title"' in refused.text, "what was typed is still there"
    assert "<h3>Fry&#39;s title" in refused.text, "and the newer version is shown"
    assert (await browse.get("/articles/1.json")).json()["title"] == "Fry's title"
    assert f'name="version" value="{old + 1}"' in refused.text
    assert "Save mine anyway" in refused.text
    assert (await save(browse, "Leela's title", old + 1, by="leela")).status_code == 303
    assert (await browse.get("/articles/1.json")).json()["title"] == "Leela's title"


async def test_a_save_under_an_earlier_lease_is_refused_in_one_sentence(
    browse: httpx.AsyncClient,
) -> None:
    at = await version(browse)
    assert (await save(browse, "Fry's title", at, by="fry", fence=200)).status_code == 303
    late = await save(browse, "Leela's title", at + 1, by="leela", fence=199)
    assert late.status_code == 409
    assert "Not saved: your turn to edit was over, and Fry has saved since" in late.text
    assert 'value="Leela&#39;s title"' in late.text, "what was typed is still there"
    assert "<h3>Fry&#39;s title" in late.text, "and what is saved is shown"
    assert '<input type="hidden" name="fence">' in late.text, "that lease is of no use any more"
    assert (await browse.get("/articles/1.json")).json()["title"] == "Fry's title"
    for fence in (200, 201, ""):
        assert (await save(browse, "Again", await version(browse), fence=fence)).status_code == 303
    assert (await save(browse, "Late", await version(browse), fence=200)).status_code == 409


async def test_without_a_lease_the_version_protects_the_row(browse: httpx.AsyncClient) -> None:
    at = await version(browse)
    assert (await save(browse, "Under a lease", at, fence=200)).status_code == 303
    assert (await save(browse, "Without", at)).status_code == 409
    assert (await save(browse, "Without", at + 1)).status_code == 303
    assert (await save(browse, "A late one", at + 2, fence=199)).status_code == 409


async def test_a_table_from_before_there_were_fences_gets_the_column(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    await execute(settings, "ALTER TABLE article DROP COLUMN fence")
    await execute(settings, "UPDATE article SET title = 'Kept' WHERE id = 1")
    for _ in range(2):
        await install(settings.database)
    row = (await browse.get("/articles/1.json")).json()
    assert row["title"] == "Kept"
    assert (await save(browse, "Fenced", row["version"], fence=5)).status_code == 303


async def test_a_bad_form_says_what_is_wrong_and_keeps_what_was_typed(
    browse: httpx.AsyncClient,
) -> None:
    answer = await save(browse, "  ", await version(browse))
    assert answer.status_code == 422
    assert "A document needs a title." in answer.text
    assert 'aria-describedby="title-problem"' in answer.text
    assert "One.\n\nTwo.</textarea>" in answer.text
    assert await version(browse) == 1


async def test_what_is_no_form_is_refused(browse: httpx.AsyncClient) -> None:
    answer = await browse.post("/articles/1/edit", params={"as": "fry"}, content=b"\xff\xfe")
    assert answer.status_code == 400
    answer = await browse.post("/articles/1/edit", params={"as": "fry"}, content=b"x" * 300_000)
    assert answer.status_code == 400
    assert "too long" in answer.text
    answer = await browse.post("/articles/1/edit", content=b"")
    assert answer.status_code == 200
    assert "Who is there?" in answer.text
    assert await version(browse) == 1


async def test_what_people_write_is_text_not_markup(browse: httpx.AsyncClient) -> None:
    await save(browse, "<script>alert(1)</script>", await version(browse))
    for path in ("/", "/articles/1", "/articles/1/edit"):
        page = await browse.get(path, params={"as": "fry"})
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


async def test_another_programs_update_is_a_new_version_too(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    old = await version(browse)
    await execute(settings, "UPDATE article SET title = 'Moon base' WHERE id = 1")
    row = (await browse.get("/articles/1.json")).json()
    assert (row["version"], row["updated_by"], row["updated_by_name"]) == (old + 1, "psql", "psql")
    assert "Not saved: psql saved a newer version" in (await save(browse, "Mine", old)).text
    await execute(settings, "UPDATE article SET title = 'B', updated_by = 'amy' WHERE id = 1")
    row = (await browse.get("/articles/1.json")).json()
    assert (row["version"], row["updated_by"]) == (old + 2, "amy")


async def test_a_writer_may_sign_the_same_name_twice(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    for title in ("A", "B"):
        await execute(
            settings, f"UPDATE article SET title = '{title}', updated_by = 'amy' WHERE id = 1"
        )
    assert (await browse.get("/articles/1.json")).json()["updated_by"] == "amy"


async def test_all_rows_as_json(browse: httpx.AsyncClient) -> None:
    answer = await browse.get("/articles.json")
    assert answer.headers["cache-control"] == "no-store"
    assert [row["id"] for row in answer.json()] == [1, 2, 3, 4, 5, 6]

"""`presently backfill` as somebody runs it: in a terminal, in a script, stopped with Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
from pathlib import Path

import asyncpg

from tests.integration.presently_server.process import COMMAND, environment, presently
from tests.support.eventually import eventually

ROWS = """
    CREATE TABLE article (id int PRIMARY KEY);
    INSERT INTO article SELECT n FROM generate_series(1, {rows}) AS n;
    SELECT presently.capture('article', 'article.{{id}}')
"""
TOLD = "SELECT told FROM presently.backfill"


async def prepared(url: str, rows: int) -> asyncpg.Connection:
    db = await asyncpg.connect(url)
    await db.execute(ROWS.format(rows=rows))
    return db


async def test_stopped_it_says_so_and_goes_on_where_it_was(
    database_url: str, tmp_path: Path
) -> None:
    db = await prepared(database_url, 12_000)
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "backfill",
        "article",
        cwd=tmp_path,
        env=environment({"PRESENTLY_DATABASE_URL": database_url}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await eventually(lambda: db.fetchval(TOLD + " WHERE told = 10000"), within=30)
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode() == "presently: stopped; `presently backfill article` goes on from here\n"
    await db.execute("TRUNCATE presently.outbox")
    done = await presently(
        "backfill", "article", folder=tmp_path, PRESENTLY_DATABASE_URL=database_url
    )
    assert done.out.splitlines() == [
        "going on after 10000 rows; --anew begins again",
        "12000 rows of article told",
    ]
    assert await db.fetchval("SELECT count(*) FROM presently.outbox") == 2000
    await db.close()


async def test_in_a_terminal_it_shows_a_bar(database_url: str, tmp_path: Path) -> None:
    db = await prepared(database_url, 30)
    ours, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "backfill",
        "article",
        "--where=id > 10",
        "--chunk=7",
        cwd=tmp_path,
        env=environment({"PRESENTLY_DATABASE_URL": database_url, "TERM": "xterm"}),
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    assert await process.wait() == 0
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "[####################################]  20/20" in shown
    assert shown.endswith("20 rows of article told\r\n")
    await db.close()


async def test_a_mistake_is_one_line(database_url: str, tmp_path: Path) -> None:
    db = await prepared(database_url, 1)
    for arguments, code, says in (
        (("nowhere",), 2, 'relation "nowhere" does not exist'),
        (("article", "--where", "ids = 1"), 2, 'column "ids" does not exist'),
    ):
        done = await presently(
            "backfill", *arguments, folder=tmp_path, PRESENTLY_DATABASE_URL=database_url
        )
        assert (done.code, len(done.err.splitlines())) == (code, 1)
        assert says in done.err
    done = await presently("backfill", "article", folder=tmp_path)
    assert (done.code, done.err.count("PRESENTLY_DATABASE_URL")) == (2, 2)
    await db.close()

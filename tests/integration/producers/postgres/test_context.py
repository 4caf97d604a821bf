"""``SET LOCAL presently.context``: what a transaction says about itself goes with its changes."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ARTICLE, told


async def test_it_goes_with_every_change_of_the_transaction(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    async with db.transaction():
        await db.execute("""SET LOCAL presently.context = '{"request": "r1"}'""")
        await db.execute("INSERT INTO article VALUES (1, 'a')")
        await db.execute("UPDATE article SET title = 'b'")
        await db.execute("UPDATE article SET id = 2")
        await db.execute("DELETE FROM article")
        await db.execute("TRUNCATE article")
    assert [event.data.get("ctx") for event in await told(db)] == [{"request": "r1"}] * 6
    await db.execute("INSERT INTO article VALUES (1, 'a')")
    assert "ctx" not in (await told(db))[0].data


@pytest.mark.parametrize(
    "nonsense",
    [
        "{",
        "nonsense",
        "[1]",
        "17",
        "null",
        "{}",
        '{"a": "\\u0000"}',
        '{"n": 1e1000000}',
        '{"a": "' + "x" * 2048 + '"}',
        '{"a":' * 20000,
        '"' + "é" * 3000,
    ],
    ids=range(11),
)
async def test_nonsense_in_it_does_not_break_the_write(
    db: asyncpg.Connection, nonsense: str
) -> None:
    await db.execute(ARTICLE)
    await db.execute("SELECT set_config('presently.context', $1, false)", nonsense)
    await db.execute("INSERT INTO article VALUES (1, 'a')")
    await db.execute("TRUNCATE article")
    assert [(event.op, "ctx" in event.data) for event in await told(db)] == [
        ("c", False),
        ("t", False),
    ]


async def test_it_may_have_two_kibibytes_to_the_byte(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    for size, there in ((2048, True), (2049, False)):
        said = '{"a":"' + "x" * (size - 8) + '"}'
        assert len(said) == size
        await db.execute("SELECT set_config('presently.context', $1, false)", said)
        await db.execute("INSERT INTO article VALUES ($1, 'a')", size)
        assert ("ctx" in (await told(db))[0].data) is there

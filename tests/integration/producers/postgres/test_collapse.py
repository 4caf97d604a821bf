"""``collapse``: above so many rows in a statement the rest is told as one ``x`` at the list."""

from collections import Counter

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ops, told

ITEM = """
    CREATE TABLE item (id int PRIMARY KEY, n int);
    INSERT INTO item SELECT g, 0 FROM generate_series(1, 50) AS g;
    SELECT presently.capture('item', 'item.{id}', collapse => 10);
"""


async def kinds(db: asyncpg.Connection) -> Counter[str]:
    return Counter(f"{event.op} {event.document.split('.')[0]}" for event in await told(db))


async def test_it_is_off_by_default(db: asyncpg.Connection) -> None:
    await db.execute(ITEM.replace(", collapse => 10", ""))
    await db.execute("UPDATE item SET n = 1")
    assert len(await told(db)) == 50


@pytest.mark.parametrize("kind", ["UPDATE item SET n = 1", "DELETE FROM item"])
async def test_the_first_are_told_then_one_for_the_rest(db: asyncpg.Connection, kind: str) -> None:
    await db.execute(ITEM)
    await db.execute(f"{kind} WHERE id <= 10")
    assert len(await told(db)) == 10
    await db.execute(f"{kind} WHERE id > 10 AND id <= 21")
    said = await ops(db)
    assert len(said) == 11
    assert said[10] == "x item.~"
    await db.execute(kind)
    assert (await ops(db))[10:] == ["x item.~"]


async def test_each_statement_is_counted_anew(db: asyncpg.Connection) -> None:
    await db.execute(ITEM)
    async with db.transaction():
        for n in range(5):
            await db.execute(f"UPDATE item SET n = n + 1 WHERE id BETWEEN {n * 9} AND {n * 9 + 8}")
    assert set(await kinds(db)) == {"u item"}


async def test_rows_that_do_not_change_do_not_count(db: asyncpg.Connection) -> None:
    await db.execute(ITEM)
    await db.execute("UPDATE item SET n = CASE WHEN id <= 3 THEN 1 ELSE 0 END")
    assert await kinds(db) == {"u item": 3}


async def test_what_is_rolled_back_does_not_count(db: asyncpg.Connection) -> None:
    await db.execute(ITEM)
    await db.execute("""
        DO $$ BEGIN
            BEGIN UPDATE item SET n = 1; RAISE division_by_zero;
            EXCEPTION WHEN division_by_zero THEN NULL; END;
            UPDATE item SET n = 2 WHERE id <= 5;
        END $$
    """)
    assert await kinds(db) == {"u item": 5}


async def test_copy_insert_select_and_upsert(db: asyncpg.Connection) -> None:
    await db.execute(ITEM)
    await db.copy_records_to_table("item", records=[(n, 0) for n in range(100, 200)])
    assert (await ops(db))[9:] == ["c item.109", "x item.~"]
    await db.execute(
        "INSERT INTO item SELECT g, 7 FROM generate_series(190, 215) AS g"
        " ON CONFLICT (id) DO UPDATE SET n = excluded.n"
    )
    assert await kinds(db) == {"u item": 10, "x item": 1}


async def test_across_partitions_and_at_every_list(db: asyncpg.Connection) -> None:
    await db.execute("""
        CREATE TABLE m (id int, p int, PRIMARY KEY (p, id)) PARTITION BY LIST (p);
        CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1);
        CREATE TABLE m2 PARTITION OF m FOR VALUES IN (2);
        SELECT presently.capture('m', ARRAY['m.{id}', 'place.{p}'], collapse => 4);
        INSERT INTO m SELECT g, g % 2 + 1 FROM generate_series(1, 20) AS g;
    """)
    assert (await ops(db))[8:] == ["x m.~", "x place.~"]


async def test_each_table_counts_for_itself_and_cascades_count(db: asyncpg.Connection) -> None:
    await db.execute(
        ITEM
        + """
        CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item ON DELETE CASCADE);
        INSERT INTO part SELECT g, g FROM generate_series(1, 50) AS g;
        SELECT presently.capture('part', 'part.{id}', collapse => 3);
    """
    )
    await db.execute("DELETE FROM item WHERE id <= 8")
    assert await kinds(db) == {"d item": 8, "d part": 3, "x part": 1}


async def test_a_tampered_count_does_not_break_the_write(db: asyncpg.Connection) -> None:
    await db.execute(ITEM)
    await db.execute("SET presently.row_of_item = 'nonsense'")
    await db.execute("UPDATE item SET n = 1 WHERE id = 1")
    assert await ops(db) == ["u item.1"]
    async with db.transaction():
        await db.execute(
            "SELECT set_config('presently.row_of_item', statement_timestamp()::text || '/x', true);"
            "UPDATE item SET n = 2 WHERE id = 1"
        )
    assert len(await told(db)) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("'item', 'item.{id}', collapse => 0", "collapse is 0, which is no number of rows"),
        ("'item', 'item.{n}.{id}', collapse => 9", "collapse is not possible with 'item.{n}.{id}'"),
        ("'item', '{n}.{id}', collapse => 9", "collapse is not possible"),
    ],
)
async def test_what_cannot_be_collapsed(db: asyncpg.Connection, arguments: str, words: str) -> None:
    await db.execute(ITEM)
    with pytest.raises(asyncpg.InvalidParameterValueError, match="collapse") as caught:
        await db.execute(f"SELECT presently.capture({arguments})")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "name", ["by", "if", "loop", "while", "strict", "foreach", "new", "select"]
)
async def test_columns_named_with_words_of_a_language_are_as_any(
    db: asyncpg.Connection, name: str
) -> None:
    """Rows that go the slow way are not counted, so being counted says that they did not."""
    await db.execute(f"""
        CREATE TABLE page (id int PRIMARY KEY, "{name}" text);
        SELECT presently.capture('page', 'page.{{id}}', ARRAY['{name}'], actor => '{name}',
                                 before => true, collapse => 2);
        INSERT INTO page SELECT g, 'fry' FROM generate_series(1, 5) AS g;
    """)
    first, _, rest = await told(db)
    assert (first.data["after"], first.actor, rest.op) == ({name: "fry"}, "fry", "x")
    await db.execute(f'UPDATE page SET "{name}" = NULL')
    assert [event.data.get("before") for event in await told(db)] == [{name: "fry"}] * 2 + [None]

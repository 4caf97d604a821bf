"""Partitioned tables: the entity is the logical table, whichever partition a row is in."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ops, told

MEASURE = """
    CREATE TABLE measure (id int, year int, v text, PRIMARY KEY (id, year))
        PARTITION BY RANGE (year);
    CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (2000) TO (2010);
    SELECT presently.capture('measure', 'measure.{id}', '{v}');
    CREATE TABLE measure_2 PARTITION OF measure FOR VALUES FROM (2010) TO (2020);
    CREATE TABLE measure_3 (gone int, v text, year int NOT NULL, id int NOT NULL);
    ALTER TABLE measure_3 DROP gone;
    ALTER TABLE measure ATTACH PARTITION measure_3 FOR VALUES FROM (2020) TO (2030);
    CREATE TABLE measure_4 PARTITION OF measure FOR VALUES FROM (2030) TO (2040)
        PARTITION BY LIST (year);
    CREATE TABLE measure_4a PARTITION OF measure_4 DEFAULT;
"""


@pytest.mark.parametrize("year", [2000, 2010, 2020, 2030])
async def test_a_row_of_any_partition_is_a_row_of_the_table(
    db: asyncpg.Connection, year: int
) -> None:
    await db.execute(MEASURE)
    partition = {2000: "measure_1", 2010: "measure_2", 2020: "measure_3", 2030: "measure_4a"}[year]
    await db.execute(f"INSERT INTO measure (id, year, v) VALUES (1, {year}, 'a')")
    await db.execute(f"INSERT INTO {partition} (id, year, v) VALUES (2, {year}, 'a')")
    await db.execute(f"UPDATE {partition} SET v = 'b' WHERE id = 1")
    await db.execute("DELETE FROM measure WHERE id = 1")
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == [
        "c measure.1",
        "c measure.2",
        "u measure.1",
        "d measure.1",
    ]
    assert events[2].data == {
        "op": "u",
        "entity": "measure",
        "key": {"id": 1, "year": year},
        "changed": ["v"],
        "after": {"v": "b"},
    }


async def test_a_row_that_moves_to_another_partition_is_updated(db: asyncpg.Connection) -> None:
    await db.execute(MEASURE + "ALTER TABLE measure DROP CONSTRAINT measure_pkey;")
    await db.execute("SELECT presently.capture('measure', 'measure.{id}', '{v,year}')")
    await db.execute("INSERT INTO measure (id, year, v) VALUES (1, 2000, 'a'), (2, 2001, 'a')")
    await told(db)
    await db.execute("UPDATE measure SET year = year + 20, v = 'b'")
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == ["u measure.1", "u measure.2"]
    assert events[0].data == {
        "op": "u",
        "entity": "measure",
        "key": {"id": 1},
        "after": {"v": "b", "year": 2020},
    }


async def test_a_row_that_moves_and_changes_its_document_tells_both(
    db: asyncpg.Connection,
) -> None:
    await db.execute(MEASURE)
    await db.execute(
        "SELECT presently.capture('measure', ARRAY['measure.{id}', 'year.{year}'], '{v}')"
    )
    await db.execute("INSERT INTO measure (id, year, v) VALUES (1, 2000, 'a')")
    await told(db)
    await db.execute("UPDATE measure SET year = 2010")
    assert await ops(db) == ["d measure.1", "d year.2000", "c measure.1", "c year.2010"]
    await db.execute("UPDATE measure SET year = 2011")
    assert await ops(db) == ["d year.2010", "u measure.1", "c year.2011"]


async def test_a_row_that_is_deleted_and_inserted_again_is_told_as_it_ends(
    db: asyncpg.Connection,
) -> None:
    await db.execute(MEASURE + "INSERT INTO measure (id, year, v) VALUES (1, 2000, 'a')")
    await told(db)
    async with db.transaction():
        await db.execute("DELETE FROM measure")
        await db.execute("INSERT INTO measure (id, year, v) VALUES (1, 2000, 'z')")
        await db.execute("DELETE FROM measure")
    assert (await ops(db))[-1] == "d measure.1"


async def test_truncating_the_table_or_a_partition_is_told_once(db: asyncpg.Connection) -> None:
    await db.execute(MEASURE)
    await db.execute(
        "SELECT presently.capture('measure', 'measure.{id}', '{v}')"
    )  # anew: all parts
    for table in ("measure", "measure_1", "measure_3", "measure_4a"):
        await db.execute(f"TRUNCATE {table}")
        assert await ops(db) == ["t measure.~"], table
    await db.execute("SELECT presently.release('measure'); TRUNCATE measure_1")
    assert await told(db) == []


async def test_columns_added_later_are_named_in_every_partition(db: asyncpg.Connection) -> None:
    await db.execute(MEASURE + "ALTER TABLE measure ADD extra text, ADD api_key text;")
    for n, year in enumerate((2000, 2010, 2020, 2030)):
        await db.execute(f"INSERT INTO measure (id, year, v) VALUES ({n}, {year}, 'a')")
    await told(db)
    await db.execute("UPDATE measure SET v = 'b', extra = 'x', api_key = 'y'")
    assert [e.data["changed"] for e in await told(db)] == [["v", "extra"]] * 4


async def test_the_owner_of_the_table_may_make_partitions_and_nobody_else_use_the_function(
    db: asyncpg.Connection,
) -> None:
    await db.execute(
        "DROP ROLE IF EXISTS presently_test_app, presently_test_thief;"
        "CREATE ROLE presently_test_app; CREATE ROLE presently_test_thief;"
        "GRANT CREATE ON SCHEMA public TO presently_test_app, presently_test_thief;"
        + MEASURE
        + "ALTER TABLE measure OWNER TO presently_test_app;"
        "SELECT presently.capture('measure', 'measure.{id}', '{v}')"
    )
    try:
        await db.execute("SET ROLE presently_test_app")
        await db.execute("CREATE TABLE m5 PARTITION OF measure FOR VALUES FROM (2040) TO (2050)")
        await db.execute("INSERT INTO measure (id, year, v) VALUES (1, 2040, 'a')")
        await db.execute("RESET ROLE; SET ROLE presently_test_thief")
        await db.execute("CREATE TABLE fake (id int, year int, v text)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(
                "CREATE TRIGGER t AFTER INSERT ON fake"
                " FOR EACH ROW EXECUTE FUNCTION presently.row_of_measure()"
            )
        await db.execute("RESET ROLE")
        assert await ops(db) == ["c measure.1"]
    finally:
        await db.execute("RESET ROLE; SELECT presently.release('measure')")
        await db.execute("DROP OWNED BY presently_test_app, presently_test_thief CASCADE")
        await db.execute("DROP ROLE presently_test_app, presently_test_thief")

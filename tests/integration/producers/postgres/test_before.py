"""``before``: the values that the changed columns had, of the listed ones, and never a secret."""

import asyncpg

from tests.integration.producers.postgres.outbox_rows import told

ACCOUNT = """
    CREATE TABLE account (id int PRIMARY KEY, name text, email text, note text, password_hash text);
    SELECT presently.capture(
        'account', 'account.{id}', '{name,email,password_hash}', before => true);
    INSERT INTO account VALUES (1, 'Fry', 'a@b', 'private', 'argon2-one');
"""


async def test_only_what_changed_of_what_is_listed(db: asyncpg.Connection) -> None:
    await db.execute(ACCOUNT)
    await db.execute("UPDATE account SET name = 'Philip', note = 'x', password_hash = 'argon2-two'")
    await db.execute("UPDATE account SET note = 'y'")
    await db.execute("DELETE FROM account")
    created, updated, noted, deleted = await told(db)
    assert "before" not in created.data
    assert updated.data["before"] == {"name": "Fry"}
    assert updated.data["after"]["password_hash"] == "argon2-two"  # it was listed
    assert noted.data["before"] == {}
    assert deleted.data["before"] == {"name": "Philip", "email": "a@b"}


async def test_of_the_whole_row_too(db: asyncpg.Connection) -> None:
    await db.execute(ACCOUNT)
    await db.execute("SELECT presently.capture('account', 'account.{id}', '{*}', before => true)")
    await db.execute("UPDATE account SET note = 'x', password_hash = 'argon2-two', email = NULL")
    await db.execute("UPDATE account SET id = 2, email = 'c@d'")
    _, updated, gone, moved = await told(db)
    assert updated.data["before"] == {"note": "private", "email": "a@b"}
    assert gone.data["before"] == {"id": 1, "name": "Fry", "email": None, "note": "x"}
    assert (gone.op, gone.document, gone.data["key"]) == ("d", "account.1", {"id": 1})
    assert "before" not in moved.data


async def test_a_long_value_is_omitted_on_either_side(db: asyncpg.Connection) -> None:
    await db.execute(ACCOUNT)
    await db.execute("UPDATE account SET name = repeat('x', 70000)")
    await db.execute("UPDATE account SET name = 'Fry', email = NULL")
    await db.execute("UPDATE account SET name = repeat('x', 61000), email = repeat('y', 61000)")
    await db.execute("DELETE FROM account")
    _, longer, shorter, both, deleted = await told(db)
    assert (longer.data["before"], longer.data["omitted"]) == ({"name": "Fry"}, ["name"])
    assert "name" not in longer.data["after"]
    assert (shorter.data["before"], shorter.data["omitted"]) == ({"email": "a@b"}, ["name"])
    assert shorter.data["after"]["name"] == "Fry"
    assert sorted(both.data["omitted"]) == ["email", "name"]
    assert (deleted.data["before"], sorted(deleted.data["omitted"])) == ({}, ["email", "name"])


async def test_what_is_long_together_is_shrunk(db: asyncpg.Connection) -> None:
    await db.execute(ACCOUNT)
    await db.execute("UPDATE account SET name = repeat('x', 50000)")
    await db.execute("UPDATE account SET name = repeat('y', 50000), email = 'c@d'")
    _, alone, both = await told(db)
    assert len(alone.data["after"]["name"]) == 50000
    assert both.data["before"] == {"email": "a@b"}
    assert both.data["after"] == {"email": "c@d", "password_hash": "argon2-one"}
    assert both.data["omitted"] == ["name"]
    assert both.data["changed"] == ["name", "email"]

"""The numbered files, and the script a database administrator would read."""

import re

from producers.postgres.migrate import Migration, migrations, script
from schemas import limits


def test_every_number_is_given_once() -> None:
    numbers = [migration.number for migration in migrations()]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))


def test_the_script_has_every_file_in_order_and_is_all_or_nothing() -> None:
    text = script()
    places = [text.index(migration.sql.strip()) for migration in migrations()]
    assert places == sorted(places)
    assert text.startswith("BEGIN;\n")
    assert text.endswith("COMMIT;\n")


def test_the_script_of_nothing_is_nothing() -> None:
    assert script([]) == ""


def test_a_post_file_says_so_in_its_first_line() -> None:
    assert Migration(1, "x", "-- post: nobody reads it any more\nSELECT 1;").post
    assert not Migration(1, "x", "-- It adds.\n-- post: not here\nSELECT 1;").post


def test_sql_and_the_contract_have_the_same_bounds() -> None:
    sql = next(one.sql for one in migrations() if one.number == 6)
    shrunk = sql.partition("FUNCTION presently.shrunk")[2].partition("END $$")[0]
    assert set(re.findall(r"<= (\d+)|> (\d{5})", shrunk)) == {
        (str(limits.CHANGE_BYTES), ""),
        ("", str(limits.CHANGE_BYTES)),
    }
    context = sql.partition("FUNCTION presently.current_context")[2].partition("END $$")[0]
    assert f"> {limits.CONTEXT_BYTES} THEN" in context

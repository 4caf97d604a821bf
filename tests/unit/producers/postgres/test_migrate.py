"""The numbered files, and the script a database administrator would read."""

from producers.postgres.migrate import migrations, script


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

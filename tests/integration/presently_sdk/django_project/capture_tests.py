"""Capture as a migration's operation, on the test's own tables."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.utils import ProgrammingError
from django.test import TestCase, TransactionTestCase, override_settings

from presently.django import schema
from presently.django.operations import Capture, Release, capture_in
from presently.django.schema import ApplySql
from tests.integration.presently_sdk.django_project.checks_tests import Nowhere

APP = "garage"
CAR = migrations.CreateModel(
    "Car",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("plate", models.CharField(max_length=9)),
        ("owner", models.BigIntegerField(db_column="owner_id", null=True)),
    ],
    options={"db_table": "Odd Cars"},
)


def captured() -> list[tuple[Any, ...]]:
    """What is captured beside the shop's own article."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tbl, document, columns, actor FROM presently.captures"
            " WHERE tbl <> 'public.shop_article' ORDER BY tbl"
        )
        return list(cursor.fetchall())


def apply(state: ProjectState, *operations: Operation) -> ProjectState:
    for operation in operations:
        before = state.clone()
        operation.state_forwards(APP, state)
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards(APP, editor, before, state)
    return state


def back(state: ProjectState, earlier: ProjectState, operation: Operation) -> None:
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards(APP, editor, state, earlier)


FIRST = Capture("Car", document="car.{pk}", columns=["plate"])
SECOND = Capture("car", document="owner.{owner}", columns=["*"], actor="owner")
ONE = ('public."Odd Cars"', "car.{id}", ["plate"], None)
TWO = ('public."Odd Cars"', "owner.{owner_id}", ["*"], "owner_id")


class CaptureTests(TestCase):
    def test_the_way_there_and_back(self) -> None:
        created = apply(ProjectState(), CAR)
        first = apply(created.clone(), FIRST)
        self.assertEqual(captured(), [ONE])
        second = apply(first.clone(), SECOND)
        self.assertEqual(captured(), [TWO])
        released = apply(second.clone(), Release("car"))
        self.assertEqual(captured(), [])
        back(released, second, Release("car"))
        self.assertEqual(captured(), [TWO])
        back(second, first, SECOND)
        self.assertEqual(captured(), [ONE])
        back(first, created, FIRST)
        self.assertEqual(captured(), [])

    def test_later_operations_keep_it_in_the_state(self) -> None:
        state = apply(ProjectState(), CAR, FIRST)
        migrations.AddField("car", "color", models.TextField(null=True)).state_forwards(APP, state)
        migrations.RenameModel("car", "vehicle").state_forwards(APP, state)
        self.assertIs(capture_in(state.clone(), (APP, "vehicle")), FIRST)
        self.assertEqual(state.apps.get_model(APP, "vehicle")._meta.db_table, "Odd Cars")

    def test_a_table_that_no_model_has(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE plain (id int PRIMARY KEY)")
        operation = Capture(table="public.plain", document="plain.{id}")
        state = apply(ProjectState(), operation)
        self.assertEqual(captured(), [("public.plain", "plain.{id}", [], None)])
        back(state, state, operation)
        self.assertEqual(captured(), [])

    def test_what_else_capture_takes_goes_along_under_its_name(self) -> None:
        operation = Capture("car", document=["car.{pk}", "owner.{owner}"], before=True, collapse=9)
        model = apply(ProjectState(), CAR).apps.get_model(APP, "car")
        sql, parameters = operation.sql('"Odd Cars"', model)
        self.assertEqual(
            sql,
            "SELECT presently.capture(%s::regclass, document => %s::text[], before => %s,"
            " collapse => %s)",
        )
        self.assertEqual(parameters[1:], [["car.{id}", "owner.{owner_id}"], True, 9])
        with self.assertRaisesMessage(TypeError, "'x y' is no parameter"):
            Capture("car", "car.{id}", [], None, None, **{"x y": 1})

    @override_settings(DATABASE_ROUTERS=[Nowhere()])
    def test_a_router_is_respected(self) -> None:
        state = ProjectState()
        CAR.state_forwards(APP, state)
        apply(state, FIRST)  # the table is not there
        with connection.schema_editor(atomic=False) as editor:
            ApplySql("0001_outbox").database_backwards("presently", editor, state, state)
            FIRST.database_backwards(APP, editor, state, state)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM presently.migration")
            self.assertGreater(cursor.fetchone()[0], 4)

    def test_what_older_versions_need_is_taken_away_only_where_none_has_run(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            text = "-- post: tried\nCREATE TABLE presently.tried ();\n"
            (Path(folder) / "0099_tried.sql").write_text(text)
            with (
                patch.object(schema, "FOLDER", Path(folder)),
                connection.schema_editor(atomic=False) as editor,
                connection.cursor() as cursor,
            ):
                state = ProjectState()
                for moved, there in (("now()", False), ("NULL", True)):
                    cursor.execute(f"UPDATE presently.relay SET moved_at = {moved}")
                    ApplySql("0099_tried").database_forwards("presently", editor, state, state)
                    cursor.execute("SELECT to_regclass('presently.tried') IS NOT NULL")
                    self.assertEqual(cursor.fetchone(), (there,))

    def test_mistakes_are_told(self) -> None:
        with self.assertRaisesMessage(ValueError, "there is no model garage.boat"):
            apply(ProjectState(), Capture("boat", document="boat.{id}"))
        with self.assertRaisesMessage(TypeError, "a model or table="):
            Capture(document="boat.{id}")
        with self.assertRaisesMessage(ProgrammingError, "has no column 'nope'"):
            apply(ProjectState(), CAR, Capture("car", document="car.{nope}"))

    def test_it_can_be_written_into_a_migration(self) -> None:
        migration = type("Migration", (migrations.Migration,), {"operations": [SECOND]})
        text = MigrationWriter(migration("0001", APP)).as_string()
        self.assertIn("import presently.django.operations", text)
        self.assertIn("document='owner.{owner}'", text)
        self.assertEqual(SECOND.describe(), "Capture car")

    def test_sqlmigrate_shows_it(self) -> None:
        said = io.StringIO()
        call_command("sqlmigrate", "shop", "0002", stdout=said)
        self.assertIn("presently.capture('\"shop_article\"'::regclass", said.getvalue())
        said = io.StringIO()
        call_command("sqlmigrate", "presently", "0001", stdout=said)
        self.assertIn("CREATE TABLE presently.outbox", said.getvalue())


class MigrateTests(TransactionTestCase):
    """`migrate` back and forth on the test database itself."""

    def tearDown(self) -> None:
        call_command("migrate", verbosity=0)

    def test_back_to_before_the_capture_and_forth(self) -> None:
        call_command("migrate", "shop", "0001", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM presently.captured")
            self.assertEqual(cursor.fetchone(), (0,))
        call_command("migrate", "shop", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tbl, document FROM presently.captures")
            self.assertEqual(cursor.fetchall(), [("public.shop_article", "article.{id}")])

    def test_zero_takes_the_schema_with_it(self) -> None:
        call_command("migrate", "presently", "zero", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regnamespace('presently')")
            self.assertEqual(cursor.fetchone(), (None,))
            cursor.execute("UPDATE shop_article SET title = 'nobody listens'")

    def test_a_capture_without_the_schema_says_what_to_do(self) -> None:
        call_command("migrate", "presently", "zero", verbosity=0)
        with (
            self.assertRaisesMessage(ProgrammingError, '("presently", "0005_capture")'),
            connection.schema_editor() as editor,
        ):
            Capture(table="shop_article", document="a.{id}").database_forwards(
                APP, editor, ProjectState(), ProjectState()
            )

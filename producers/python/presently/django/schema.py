"""The schema ``presently``, by ``manage.py migrate``: the same numbered SQL files that
``presently migrate`` applies, and the same record of what is applied.

Whichever came first, the other finds the file's number in ``presently.migration`` and passes it
over. ``sql`` leads to the files; a wheel has them in this place.

A file that begins with ``-- post:`` takes away what an older version needs. ``manage.py migrate``
applies it where no relay has ever run, as in a test database; elsewhere that is for
``presently migrate --post``, when no older version runs any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import migrations, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import NotSupportedError

FOLDER: Final = Path(__file__).parent / "sql"
LOCK: Final = 7_395_021_118_304_001
"""Advisory lock: the one that ``presently migrate`` takes."""
OLDEST: Final = 140_000
"""PostgreSQL 14, as for ``presently migrate``."""

_BEGIN: Final = """
CREATE SCHEMA IF NOT EXISTS presently;
CREATE TABLE IF NOT EXISTS presently.migration (
    number integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""


@dataclass(frozen=True, slots=True, order=True)
class SqlFile:
    """One numbered file."""

    number: int
    name: str
    path: Path

    @property
    def sql(self) -> str:
        """What it says."""
        return self.path.read_text("utf-8")

    @property
    def post(self) -> bool:
        """Whether it is for when the older version is gone."""
        return self.sql.startswith("-- post:")


def sql_files() -> list[SqlFile]:
    """All there are, in order."""
    found = []
    for path in FOLDER.glob("*.sql"):
        number, _, name = path.stem.partition("_")
        found.append(SqlFile(int(number), name, path))
    return sorted(found)


def migration(module: str) -> type[migrations.Migration]:
    """The migration of a module named like an SQL file, after that of the file before."""
    stem = module.rpartition(".")[2]
    stems = [file.path.stem for file in sql_files()]
    if stem not in stems:
        raise RuntimeError(f"{module}: there is no {stem}.sql in {FOLDER}")
    at = stems.index(stem)
    body = {
        "__module__": module,
        "dependencies": [("presently", stems[at - 1])] if at else [],
        "operations": [ApplySql(stem)],
    }
    return type("Migration", (migrations.Migration,), body)


class ApplySql(Operation):
    """Apply one SQL file, if the database is PostgreSQL and does not have it yet.

    Back to zero drops the schema, and with it every capture and what waits in the outbox. A step
    back to an earlier file changes nothing: newer files only add, and are found applied again.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, stem: str) -> None:
        self.stem = stem

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Apply it, in the transaction that Django has begun."""
        if not _concerns(schema_editor, app_label):
            return
        file = next(file for file in sql_files() if file.path.stem == self.stem)
        run: Any = schema_editor.execute  # with None for `params`, a % is a %
        if not schema_editor.collect_sql:
            _check_version(schema_editor)
            run(f"SELECT pg_advisory_xact_lock({LOCK})", None)
        run(_BEGIN, None)
        if not schema_editor.collect_sql and (
            _has(schema_editor, file.number) or (file.post and _relayed(schema_editor))
        ):
            return
        run(file.sql, None)
        run(
            f"INSERT INTO presently.migration (number, name) VALUES ({file.number}, '{file.name}')",
            None,
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """The first file's way back takes all of them."""
        if _concerns(schema_editor, app_label) and self.stem == sql_files()[0].path.stem:
            schema_editor.execute("DROP SCHEMA IF EXISTS presently CASCADE")

    def describe(self) -> str:
        """For ``migrate --plan``."""
        return f"Apply {self.stem}.sql"


def _concerns(schema_editor: BaseDatabaseSchemaEditor, app_label: str) -> bool:
    connection = schema_editor.connection
    return connection.vendor == "postgresql" and router.allow_migrate(connection.alias, app_label)


def _check_version(schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection: Any = schema_editor.connection
    if connection.pg_version < OLDEST:
        raise NotSupportedError(
            f"PostgreSQL {connection.pg_version // 10_000} is too old for Presently:"
            f" {OLDEST // 10_000} or newer is needed"
        )


def _has(schema_editor: BaseDatabaseSchemaEditor, number: int) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT FROM presently.migration WHERE number = %s", [number])
        return cursor.fetchone() is not None


def _relayed(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT FROM presently.relay WHERE moved_at IS NOT NULL")
        return cursor.fetchone() is not None

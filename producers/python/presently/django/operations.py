"""Capture of a table as a step of a migration.

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial"), ("presently", "0005_capture")]
    operations = [
        Capture("article", document="article.{id}", columns=["title"], actor="updated_by"),
    ]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.utils import ProgrammingError

_HOLDER: Final = re.compile(r"\{([^{}]+)\}")
_NOT_THERE: Final = (
    "this database has no presently.capture yet: name Presently's own migration among this one's"
    ' dependencies, ("presently", "0005_capture")'
)


class CapturedState(ModelState):
    """A model's state that remembers how its table is captured, for the way back."""

    capture: Capture | None = None

    def clone(self) -> CapturedState:
        """Django copies the state before each migration."""
        copy: Any = super().clone()
        copy.capture = self.capture
        return copy  # type: ignore[no-any-return]


class _OnTable(Operation):
    """What is done to a model's table, or to a table that no model has."""

    reduces_to_sql = True
    reversible = True
    capture: Capture | None

    def __init__(self, model: str | None, table: str | None) -> None:
        if (model is None) == (table is None):
            raise TypeError("give a model or table=, one of the two")
        self.model = model
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Remember what was asked for."""
        if self.model is None:
            return
        key = self._key(app_label)
        if key not in state.models:
            raise ValueError(f"{self.describe()}: there is no model {'.'.join(key)} at this point")
        found: Any = state.models[key].clone()
        found.__class__ = CapturedState
        found.capture = self.capture
        state.models[key] = found

    def references_model(self, name: str, app_label: str) -> bool:
        """So that squashing moves nothing past us that we need."""
        return self.model is None or self._key(app_label) == (app_label, name.lower())

    def _key(self, app_label: str) -> tuple[str, str]:
        label, _, name = str(self.model).rpartition(".")
        return label or app_label, name.lower()

    def _model(self, app_label: str, state: ProjectState) -> Any:
        return state.apps.get_model(*self._key(app_label)) if self.model else None

    def _concerns(self, schema_editor: BaseDatabaseSchemaEditor, model: Any) -> bool:
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            return False
        return model is None or self.allow_migrate_model(connection.alias, model)

    def _change(
        self,
        capture: Capture | None,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        state: ProjectState,
    ) -> None:
        model = self._model(app_label, state)
        if not self._concerns(schema_editor, model):
            return
        table = schema_editor.quote_name(model._meta.db_table) if model else self.table
        if not schema_editor.collect_sql:
            with schema_editor.connection.cursor() as cursor:
                cursor.execute("SELECT to_regprocedure('presently.release(regclass)')")
                if cursor.fetchone() == (None,):
                    raise ProgrammingError(_NOT_THERE)
        if capture is None:
            schema_editor.execute("SELECT presently.release(%s::regclass)", [table])
        else:
            schema_editor.execute(*capture.sql(table, model))


class Capture(_OnTable):
    """Every committed change of a row, by any writer, becomes a ``presently.change`` event.

    Args:
        model: ``"article"`` of this migration's application, or ``"shop.Article"``.
        document: Template of the document's id, ``{…}`` being a field or column.
        columns: Fields or columns whose values go with the event; ``["*"]``: the whole row.
        actor: The field or column that says who wrote.
        table: Instead of a model, a table as SQL writes it: ``public.article``.
        options: Whatever else ``presently.capture`` takes, under its own names. (Squashing with
            Django 4.2 leaves them out: it writes no arguments but those that have a place.) Name
            that migration of Presently's among the dependencies which has them.

    Run again with other arguments it replaces the capture; its way back restores the one before
    (of a ``table``: releases it).
    """

    def __init__(
        self,
        model: str | None = None,
        document: str | Sequence[str] = "",
        columns: Sequence[str] = (),
        actor: str | None = None,
        table: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(model, table)
        if not document:
            raise TypeError("a capture needs a document")
        for name in options:
            if not re.fullmatch(r"[a-z_]+", name):
                raise TypeError(f"{name!r} is no parameter of presently.capture")
        self.document = document
        self.columns = columns
        self.actor = actor
        self.options = options
        self.capture = self

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Install the triggers."""
        self._change(self, app_label, schema_editor, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Capture as before, or no more."""
        before = capture_in(to_state, self._key(app_label)) if self.model else None
        self._change(before, app_label, schema_editor, to_state)

    def sql(self, table: str | None, model: Any) -> tuple[str, list[Any]]:
        """The statement and its parameters."""
        asked: dict[str, Any] = {"document": self.documents(model)}
        if self.columns:
            asked["columns"] = self.column_names(model)
        if self.actor:
            asked["actor"] = self.actor_column(model)
        asked |= self.options
        cast = "text" if isinstance(self.document, str) else "text[]"
        named = "".join(
            f", {name} => %s" + (f"::{cast}" if name == "document" else "") for name in asked
        )
        return f"SELECT presently.capture(%s::regclass{named})", [table, *asked.values()]

    def documents(self, model: Any) -> str | list[str]:
        """The template, or templates, with columns instead of fields."""

        def filled(template: str) -> str:
            return _HOLDER.sub(lambda found: "{%s}" % _column(model, found[1]), template)  # noqa: UP031

        if isinstance(self.document, str):
            return filled(self.document)
        return [filled(template) for template in self.document]

    def column_names(self, model: Any) -> list[str]:
        """The columns whose values go along."""
        return [_column(model, name) for name in self.columns]

    def actor_column(self, model: Any) -> str | None:
        """The column that says who wrote."""
        return _column(model, self.actor) if self.actor else None

    def describe(self) -> str:
        """For ``migrate --plan``."""
        return f"Capture {self.model or self.table}"

    @property
    def migration_name_fragment(self) -> str:
        """For ``makemigrations``."""
        return f"capture_{str(self.model or self.table).lower().replace('.', '_')}"


class Release(_OnTable):
    """No longer capture a table; the way back captures it again, if a migration had captured it."""

    def __init__(self, model: str | None = None, table: str | None = None) -> None:
        super().__init__(model, table)
        self.capture = None

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the triggers."""
        self._change(None, app_label, schema_editor, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """As before."""
        before = capture_in(to_state, self._key(app_label)) if self.model else None
        if before is not None:
            self._change(before, app_label, schema_editor, to_state)

    def describe(self) -> str:
        """For ``migrate --plan``."""
        return f"Release {self.model or self.table}"


def capture_in(state: ProjectState, key: tuple[str, str]) -> Capture | None:
    """How a model's table is captured at this point of the migrations."""
    found: Capture | None = getattr(state.models.get(key), "capture", None)
    return found


def _column(model: Any, name: str) -> str:
    """The column of a field; what is none is taken for a column."""
    if model is None or name == "*":
        return name
    if name == "pk":
        return str(model._meta.pk.column)
    try:
        return str(model._meta.get_field(name).column)
    except FieldDoesNotExist:
        return name

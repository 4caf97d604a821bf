"""What ``manage.py check --database default`` and ``migrate`` say about captured tables.

`E010` PostgreSQL too old · `W010` a capture that does not work · `W011` a capture that is not what
the migrations say · `W012` a table that is captured and announced · `I010` a file that waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Info, Warning
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from presently.django.announced import Announced
from presently.django.operations import Capture, capture_in
from presently.django.schema import OLDEST, sql_files

_CAPTURED = "SELECT to_jsonb(c)::text FROM presently.captures AS c"
_NAME = "SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n"
_NAME += " ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)"


def check_database(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Compare what is captured with what was asked for."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection: Any = connections[alias]
        if connection.vendor == "postgresql":
            found += _check(connection)
    return found


def _check(connection: Any) -> Iterator[CheckMessage]:
    if connection.pg_version < OLDEST:
        what = f"PostgreSQL {connection.pg_version // 10_000} is too old for Presently."
        yield Error(what, hint=f"{OLDEST // 10_000} or newer.", id="presently.E010")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('presently.captures')")
        if cursor.fetchone() == (None,):
            return  # migrate has not come so far
        cursor.execute(_CAPTURED)
        captured = {row["tbl"]: row for row in (json.loads(text) for (text,) in cursor.fetchall())}
        cursor.execute("SELECT number FROM presently.migration")
        applied = {number for (number,) in cursor.fetchall()}
    if waiting := [
        each.path.name for each in sql_files() if each.post and each.number not in applied
    ]:
        hint = "presently migrate --post, when no older version of Presently's services runs."
        yield Info(f"Not applied yet: {', '.join(waiting)}.", hint=hint, id="presently.I010")
    for table, row in captured.items():
        if row["problem"]:
            what = f"{table} is captured, but {row['problem']}."
            hint = "Add a migration with the operation Capture for it."
            yield Warning(what, hint=hint, id="presently.W010")
    for capture, model in _declared(connection):
        table = _name(connection, model)
        what = f"{model._meta.label} is not captured as its migrations say."
        if table is None:
            hint = f"There is no table {model._meta.db_table!r} in database {connection.alias!r}."
            yield Warning(what, hint=hint, id="presently.W011")
        elif why := _drifted(capture, model, captured.get(table)):
            hint = f"presently.capture was called by hand, or released; migrations say {why}."
            yield Warning(what, hint=hint, id="presently.W011")
    for model in apps.get_models():
        if model._meta.proxy or not issubclass(model, Announced):
            continue
        if _name(connection, model) in captured:
            what = f"{model._meta.label} is announced, and its table is captured, too."
            hint = (
                "Pages hear of each save twice, under two ids. Keep one of the two; or, if yours"
                " take each for something else, silence this."
            )
            yield Warning(what, hint=hint, obj=model, id="presently.W012")


def _declared(connection: Any) -> Iterator[tuple[Capture, Any]]:
    """The captures of the migrations that this database has."""
    loader = MigrationLoader(connection)
    state = ProjectState(real_apps=set(loader.unmigrated_apps))
    done: set[tuple[str, str]] = set()
    for leaf in loader.graph.leaf_nodes():
        for node in loader.graph.forwards_plan(leaf):
            if node in loader.applied_migrations and node not in done:
                done.add(node)
                state = loader.graph.nodes[node].mutate_state(state, preserve=False)
    for key in list(state.models):
        capture = capture_in(state, key)
        if capture is not None:
            model = state.apps.get_model(*key)
            if router.allow_migrate_model(connection.alias, model):
                yield capture, model


def _name(connection: Any, model: Any) -> str | None:
    """The table as ``presently.captures`` names it; None if it is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME, [connection.ops.quote_name(model._meta.db_table)])
        row = cursor.fetchone()
    return row[0] if row else None


def _drifted(capture: Capture, model: Any, found: Any) -> str:
    """What was asked for, if it is not what there is."""
    asked = capture.documents(model)
    columns = ["*"] if "*" in capture.columns else sorted(capture.column_names(model))
    wanted = {
        "document": [asked] if isinstance(asked, str) else asked,
        "columns": columns,
        "actor": capture.actor_column(model),
    }
    if found is not None:
        there = {
            "document": found.get("documents", [found["document"]]),
            "columns": sorted(found["columns"]),
            "actor": found["actor"],
        }
        if there == wanted:
            return ""
    return ", ".join(f"{name} {said!r}" for name, said in wanted.items())

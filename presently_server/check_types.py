"""``presently check types``: event types that are produced and that nobody handles."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import asyncpg
import click

from gateway.produced import RECORDS, RECORDS_MOST
from presently_server import addresses, handled, http
from presently_server.handled import Handled, Type, Verdict
from presently_server.mistakes import Failed, Mistake
from presently_server.options import api_options
from presently_server.run import settings

CAPTURES: Final = "SELECT tbl::text, document FROM presently.captures ORDER BY 1"
SHOWN: Final = 3
"""Documents named on one line."""


@click.command("types")
@click.argument("files", nargs=-1, metavar="HANDLED.json...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The whole comparison as one JSON object.")
@click.option(
    "--produced",
    "promised",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Types that a backend will produce: a list, or with a document or more of each.",
)
@click.option(
    "--records",
    type=click.IntRange(1, RECORDS_MOST),
    default=RECORDS,
    show_default=True,
    help="How far back to look, in records of each of the 16 logs.",
)
@api_options
def types(
    files: tuple[Path, ...],
    as_json: bool,
    promised: tuple[Path, ...],
    records: int,
    url: str | None,
    api_key: str | None,
) -> None:
    """Event types that are produced and that no front-end handles.

    Exit code 1 and a line for each of them; a note for each type that is handled and was never
    produced. Run it before a front-end ships, and before a backend says something new.

    \b
    presently check types handled.json
    presently check types web/handled.json admin/handled.json --produced backend.json

    A file is what a front-end's build exports: ["comment.added", …], or with the documents at
    which it listens: {"comment.added": ["article.*"], …}. For JavaScript (docs/contract.md):

    \b
    node node_modules/presently/scripts/handled.js src/*.js > handled.json

    Produced is what the ends of the logs tell, through the HTTP API, and what captures will tell,
    if PRESENTLY_DATABASE_URL is set or a `presently dev` runs here. Ephemeral events are in no log,
    and what was not said yet in none either: a backend's list tells (--produced).
    """
    if not files:
        raise Mistake("what is handled? presently check types handled.json")
    listened = handled.read(_texts(files, lambda text: handled.read([text])))
    will_be = [one for text in _texts(promised, handled.declared) for one in handled.declared(text)]
    where = addresses.api(url, api_key)
    seen = http.get(*where, f"/v1/types?records={records}")
    database = settings().database_url or _dev_database(where[0])
    captures = asyncio.run(_captures(database)) if database else []
    produced = handled.together([*_types(seen), *captures, *will_be])
    verdict = handled.judge(listened, produced)
    if as_json:
        click.echo(json.dumps(_plain(listened, produced, verdict, seen), indent=2))
    else:
        for line in _lines(listened, produced, verdict, seen):
            click.echo(line)
    click.get_current_context().exit(1 if verdict.unhandled else 0)


def _texts(files: Sequence[Path], check: Callable[[str], object]) -> list[str]:
    """What is in the files; a mistake in one of them names it."""
    texts = []
    for path in files:
        try:
            text = path.read_text("utf-8")
            check(text)
        except OSError as error:
            raise Mistake(f"{path}: {error.strerror}") from None
        except ValueError as error:
            raise Mistake(f"{path}: {error}") from None
        texts.append(text)
    return texts


def _types(seen: Any) -> list[Type]:
    return [
        Type(one["type"], one["count"], tuple(one["documents"])) for one in seen.get("types", ())
    ]


def _dev_database(api: str) -> str:
    """That of the `presently dev` whose API we ask."""
    dev = addresses.dev()
    return dev.get("postgres", "") if dev.get("api", "").rstrip("/") == api else ""


async def _captures(database: str) -> list[Type]:
    """What is captured. A database that was named and does not answer is no "nothing"."""
    try:
        connection = await asyncpg.connect(database, timeout=5)
        try:
            rows = await connection.fetch(CAPTURES)
        finally:
            await connection.close()
    except asyncpg.UndefinedTableError:
        return []  # nothing was ever captured in it
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise Failed(f"the database cannot be asked for its captures: {why}") from None
    return handled.captured((row["tbl"], row["document"]) for row in rows)


def _lines(listened: Handled, produced: Sequence[Type], verdict: Verdict, seen: Any) -> list[str]:
    lines = [
        f"{click.style('FAIL', fg='red')}  {one.type}  nobody handles it{_at(where)}{_why(one)}"
        for one, where in verdict.unhandled
    ]
    lines += [f"note  {name}  is handled, and was never produced" for name in verdict.never]
    if handled.EVERYTHING in listened.types:
        lines.append("note  a listener for `event` hears every type, whatever it makes of them")
    if not seen["complete"]:
        lines.append("note  not all was read: there is more than one look takes")
    good = len(produced) - len(verdict.unhandled)
    lines.append(
        f"{click.style('ok', fg='green')}    {good} of {len(produced)} types handled: of those in "
        f"the last {seen['records']} records, of captures and of those declared"
    )
    return lines


def _at(documents: Sequence[str]) -> str:
    if not documents:
        return ""
    some = ", ".join(documents[:SHOWN]) + (" …" if len(documents) > SHOWN else "")
    return f" at {some}"


def _why(one: Type) -> str:
    seen = f"seen {one.count} times" if one.count > 1 else "seen once" if one.count else ""
    tables = f"captured from {', '.join(one.captured)}" if one.captured else ""
    return f" ({', '.join(filter(None, (seen, tables, 'declared' if one.declared else '')))})"


def _plain(
    listened: Handled, produced: Sequence[Type], verdict: Verdict, seen: Any
) -> dict[str, Any]:
    return {
        "produced": [asdict(one) for one in produced],
        "handled": dict(sorted(listened.types.items())),
        "unhandled": [
            {"type": one.type, "documents": list(where)} for one, where in verdict.unhandled
        ],
        "never_produced": verdict.never,
        "records": seen["records"],
        "complete": seen["complete"],
    }

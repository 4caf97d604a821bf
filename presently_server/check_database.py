"""What ``presently check`` says of the database, over a session like the relay's."""

from __future__ import annotations

from typing import Any, Final

from presently_server.findings import Finding, fail, ok, warn
from producers.postgres.database import DATABASE_TROUBLE, plainly, relay_session
from producers.postgres.migrate import OLDEST, pending
from producers.postgres.pooler import Pooled

OLD_ROW_MS: Final = 60_000
RIGHTS: Final = (
    ("presently.outbox", "SELECT, DELETE"),
    ("presently.relay", "SELECT, UPDATE"),
    ("presently.wake", "SELECT, UPDATE"),
    ("presently.captured", "SELECT"),
    ("presently.captures", "SELECT"),
)
"""What the relay does, and what is looked at here."""


async def check_database(url: str, *, wake: str = "off") -> list[Finding]:
    """Reachable without a pooler, new enough, migrated, captured, and ours to read.

    Args:
        wake: ``PRESENTLY_RELAY_WAKE``.
    """
    if not url:
        return [
            warn(
                "PRESENTLY_DATABASE_URL is not set: not looked at",
                "the relay needs it, as does capture",
            )
        ]
    try:
        async with relay_session(url) as connection:
            return await _look(connection, wake)
    except (Pooled, *DATABASE_TROUBLE) as error:
        why = str(error) if isinstance(error, Pooled) else plainly(error)
        what, colon, do = why.partition("; " if "; " in why else ": ")
        return [fail(f"no session such as the relay's: {what}", do if colon else "")]


async def _look(connection: Any, wake: str) -> list[Finding]:
    findings = [_version(int(await connection.fetchval("SHOW server_version_num")))]
    pended = await pending(connection)
    if missing := [migration for migration in pended if not migration.post]:
        what = f"{len(missing)} migrations are missing, first {missing[0].number:04d}"
        return [*findings, fail(what, "presently migrate")]
    if pended:
        what = f"the schema presently still has what older versions need ({len(pended)} migrations)"
        findings.append(warn(what, "presently migrate --post, once none of these runs"))
    else:
        findings.append(ok("the schema presently is up to date"))
    findings += [await _rights(connection)]
    if findings[-1].level == "ok":
        findings += [*await _captures(connection), await _backlog(connection)]
        findings += await _wake(connection, wake)
    return findings


def _version(version: int) -> Finding:
    name = f"PostgreSQL {version // 10_000}"
    if version < OLDEST:
        return fail(f"{name} is too old", f"PostgreSQL {OLDEST // 10_000} or newer")
    return ok(f"{name} itself, no pooler; it takes writes")


async def _rights(connection: Any) -> Finding:
    role = await connection.fetchval("SELECT current_user::text")
    lacks = [
        f"{right} on {table}"
        for table, rights in RIGHTS
        for right in rights.split(", ")
        if not await connection.fetchval("SELECT has_table_privilege($1, $2)", table, right)
    ]
    if lacks:
        grants = "; ".join(f"GRANT {rights} ON {table} TO {role}" for table, rights in RIGHTS)
        return fail(f"role {role} lacks {', '.join(lacks)}", f"{grants}; or run as the owner")
    return ok(f"role {role} may relay")


async def _captures(connection: Any) -> list[Finding]:
    rows = await connection.fetch("SELECT * FROM presently.captures ORDER BY tbl")
    if not rows:
        do = "presently capture add public.article --document 'article.{id}'"
        return [warn("no table is captured", do)]
    findings = []
    for row in rows:
        what = f"{row['tbl']} is captured at {row['document']}"
        if row["problem"]:
            findings.append(
                fail(f"{row['tbl']}: {row['problem']}", "presently capture add … again")
            )
        elif row["whole_row"]:
            do = "name the columns that readers need: presently capture add … --columns title"
            findings.append(warn(f"{what}, and its WHOLE row leaves the database", do))
        else:
            findings.append(ok(what))
    return findings


async def _backlog(connection: Any) -> Finding:
    oldest = await connection.fetchval(
        "SELECT (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::bigint"
        " FROM presently.outbox"
    )
    if oldest is not None and oldest > OLD_ROW_MS:
        return warn(
            f"the oldest row of the outbox has waited {oldest // 1000} s",
            "is `presently relay` running? presently status",
        )
    return ok("the outbox is being emptied" if oldest is not None else "the outbox is empty")


async def _wake(connection: Any, mode: str) -> list[Finding]:
    """Whether writers that prepare their transactions would fail."""
    notifies = await connection.fetchval(
        "SELECT tgenabled <> 'D' FROM pg_trigger"
        " WHERE tgrelid = 'presently.outbox'::regclass AND tgname = 'presently_wake'"
    )
    prepares = int(await connection.fetchval("SHOW max_prepared_transactions"))
    if mode == "off" and not notifies:
        return []
    if prepares:
        return [
            warn(
                "writers wake the relay, and this server takes PREPARE TRANSACTION, which fails "
                "after a notification",
                "PRESENTLY_RELAY_WAKE=off if anybody uses two-phase commit",
            )
        ]
    return [ok(f"writers wake the relay ({mode})")]

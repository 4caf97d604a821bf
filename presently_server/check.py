"""``presently check``: settings, broker, database; each line says what is and what to do.

Beside a running `presently dev`, and with no broker of its own set, it looks at that instead.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

import click

from presently_server import addresses
from presently_server.check_broker import check_broker
from presently_server.check_database import check_database
from presently_server.check_dev import check_api, introduce
from presently_server.check_types import types
from presently_server.findings import Finding, fail, ok, warn
from presently_server.run import settings
from presently_server.settings import Settings

COLOURS = {"ok": "green", "warn": "yellow", "FAIL": "red"}


@click.group(invoke_without_command=True, no_args_is_help=False)
@click.pass_context
def check(context: click.Context) -> None:
    """Settings, broker, database: what is wrong, what to do.

    Exit code 1 if something fails. It makes a few queues named hub.check.… and removes them.
    Beside a running `presently dev`, with no PRESENTLY_AMQP_URL, it looks at what that offers.
    """
    given = settings()
    if context.invoked_subcommand is not None:
        return
    dev = {} if given.amqp_url else addresses.dev()
    failed = False
    for title, look in _looks_at_dev(dev) if dev else _looks(given):
        for finding in look():
            level = click.style(f"{finding.level:<4}", fg=COLOURS[finding.level])
            click.echo(f"{level}  {title:<8}  {finding.what}")
            if finding.do:
                click.echo(f"{'':16}{finding.do}")
            failed = failed or finding.level == "FAIL"
    context.exit(1 if failed else 0)


check.add_command(types)

Look = tuple[str, Callable[[], list[Finding]]]


def _looks(given: Settings) -> list[Look]:
    return [
        ("settings", lambda: check_settings(given)),
        ("broker", lambda: asyncio.run(check_broker(given.amqp_url))),
        (
            "database",
            lambda: asyncio.run(check_database(given.database_url, wake=given.relay_wake)),
        ),
    ]


async def _database(given: Settings) -> list[Finding]:
    return await check_database(given.database_url, wake=given.relay_wake)


def _looks_at_dev(dev: Mapping[str, str]) -> list[Look]:
    return [
        ("dev", lambda: [introduce()]),
        ("API", lambda: check_api(dev.get("api", ""), dev.get("api_key", ""))),
        ("database", lambda: asyncio.run(check_database(dev.get("postgres", "")))),
    ]


def check_settings(given: Settings) -> list[Finding]:
    """What the settings leave out."""
    ours = sum(name.startswith("PRESENTLY_") for name in os.environ)
    findings = [ok(f"{ours} PRESENTLY_ variables, all of them known")]
    if not given.jwt_keys:
        findings.append(
            warn(
                "PRESENTLY_JWT_KEYS is not set: a gateway does not start without",
                "PRESENTLY_JWT_KEYS=$(openssl rand -base64 32), and sign your tokens with it",
            )
        )
    if not given.api_keys:
        findings.append(
            warn(
                "PRESENTLY_API_KEYS is not set: the HTTP API refuses everybody",
                "PRESENTLY_API_KEYS=$(openssl rand -hex 16)",
            )
        )
    if not given.origins:
        findings.append(
            warn(
                "PRESENTLY_ORIGINS is not set: only pages of the gateway's own host may connect",
                "PRESENTLY_ORIGINS=https://app.example.com",
            )
        )
    elif "*" in given.origins:
        findings.append(
            fail(
                "PRESENTLY_ORIGINS has *: any page in the world may connect as its visitor",
                "name the origins of your pages",
            )
        )
    return findings

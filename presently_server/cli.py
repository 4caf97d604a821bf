"""The command ``presently``. A subcommand's module is imported when it is called, not before."""

from __future__ import annotations

import difflib
import logging
import sys
from importlib import import_module, metadata
from typing import Any, Final, NoReturn

import click

COMMANDS: Final = {
    "Try it": {
        "dev": "dev:dev",
        "publish": "publish:publish",
        "tail": "tail:tail",
        "token": "token:token",
    },
    "Run it": {
        "gateway": "services:gateway",
        "hub": "services:hub",
        "relay": "services:relay",
        "demo": "services:demo",
    },
    "Set it up and look after it": {
        "declare": "declare:declare",
        "migrate": "database:migrate",
        "capture": "capture:capture",
        "backfill": "backfill:backfill",
        "check": "check:check",
        "status": "status:status",
    },
}
"""Heading → command → module and function."""

SUMMARIES: Final = {
    "dev": "Everything in one process, with the demo.",
    "publish": "Publish one event.",
    "tail": "Watch a document: who comes and goes, and what happens.",
    "token": "Mint a browser's token, or read one.",
    "gateway": "Browsers' WebSockets and the HTTP API.",
    "hub": "Who is where, and what happened in which order.",
    "relay": "From a database's outbox onto the bus.",
    "demo": "The demo's pages alone.",
    "declare": "Make the exchanges and queues, or print them.",
    "migrate": "Bring the database's schema up to date, or print it.",
    "capture": "Say which tables' changes become events.",
    "backfill": 'Tell every row of TABLE, which is captured, as a change with op "r".',
    "check": "Settings, broker, database: what is wrong, what to do.",
    "status": "Gateways, hubs, shards, relay, dead letters.",
}
"""Here, so that ``--help`` imports nothing; a test holds them to the commands' own."""


class Group(click.Group):
    """A group that imports its commands late and whose mistakes are one line."""

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order of ``COMMANDS``."""
        return [name for names in COMMANDS.values() for name in names]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import it."""
        for names in COMMANDS.values():
            if place := names.get(name):
                module, _, function = place.partition(":")
                found = getattr(import_module(f"presently_server.{module}"), function)
                assert isinstance(found, click.Command)
                return found
        return None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """A list for each heading."""
        for heading, names in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, SUMMARIES[name]) for name in names])

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a guess at what was meant."""
        try:
            return super().resolve_command(context, args)
        except click.UsageError:
            close = difflib.get_close_matches(args[0], self.list_commands(context), 1)
            guess = f"; did you mean {close[0]}?" if close else ""
            raise click.UsageError(f"there is no command {args[0]!r}{guess}", context) from None

    def main(self, *args: Any, **more: Any) -> Any:
        """As click does it, but a mistake is one line and never a page."""
        clicks_own: Any = super().main
        if not more.pop("standalone_mode", True):
            return clicks_own(*args, standalone_mode=False, **more)
        try:
            code = clicks_own(*args, standalone_mode=False, **more)
        except click.ClickException as error:
            click.echo(f"presently: {_one_line(error)}", err=True)
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)
        sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: click.ClickException) -> str:
    said = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        end = "" if said.endswith((".", "?")) else "."
        return f"{said}{end} Try: {error.ctx.command_path} --help"
    return said


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    try:
        click.echo(f"presently {metadata.version('presently-server')}")
    except metadata.PackageNotFoundError:
        click.echo("presently, out of a checkout")
    context.exit()


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from PRESENTLY_… variables: docs/settings.md.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Say it."
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Who is here, and what just changed, on every screen, from any writer.

    \b
    To begin:   presently dev
    Then:       presently tail article.1
                presently publish article.1 comment.added '{"text": "nice"}'
    """
    logging.getLogger().addHandler(logging.NullHandler())  # commands speak for themselves
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> NoReturn:
    """The entry point."""
    cli.main(prog_name="presently")
    raise AssertionError("click has not exited")

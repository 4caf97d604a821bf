"""``presently dev``: everything in one process, for whoever wants to see it work."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

import click

from presently_server import addresses, logging
from presently_server.dev_house import House, house
from presently_server.dev_ports import DEMO_PORT, LAST_PORT, take_ports
from presently_server.local_postgres import local_postgres
from presently_server.local_postgres_places import PostgresFailed
from presently_server.mistakes import Failed, Mistake
from presently_server.options import address
from presently_server.run import run, settings

FOLDER: Final = addresses.FILE.parent


@click.command()
@click.option(
    "--port",
    default=DEMO_PORT,
    show_default=True,
    type=click.IntRange(1, LAST_PORT),
    help="The demo's; the gateway, the HTTP API and health take the next three.",
)
@click.option("--no-demo", is_flag=True, help="Without the demo and its table.")
@click.option(
    "--amqp",
    metavar="URL",
    callback=address("amqp_url"),
    help="This RabbitMQ instead of a broker in memory.",
)
@click.option(
    "--database",
    metavar="URL",
    callback=address("database_url"),
    help="This PostgreSQL instead of a private one.",
)
def dev(port: int, no_demo: bool, amqp: str | None, database: str | None) -> None:
    """Everything in one process, with the demo. Ctrl-C ends it.

    A broker in memory, a private PostgreSQL whose data stay in .presently/, hub, gateway, HTTP
    API, relay and the demo. Addresses and keys are in .presently/dev.json while it runs.
    """
    given = settings()
    level = given.log_level if os.environ.get("PRESENTLY_LOG_LEVEL") else "warning"
    logging.set_up(given.log, level)
    with ExitStack() as stack:
        new = not FOLDER.exists()
        if not new:  # Whoever runs here has the ports, too: say what matters.
            stack.enter_context(_folder_held())
        ports = stack.enter_context(take_ports(port, demo=not no_demo))
        if new:
            stack.enter_context(_folder_held())
        if new and database is None:
            click.echo(f"Making a PostgreSQL in {FOLDER}, once …", err=True)
        stack.enter_context(_terminated_like_interrupted())
        psql = f"psql {shlex.quote(database)}" if database else ""
        if database is None:
            server = stack.enter_context(_private_postgres())
            database, psql = server
        this = house(ports, database, psql, amqp, demo=not no_demo)
        stack.callback(_forget)
        run(lambda stopping: this.run(stopping, lambda: _tell(this)))


@contextmanager
def _private_postgres() -> Iterator[tuple[str, str]]:
    """A running server: its address, and the command that speaks to it."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(local_postgres(FOLDER / "postgres"))
        except PostgresFailed as error:
            raise Failed(str(error)) from None
        program = "psql" if shutil.which("psql") else str(server.psql or "psql")
        yield server.dsn(), f"{program} {server.dsn()}"


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends what has begun as Ctrl-C does, also before the event loop runs."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# --- the folder -----------------------------------------------------------------------


@contextmanager
def _folder_held() -> Iterator[None]:
    """The folder, for us alone: the data and ``dev.json`` are one process's.

    A note in it keeps it out of the application's repository.
    """
    try:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / ".gitignore").write_text("*\n")
        lock = (FOLDER / "dev.lock").open("w")
    except OSError as error:
        raise Failed(f"cannot write into {FOLDER}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Mistake("another `presently dev` is running in this folder") from None
        yield


def _tell(this: House) -> None:
    """Leave addresses and keys for the other commands, and show what there is to see."""
    making = addresses.FILE.with_suffix(".new")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(this.addresses(), file, indent=2)
    making.rename(addresses.FILE)
    click.echo("\n".join(table(this, _command())))


def _forget() -> None:
    with suppress(OSError):
        addresses.FILE.unlink()


# --- what is shown --------------------------------------------------------------------


def table(this: House, command: str) -> list[str]:
    """Addresses, and what to try next."""
    there = this.addresses()
    ops = f"http://{this.ports.ops}"
    rows = [
        ("gateway", there["gateway"]),
        ("HTTP API", there["api"]),
        ("health", f"{ops}/readyz, {ops}/metrics"),
        ("PostgreSQL", there["postgres"]),
        ("keys", str(addresses.FILE)),
    ]
    tries = [f"{command} tail article.~", f"{command} status"]
    tries += [f'{command} publish article.1 comment.added \'{{"text": "nice"}}\'']
    if this.demo:
        rows.insert(0, ("demo", f"{there['demo']}/?as=leela and, in a second window, ?as=fry"))
        tries += [f"{this.psql} -c \"UPDATE article SET title = 'Moon' WHERE id = 1\""]
    else:
        tries += [f"{command} capture add public.your_table --document 'your_table.{{id}}'"]
    return [
        "",
        "  Presently is running; Ctrl-C ends it.",
        "",
        *(f"  {name:<11} {text}" for name, text in rows),
        "",
        "  Try, in another terminal:",
        *(f"    {line}" for line in tries),
        "",
    ]


def _command() -> str:
    """How this was called, so that the lines shown can be copied."""
    if shutil.which("presently"):
        return "presently"
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m presently_server"
    return os.path.relpath(called)

"""What the command line's options share: addresses, checked as settings are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from presently_server import settings_values

Command = TypeVar("Command", bound=Callable[..., Any])
Callback = Callable[[click.Context, click.Parameter, str | None], str | None]


def address(field: str) -> Callback:
    """A callback for an option that takes a URL like that of a setting.

    Args:
        field: The setting, e.g. ``amqp_url``.
    """
    read = settings_values.READ[field]

    def check(context: click.Context, option: click.Parameter, given: str | None) -> str | None:
        try:
            return None if given is None else str(read(given))
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from None

    return check


def api_options(command: Command) -> Command:
    """``--api`` and ``--api-key``, as ``url`` and ``api_key``, of what asks the HTTP API."""
    key = click.option(
        "--api-key",
        metavar="KEY",
        help="PRESENTLY_API_KEY, else PRESENTLY_API_KEYS, else .presently/dev.json.",
    )
    url = click.option(
        "--api",
        "url",
        metavar="URL",
        callback=address("api_url"),
        help="PRESENTLY_API_URL, else PRESENTLY_API_LISTEN, else .presently/dev.json.",
    )
    return url(key(command))

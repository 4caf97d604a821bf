"""What the command line's options share: addresses, checked as settings are."""

from __future__ import annotations

from collections.abc import Callable

import click

from presently_server import settings_values

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

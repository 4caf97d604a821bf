"""How a command ends when it cannot go on: one line on standard error, never a traceback."""

from __future__ import annotations

import click


class Mistake(click.ClickException):
    """Whoever typed it can put it right. Exit code 2."""

    exit_code = 2


class Failed(click.ClickException):
    """The world's fault: something is away, or refuses. Exit code 1."""

    exit_code = 1

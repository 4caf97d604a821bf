"""Users of the broker with the rights that ``docs/polyglot.md`` tells an operator to give.

The document's own commands are read and carried out, inside the broker.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from yarl import URL

from tests.polyglot.languages import ROOT
from tests.support.rabbit import Rabbit

PAGE: Final = ROOT / "docs" / "polyglot.md"
PASSWORD: Final = "a password of the tests"
_COMMAND: Final = re.compile(r"^rabbitmqctl (.*)$", re.MULTILINE)


def documented() -> list[list[str]]:
    """Every ``rabbitmqctl`` command of the page, as words."""
    return [shlex.split(line) for line in _COMMAND.findall(PAGE.read_text("utf-8"))]


def add_users(rabbit: Rabbit, vhost: str) -> list[str]:
    """Carry the page's commands out for this vhost; return the users' names."""
    names = []
    for words in documented():
        match words:
            case ["add_user", user, _]:
                names.append(user)
                rabbit.eval(_call("add_user", user, PASSWORD))
            case ["set_permissions", "--vhost", _, user, configure, write, read]:
                rabbit.eval(_call("set_permissions", user, vhost, configure, write, read))
            case ["set_topic_permissions", "--vhost", _, user, exchange, write, read]:
                rabbit.eval(_call("set_topic_permissions", user, vhost, exchange, write, read))
            case _:
                raise AssertionError(f"a command that no test carries out: {words}")
    return names


def url_of(user: str, amqp_url: str) -> str:
    """The broker's URL for this user."""
    return str(URL(amqp_url).with_user(user).with_password(PASSWORD))


def _call(function: str, *arguments: str) -> str:
    texts = [*arguments, "tests"]  # the last one: who did it
    erlang = ", ".join(f'<<"{_escaped(text)}">>' for text in texts)
    return f"ok = rabbit_auth_backend_internal:{function}({erlang})"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

"""``presently tail --dead``: messages that nobody could read, as they come in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import click

from presently_server import http

EVERY: Final = 2.0
"""Seconds between two looks."""
LONGEST: Final = 400
"""Characters of a body shown."""
MOST: Final = 100
"""The API shows so many; they stay where they are."""


async def dead_letters(url: str, key: str, *, as_json: bool) -> None:
    """Print each dead letter once, for ever."""
    seen: set[str] = set()
    quiet = as_json
    while True:
        answer = await asyncio.to_thread(http.get, url, key, f"/v1/dead?limit={MOST}")
        letters = answer["dead"]
        now = [json.dumps(letter, sort_keys=True) for letter in letters]
        for letter, mark in zip(letters, now, strict=True):
            if mark not in seen:
                click.echo(json.dumps(letter, ensure_ascii=False) if as_json else _words(letter))
        if not letters and not quiet:
            click.echo("no dead letters; waiting", err=True)
        quiet = True
        seen = set(now)
        await asyncio.sleep(EVERY)


def _words(letter: Mapping[str, Any]) -> str:
    body = str(letter.get("body", letter.get("body_base64", "")))
    where = f"{letter['from'] or letter['where']} {letter['key']}".strip()
    return f"{where}: {letter['reason']}\n    {body[:LONGEST]}{'…' if len(body) > LONGEST else ''}"

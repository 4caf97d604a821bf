"""``presently tail``: watch a document as a browser would, over a WebSocket."""

from __future__ import annotations

import asyncio
import getpass
import json
from typing import Final

import click

from presently import mint_token
from presently_server import addresses, tail_words
from presently_server.mistakes import Mistake
from presently_server.options import address
from presently_server.tail_dead import dead_letters
from presently_server.tail_socket import Watch
from schemas.errors import InvalidDocument
from schemas.ids import parse_document

TTL: Final = 24 * 3600


@click.command()
@click.argument("document", required=False)
@click.option("--json", "as_json", is_flag=True, help="Frames as they come, one a line.")
@click.option("--dead", is_flag=True, help="Show what nobody could read instead, with the reason.")
@click.option(
    "--gateway",
    "url",
    metavar="URL",
    callback=address("gateway_url"),
    help="PRESENTLY_GATEWAY_URL, else dev.json.",
)
@click.option("--key", help="Signs our token; PRESENTLY_JWT_KEYS, else dev.json.")
@click.option(
    "--api",
    metavar="URL",
    callback=address("api_url"),
    help="For --dead: PRESENTLY_API_URL, else dev.json.",
)
@click.option("--api-key", metavar="KEY", help="For --dead: PRESENTLY_API_KEY, else dev.json.")
def tail(
    document: str | None,
    as_json: bool,
    dead: bool,
    url: str | None,
    key: str | None,
    api: str | None,
    api_key: str | None,
) -> None:
    """Watch a document: who comes and goes, and what happens. Nobody sees us there.

    If the gateway restarts, it goes on after the last event shown.

    \b
    presently tail article.1
    presently tail article.~        # a whole collection
    presently tail --dead
    """
    if dead:
        asyncio.run(dead_letters(*addresses.api(api, api_key), as_json=as_json))
        return
    if document is None:
        raise Mistake("which document? presently tail article.1")
    try:
        parse_document(document)
    except InvalidDocument as error:
        raise Mistake(str(error)) from None
    keys = addresses.jwt_keys(key)
    if not keys:
        raise Mistake("no key: --key, PRESENTLY_JWT_KEYS, or a running `presently dev`")
    try:
        _token(keys[0], document)
    except ValueError as error:
        raise Mistake(str(error)) from None
    asyncio.run(_watch(addresses.gateway(url), keys[0], document, as_json))


async def _watch(url: str, key: str, document: str, as_json: bool) -> None:
    words = tail_words.Words(document)
    watch = Watch(url, document, lambda: _token(key, document), _tell)
    async for frame in watch.frames():
        for line in [json.dumps(frame, ensure_ascii=False)] if as_json else words.lines(frame):
            click.echo(line)


def _tell(said: str) -> None:
    click.echo(f"presently: {said}", err=True)


def _token(key: str, document: str) -> str:
    return mint_token(key, f"tail-{_me()}", {document: "read", _list(document): "read"}, ttl=TTL)


def _list(document: str) -> str:
    """The pattern that gives the right on a list, which needs all of its collection."""
    collection, _, key = document.rpartition(".")
    return f"{collection}.*" if key == "~" else document


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"

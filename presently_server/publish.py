"""``presently publish``: one event, over the HTTP API."""

from __future__ import annotations

import json

import click

from presently import InvalidEvent, PresentlyError, SyncPublisher
from presently_server import addresses
from presently_server.mistakes import Failed, Mistake
from presently_server.options import api_options


@click.command()
@click.argument("document")
@click.argument("type")
@click.argument("data", metavar="[JSON]", default="{}")
@click.option("--actor", help="The user who caused it.")
@click.option("--id", help="Repeating an id does no harm; a new one if not given.")
@click.option("--source", default="/cli", show_default=True, help="Who publishes.")
@api_options
def publish(
    document: str,
    type: str,
    data: str,
    actor: str | None,
    id: str | None,
    source: str,
    url: str | None,
    api_key: str | None,
) -> None:
    """Publish one event to everybody at DOCUMENT, and print its id.

    \b
    presently publish article.1 comment.added '{"text": "nice"}' --actor fry
    """
    try:
        content = json.loads(data)
    except ValueError as error:
        raise Mistake(f"the data are no JSON: {error}") from None
    url, key = addresses.api(url, api_key)
    try:
        with SyncPublisher(url, source=source, api_key=key) as publisher:
            click.echo(publisher.publish(document, type, content, actor=actor, id=id))
    except InvalidEvent as error:
        raise Mistake(str(error)) from None
    except PresentlyError as error:
        raise Failed(str(error)) from None

"""``presently status``: one screen of how the installation is, from the HTTP API."""

from __future__ import annotations

import json

import click

from presently_server import addresses, http
from presently_server.options import api_options
from presently_server.status_words import lines


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As the API tells it.")
@api_options
def status(as_json: bool, url: str | None, api_key: str | None) -> None:
    """Gateways, hubs, shards, relay, dead letters."""
    answer = http.get(*addresses.api(url, api_key), "/v1/status")
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    for line in lines(answer):
        click.echo(line)

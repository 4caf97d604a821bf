"""``presently token``: mint a browser's token, or read one."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import click
import jwt

from presently import mint_token
from presently_server import addresses
from presently_server.mistakes import Failed, Mistake
from presently_server.settings_values import duration
from schemas import ids
from schemas.errors import InvalidDocument
from schemas.ids import UserId

RIGHTS: Final = {
    "read": "see it, and be seen reading",
    "send": "read, and send events",
    "edit": "send, and edit",
}


@click.command()
@click.option("--sub", metavar="USER", help="Whose token: the user's id.")
@click.option(
    "--allow",
    multiple=True,
    metavar="PATTERN=RIGHT",
    help="What it allows: read, send or edit; * is one word, # any number. Repeat for more.",
)
@click.option("--name", default="", help="What others see; the id if not given.")
@click.option("--ttl", default="1h", show_default=True, help="How long it is good: 30m, 1h, 2d.")
@click.option("--key", help="The signing key; else PRESENTLY_JWT_KEYS, else .presently/dev.json.")
@click.option("--read", "text", metavar="JWT", help="Say what a token allows instead.")
def token(
    sub: str | None, allow: tuple[str, ...], name: str, ttl: str, key: str | None, text: str | None
) -> None:
    """Mint a browser's token, or read one.

    \b
    presently token --sub leela --allow 'article.*=edit' --allow 'site.*=read'
    presently token --read eyJhbGci…
    """
    if text is not None:
        keys = addresses.jwt_keys(key)
        click.echo("\n".join(_reading(text, keys)))
        if keys and not _signed_by(text.strip(), keys):
            raise Failed("the signature is BAD: a gateway with these keys refuses this token")
        return
    if not sub:
        raise Mistake("whose token? --sub leela, or --read JWT")
    keys = addresses.jwt_keys(key)
    if not keys:
        raise Mistake("no key: --key, PRESENTLY_JWT_KEYS, or a running `presently dev`")
    try:
        lasts = int(duration(ttl))
        click.echo(mint_token(keys[0], sub, _rights(allow), name=name, ttl=lasts))
    except ValueError as error:
        raise Mistake(str(error)) from None


def _rights(allow: tuple[str, ...]) -> dict[str, str]:
    rights = {}
    for text in allow:
        pattern, equals, right = text.rpartition("=")
        if not equals or not pattern:
            raise Mistake(f"--allow {text}: write PATTERN=RIGHT, e.g. 'article.*=edit'")
        rights[pattern] = right
    return rights


def _reading(text: str, keys: tuple[str, ...]) -> list[str]:
    try:
        claims: dict[str, Any] = jwt.decode(text.strip(), options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise Mistake(f"this is no token: {error}") from None
    sub = str(claims.get("sub", ""))
    lines = [
        f"user       {sub or 'NOBODY: it has no sub'}",
        f"name       {claims.get('name') or sub}",
        *([f"info       {json.dumps(claims['info'])}"] if claims.get("info") else []),
        f"audience   {_audience(claims)}",
        f"expires    {_expiry(claims)}",
        f"signature  {_signature(text.strip(), keys)}",
    ]
    docs = claims.get("docs")
    for pattern, right in docs.items() if isinstance(docs, dict) else ():
        means = (
            RIGHTS.get(right, f"NOTHING: {right!r} is no right") if isinstance(right, str) else ""
        )
        lines.append(f"may        {pattern}: {means}")
    if own := _own(sub):
        lines.append(f"may        {own}: {RIGHTS['read']} (every user's own document)")
    return lines


def _own(sub: str) -> str:
    try:
        return ids.user_document(UserId(sub))
    except InvalidDocument:
        return ""


def _audience(claims: dict[str, Any]) -> str:
    audience = claims.get("aud")
    good = "presently" in (audience if isinstance(audience, list) else [audience])
    return str(audience) if good else f"{audience}: the gateway wants 'presently'"


def _expiry(claims: dict[str, Any]) -> str:
    expires = claims.get("exp")
    if not isinstance(expires, int | float):
        return "NEVER: the gateway refuses a token without exp"
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(expires))
    left = int(expires - time.time())
    if left < 0:
        return f"{when}: it has EXPIRED"
    return f"{when} (in {left // 3600} h {left % 3600 // 60} min)"


def _signature(text: str, keys: tuple[str, ...]) -> str:
    if not keys:
        return "not checked: no key (--key, PRESENTLY_JWT_KEYS or .presently/dev.json)"
    if place := _signed_by(text, keys):
        return f"good (key {place} of {len(keys)})"
    return "BAD: by none of our keys, or not HS256"


def _signed_by(text: str, keys: tuple[str, ...]) -> int:
    """The place of the key that signed it, from 1; 0 if none of them did."""
    for place, key in enumerate(keys, 1):
        try:
            jwt.PyJWS().decode(text, key, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            continue
        return place
    return 0

"""Visitors who have not signed in, if the project lets them have tokens (``ANONYMOUS``)."""

from __future__ import annotations

import secrets
from typing import Final

from django.http import HttpRequest, HttpResponse

from presently.django import conf

COOKIE: Final = "presently_visitor"
"""Signed; makes a visitor the same one at every page."""
COOKIE_SECONDS: Final = 30 * 24 * 3600


def known(request: HttpRequest) -> str | None:
    """The id of a visitor who has been given one, as in the token and as the events' actor."""
    if not conf.value("ANONYMOUS"):
        return None
    word = request.get_signed_cookie(COOKIE, default="", salt=COOKIE)
    return f"anonymous-{word}" if word else None


def new() -> str:
    """The id of a visitor whom nobody has seen before."""
    return f"anonymous-{secrets.token_hex(8)}"


def remember(request: HttpRequest, response: HttpResponse, visitor: str) -> None:
    """Have the browser bring it along."""
    response.set_signed_cookie(
        COOKIE,
        visitor.removeprefix("anonymous-"),
        salt=COOKIE,
        max_age=COOKIE_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )

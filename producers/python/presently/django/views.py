"""What a page asks for: a token that says who its user is and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import decorators
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from presently.django import conf, visitors
from presently.documents import check_document
from presently.errors import InvalidEvent
from presently.tokens import mint_token


def _public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Past ``LoginRequiredMiddleware`` (Django 5.1): code wants a token, not a login form."""
    exempt: Any = getattr(decorators, "login_not_required", None)
    return exempt(view) if exempt else view


@_public
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """The token of the session's user, as ``application/jwt``.

    ``?document=article.42``: the gateway refused this document; ``RIGHTS`` may look closer. 403
    for whoever has not signed in, unless ``ANONYMOUS`` is set.
    """
    document = request.GET.get("document") or None
    try:
        if document is not None:
            check_document(document)
    except InvalidEvent as error:
        return _text(str(error), 400)
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return _text(_mint(conf.identity(user), user, document))
    if not conf.value("ANONYMOUS"):
        return _text("Sign in first.", 403)
    visitor = visitors.known(request) or visitors.new()
    who = {"id": visitor, "name": "Guest", "info": {"anonymous": True}}
    response = _text(_mint(who, user, document))
    visitors.remember(request, response, visitor)
    return response


def _mint(who: dict[str, Any], user: Any, document: str | None) -> str:
    return mint_token(
        conf.value("JWT_KEY"),
        who["id"],
        conf.rights_of(user, document),
        name=who.get("name", ""),
        info=who.get("info"),
        ttl=conf.value("TTL"),
    )


def _text(body: str, status: int = 200) -> HttpResponse:
    kind = "application/jwt" if status == 200 else "text/plain; charset=utf-8"
    headers = {"Cache-Control": "no-store", "Vary": "Cookie", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, status=status, content_type=kind, headers=headers)

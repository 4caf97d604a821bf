"""``presently.django.middleware.acting``, after Django's ``AuthenticationMiddleware``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from presently.django import actors, visitors


@sync_and_async_middleware
def acting(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """What a request writes is its user's doing; who that is, is looked up if it writes at all."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            with actors.acting(lambda: _user(request)):
                response: HttpResponseBase = await get_response(request)
            return response

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        with actors.acting(lambda: _user(request)):
            response: HttpResponseBase = get_response(request)
        return response

    return answer


def _user(request: HttpRequest) -> Any:
    """The user; or the visitor that a token calls by the same name."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return user
    return visitors.known(request)

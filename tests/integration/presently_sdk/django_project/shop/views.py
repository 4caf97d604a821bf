"""Writes as views do: by the ORM, by a bulk update, in a thread and in a task."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tests.integration.presently_sdk.django_project.shop.models import Article


def rename(request: HttpRequest, pk: int) -> HttpResponse:
    Article.objects.filter(pk=pk).update(title=request.GET["title"])
    return HttpResponse()


async def rename_async(request: HttpRequest, pk: int) -> HttpResponse:
    await Article.objects.filter(pk=pk).aupdate(title=request.GET["title"])
    return HttpResponse()


def look(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(Article.objects.get(pk=pk).title)

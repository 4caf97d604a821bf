"""``Article`` is captured by a migration; the others announce themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import translation

from presently.django import Announced

WORDS = {
    "c": {"en": "new", "de": "neu", "it": "nuovo"},
    "u": {"en": "saved", "de": "gespeichert", "it": "salvato"},
    "d": {"en": "deleted", "de": "gelöscht", "it": "cancellato"},
}


class Article(models.Model):
    title = models.CharField(max_length=80)
    secret_note = models.TextField(default="")
    updated_by = models.CharField(max_length=80, default="")


class Tag(models.Model):
    word = models.CharField(max_length=20)


class Post(Announced, models.Model):
    announced_relations = ("tags",)

    title = models.CharField(max_length=80)
    draft = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, related_name="posts")

    def should_announce(self, op: str) -> bool:
        return not self.draft

    def announcement(self, op: str, lang: str) -> Mapping[str, Any]:
        assert translation.get_language() == lang
        return {"title": f"{self.title}: {WORDS[op][lang]}", "url": f"/{lang}/posts/{self.pk}"}


class Pinned(Post):
    """A proxy: the same rows."""

    class Meta:
        proxy = True


class Review(Post):
    """A table of its own beside the parent's."""

    stars = models.IntegerField(default=5)


class Author(models.Model):
    name = models.CharField(max_length=20)


class Plain(Announced, models.Model):
    """With the texts that come by themselves."""

    slug = models.CharField(max_length=40, primary_key=True)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, null=True)

    class Meta:
        verbose_name = "plain thing"

    def __str__(self) -> str:
        return str(self.slug)

    def get_absolute_url(self) -> str:
        return f"/plain/{self.slug}"

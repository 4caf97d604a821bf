"""A document that tells of itself when it is saved, in three languages."""

from django.db import models
from django.urls import reverse

from presently.django import Announced

SAID = {
    "en": {"c": "New: {}", "u": "{} was saved", "d": "{} is gone", "open": "Open it"},
    "it": {"c": "Nuovo: {}", "u": "{} è stato salvato", "d": "{} non c’è più", "open": "Aprilo"},
    "de": {"c": "Neu: {}", "u": "{} wurde gespeichert", "d": "{} ist weg", "open": "Öffnen"},
}


class Document(Announced, models.Model):
    title = models.CharField(max_length=80)
    body = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk])

    def announcement(self, op: str, lang: str) -> dict[str, str]:
        title = SAID[lang][op].format(self.title)
        if op == "d":
            return {"title": title, "url": reverse("dashboard")}
        return {"title": title, "message": SAID[lang]["open"], "url": self.get_absolute_url()}

"""The Django section of ``producers/python/README.md``, made into a project that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.presently_sdk.test_django import ROOT
from tests.integration.presently_sdk.test_readme import DJANGO, TEXT

BEFORE = """
import os
from urllib.parse import urlsplit

SERVER = urlsplit(os.environ["DJANGO_DATABASE_URL"])
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "HOST": SERVER.hostname, "PORT": SERVER.port,
    "USER": SERVER.username, "NAME": SERVER.path.lstrip("/"),
}}
SECRET_KEY = "x"
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.staticfiles", "shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
}]
"""
URLS = """
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    {},
    path("page", TemplateView.as_view(template_name="page.html")),
]
"""
MORE_TESTS = """
from django.test import TestCase

from presently.django.testing import recorded_events
from shop.models import Article, Comment
from shop.work import nightly


class ReadmeTests(TestCase):
    def test_the_rest_of_the_section(self):
        article = Article.objects.create(title="Moon")
        Comment.objects.create(text="hidden", hidden=True)
        with recorded_events() as events:
            nightly(article)
            Comment.objects.create(text="nice")
        told = [(event["type"], event.get("actor")) for event in events]
        self.assertEqual(
            told,
            [("article.checked", None), ("presently.change", "robot"), ("announcement", None)],
        )
        self.assertEqual(set(events[2]["data"]["texts"]), {"en", "de"})

    def test_the_page(self):
        said = self.client.get("/page").content.decode()
        self.assertIn("wss://live.example.com/", said)
        self.assertIn("presently/page", said)
"""


def write(project: Path) -> None:
    """Each snippet into the file that its first line names."""
    section = DJANGO.search(TEXT)
    assert section is not None
    named = re.findall(r"```python\n# (\S+)\n(.*?)```", section[0], re.DOTALL)
    assert len(named) == section[0].count("```python")
    (project / "shop" / "migrations").mkdir(parents=True)
    (project / "shop" / "__init__.py").touch()
    (project / "shop" / "migrations" / "__init__.py").touch()
    (project / "shop" / "templates").mkdir()
    (project / "shop" / "rights.py").write_text('def of(user):\n    return {"article.*": "edit"}\n')
    for name, text in named:
        (project / name).write_text(BEFORE + text if name == "settings.py" else text)
    [page] = re.findall(r"```html\n(.*?)```", section[0], re.DOTALL)
    (project / "shop" / "templates" / "page.html").write_text(page)
    [route] = re.findall(r"`(path\(.*?\)\))`", section[0])
    (project / "urls.py").write_text(URLS.replace("{}", route))
    (project / "shop" / "test_more.py").write_text(MORE_TESTS)


@pytest.mark.postgres
def test_the_section_is_a_project(tmp_path: Path, empty_database_url: str) -> None:
    write(tmp_path)
    capture = tmp_path / "shop" / "migrations" / "0002_capture.py"
    kept = capture.read_text()
    capture.unlink()
    manage(tmp_path, empty_database_url, "makemigrations", "shop")
    capture.write_text(kept)
    manage(tmp_path, empty_database_url, "check", "--fail-level", "WARNING")
    said = manage(tmp_path, empty_database_url, "test", "--noinput")
    assert "Ran 3 tests" in said


def manage(project: Path, database: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", *arguments],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(project), str(ROOT / "producers" / "python")]),
            "DJANGO_SETTINGS_MODULE": "settings",
            "DJANGO_DATABASE_URL": database,
            "PRESENTLY_JWT_KEY": "k" * 32,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr

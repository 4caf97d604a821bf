"""What ``manage.py check`` says, and that it says nothing here."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.checks import run_checks
from django.db import connection, models
from django.test import SimpleTestCase, TestCase, override_settings
from django.test.utils import isolate_apps

from presently.django import Announced, checks, schema
from presently.django.checks import ACTING, check_models
from tests.integration.presently_sdk.django_project.shop import models as models_of_shop
from tests.integration.presently_sdk.django_project.shop.models import Plain

GOOD = settings.PRESENTLY


class Nowhere:
    """A router that lets nothing be migrated."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return False


def ids(**changes: Any) -> list[str]:
    """Of all that is said with these settings changed in PRESENTLY; None takes one away."""
    wanted = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    with override_settings(PRESENTLY=wanted):
        return [str(message.id) for message in run_checks() if not message.is_silenced()]


class SettingsTests(SimpleTestCase):
    def test_nothing_is_wrong_here(self) -> None:
        self.assertEqual(ids(), [])

    def test_each_mistake_is_named(self) -> None:
        mistakes: list[tuple[dict[str, Any], str]] = [
            ({"JWTKEY": "x"}, "E002"),
            ({"JWT_KEY": None}, "E003"),
            ({"RIGHTS": None}, "E003"),
            ({"GATEWAY": None}, "W003"),
            ({"JWT_KEY": "short"}, "E004"),
            ({"JWT_KEY": 5}, "E004"),
            ({"RIGHTS": "no.such.thing"}, "E005"),
            ({"USER": {}}, "E005"),
            ({"URL": "ftp://x"}, "E006"),
            ({"URL": None}, "E009"),
        ]
        for changes, id in mistakes:
            with self.subTest(changes):
                self.assertEqual(ids(**changes), [f"presently.{id}"])

    def test_a_hint_says_what_was_meant(self) -> None:
        with override_settings(PRESENTLY={**GOOD, "JWTKEY": "x"}):
            [message] = checks.check_settings(None)
        self.assertEqual(message.hint, "Did you mean JWT_KEY?")

    @override_settings(PRESENTLY=["x"])
    def test_it_is_a_dict(self) -> None:
        self.assertEqual([m.id for m in checks.check_settings(None)], ["presently.E001"])

    @override_settings(ROOT_URLCONF="django.contrib.auth.urls", PRESENTLY={})
    def test_who_does_not_mint_tokens_needs_no_key(self) -> None:
        self.assertEqual([m.id for m in checks.check_pages(None)], [])

    @override_settings(MIDDLEWARE=[ACTING, *settings.MIDDLEWARE[:2]])
    def test_the_middleware_comes_after_that_of_users(self) -> None:
        self.assertEqual([m.id for m in checks.check_pages(None)], ["presently.E008"])

    @override_settings(TEMPLATES=[{**settings.TEMPLATES[0], "OPTIONS": {}}])
    def test_templates_need_the_request(self) -> None:
        self.assertEqual([m.id for m in checks.check_pages(None)], ["presently.W002"])

    def test_a_database_that_is_not_postgresql_is_weaker(self) -> None:
        [message] = checks.check_databases(None)
        self.assertEqual(message.id, "presently.W001")
        self.assertIn("'other' is no PostgreSQL", message.msg)

    @isolate_apps("tests.integration.presently_sdk.django_project.shop")
    def test_the_mixin_comes_first(self) -> None:
        class Wrong(models.Model, Announced):
            class Meta:
                app_label = "shop"

        with patch.object(checks, "_announced", return_value=[Wrong]):
            [message] = check_models(None)
        self.assertEqual((message.id, message.obj), ("presently.E007", Wrong))

    @isolate_apps("tests.integration.presently_sdk.django_project.shop", "django.contrib.auth")
    def test_two_models_of_one_name_would_speak_at_the_same_documents(self) -> None:
        class Post(Announced, models.Model):
            class Meta:
                app_label = "auth"

        class Elsewhere(Post):  # its parent's row
            class Meta:
                app_label = "auth"

        with patch.object(
            checks, "_announced", return_value=[models_of_shop.Post, Post, Elsewhere]
        ):
            [message] = check_models(None)
        self.assertEqual((message.id, message.obj), ("presently.W004", Post))
        self.assertIn("shop.Post", message.msg)
        Post.announced_document = lambda self: "blog.post"  # type: ignore[method-assign]
        with patch.object(checks, "_announced", return_value=[models_of_shop.Post, Post]):
            self.assertEqual(check_models(None), [])


class DatabaseTests(TestCase):
    def said(self) -> list[tuple[Any, str]]:
        return [(m.id, m.msg) for m in run_checks(databases=["default"]) if not m.is_silenced()]

    def run_sql(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    def test_nothing_is_wrong_here(self) -> None:
        self.assertEqual(self.said(), [])

    def test_a_capture_that_does_not_work(self) -> None:
        self.run_sql("ALTER TABLE shop_article DISABLE TRIGGER USER")
        [(id, said)] = self.said()
        self.assertEqual(id, "presently.W010")
        self.assertIn("public.shop_article is captured, but its trigger is disabled", said)

    def test_a_capture_that_was_released_or_changed_by_hand(self) -> None:
        for sql in (
            "SELECT presently.capture('shop_article', 'article.{id}', '{title}')",
            "SELECT presently.capture('shop_article', 'article.{id}', '{id}', 'updated_by')",
            "SELECT presently.capture('shop_article', 'other.{id}', '{title}', 'updated_by')",
            "SELECT presently.release('shop_article')",
        ):
            with self.subTest(sql):
                self.run_sql(sql)
                self.assertEqual([id for id, _ in self.said()], ["presently.W011"])

    def test_a_file_that_waits_for_older_versions_to_go(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "0099_gone.sql").write_text("-- post: nobody needs it\n")
            with patch.object(schema, "FOLDER", Path(folder)):
                [message] = [m for m in run_checks(databases=["default"]) if not m.is_silenced()]
        self.assertEqual(message.id, "presently.I010")
        self.assertIn("0099_gone.sql", message.msg)

    def test_a_captured_table_that_is_gone(self) -> None:
        self.run_sql("DROP TABLE shop_article")
        [message] = [m for m in run_checks(databases=["default"]) if not m.is_silenced()]
        self.assertEqual(message.id, "presently.W011")
        self.assertIn("There is no table 'shop_article'", str(message.hint))

    @override_settings(DATABASE_ROUTERS=[Nowhere()])
    def test_a_model_of_another_database_is_no_concern_of_this_one(self) -> None:
        self.run_sql("DROP TABLE shop_article")
        self.assertEqual(self.said(), [])

    def test_two_authorities_for_one_table(self) -> None:
        self.run_sql("SELECT presently.capture('shop_plain', 'plain.{slug}')")
        [message] = [m for m in run_checks(databases=["default"]) if not m.is_silenced()]
        self.assertEqual((message.id, message.obj), ("presently.W012", Plain))

    def test_before_the_first_migrate_it_is_silent(self) -> None:
        self.run_sql("DROP SCHEMA presently CASCADE")
        self.assertEqual(self.said(), [])

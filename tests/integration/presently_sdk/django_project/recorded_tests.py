"""Every writer's changes are seen inside the test's own transaction, and end with it."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase

from presently.django.testing import recorded_events
from tests.integration.presently_sdk.django_project.shop.models import Article


def facts(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["data"]["op"], event["subject"]) for event in events]


class RecordedTests(TestCase):
    moon: Article
    mars: Article

    @classmethod
    def setUpTestData(cls) -> None:
        cls.moon = Article.objects.create(title="Moon", secret_note="hidden")
        cls.mars = Article.objects.create(title="Mars")

    def test_save_and_delete_are_seen(self) -> None:
        with recorded_events() as events:
            self.moon.title = "Moon base"
            self.moon.updated_by = "fry"
            self.moon.save()
            pk = self.mars.pk
            self.mars.delete()
        self.assertEqual(facts(events), [("u", f"article.{self.moon.pk}"), ("d", f"article.{pk}")])
        self.assertEqual(events[0]["actor"], "fry")
        self.assertEqual(events[0]["data"]["after"], {"title": "Moon base"})
        self.assertNotIn("hidden", str(events))

    def test_update_is_seen(self) -> None:
        with recorded_events() as events:
            Article.objects.update(title="Both")
        self.assertEqual([op for op, _ in facts(events)], ["u", "u"])

    def test_bulk_create_and_bulk_update_are_seen(self) -> None:
        with recorded_events() as events:
            made = Article.objects.bulk_create([Article(title="A"), Article(title="B")])
            made[0].title = "C"
            Article.objects.bulk_update(made, ["title"])
        self.assertEqual([op for op, _ in facts(events)], ["c", "c", "u"])

    def test_raw_sql_is_seen(self) -> None:
        with recorded_events() as events, connection.cursor() as cursor:
            cursor.execute("UPDATE shop_article SET title = 'raw' WHERE id = %s", [self.mars.pk])
            cursor.execute("SELECT presently.publish('article.1', 'a.b', '{}')")
        self.assertEqual([event["type"] for event in events], ["presently.change", "a.b"])

    def test_what_is_rolled_back_is_not_seen(self) -> None:
        with recorded_events() as events:
            try:
                with transaction.atomic():
                    Article.objects.update(title="x")
                    raise LookupError
            except LookupError:
                pass
        self.assertEqual(events, [])

    async def test_an_asynchronous_test_records_too(self) -> None:
        async with recorded_events() as events:
            await Article.objects.filter(pk=self.moon.pk).aupdate(title="later")
            await Article.objects.acreate(title="new")
        self.assertEqual([op for op, _ in facts(events)], ["u", "c"])


class NothingLeaksTests(TestCase):
    """Each of these finds the outbox empty, in whatever order they run and on whatever copy."""

    def check(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM presently.outbox")
            self.assertEqual(cursor.fetchone(), (0,))
        with recorded_events() as events:
            Article.objects.create(title="x")
        self.assertEqual(len(events), 1)

    def test_one(self) -> None:
        self.check()

    def test_two(self) -> None:
        self.check()


class CommittingTests(TransactionTestCase):
    """Run last by Django. What they commit stays in the outbox and is nobody else's recording."""

    def test_only_the_block_is_recorded(self) -> None:
        Article.objects.create(title="before")
        with recorded_events() as events:
            Article.objects.create(title="within")
        self.assertEqual([event["data"]["after"]["title"] for event in events], ["within"])
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE presently.outbox")

    def test_no_migration_is_missing(self) -> None:
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)

"""Whose doing a write is, whatever wrote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase, override_settings

from presently.django import acting, announce
from presently.django.testing import recorded_events
from tests.integration.presently_sdk.django_project.pages_tests import claims
from tests.integration.presently_sdk.django_project.shop.models import Article, Post


def actors(events: list[dict[str, Any]]) -> list[str | None]:
    return [event.get("actor") for event in events]


def setting(name: str = "actor") -> str:
    with connection.cursor() as cursor:
        # Put together, or it would be taken for a statement of Presently's and be told.
        cursor.execute(
            "SELECT coalesce(current_setting('presently' || %s, true), '')", [f".{name}"]
        )
        return str(cursor.fetchone()[0])


class ActingTests(TestCase):
    moon: Article

    @classmethod
    def setUpTestData(cls) -> None:
        cls.moon = Article.objects.create(title="Moon")

    def rename(self, title: str) -> None:
        Article.objects.filter(pk=self.moon.pk).update(title=title)

    def test_blocks_nest_and_end(self) -> None:
        with recorded_events() as events:
            self.rename("1")
            with acting("fry"):
                self.rename("2")
                with acting("leela"):
                    self.rename("3")
                with acting(None):
                    self.rename("4")
                self.rename("5")
            self.rename("6")
        self.assertEqual(actors(events), [None, "fry", "leela", None, "fry", None])

    def test_an_id_is_anything_that_is_no_user(self) -> None:
        with recorded_events() as events:
            for user in (7, UUID(int=1)):
                with acting(user):
                    self.rename(str(user))
            with acting(lambda: 8):
                Post.objects.create(title="x")
        self.assertEqual(actors(events), ["7", str(UUID(int=1)), "8"])

    def test_a_comment_before_a_statement_hides_nothing(self) -> None:
        with recorded_events() as events, connection.cursor() as cursor, acting("fry"):
            self.rename("1")
            with acting("leela"):
                cursor.execute("/* a\n*/ -- b\n UPDATE shop_article SET title = '2'")
            with acting("amy"):
                cursor.execute("/* c */ SELECT presently.publish('a.b', 'c.d')")
        self.assertEqual(actors(events), ["fry", "leela", "amy"])

    def test_an_id_too_long_for_an_event_fails_no_save(self) -> None:
        with recorded_events() as events, acting("x" * 200):
            self.rename("1")
            Post.objects.create(title="x")
        self.assertEqual(actors(events), ["x" * 128] * 2)

    def test_context_goes_along(self) -> None:
        with acting("fry", context={"request": "r1"}):
            self.rename("1")
            self.assertEqual(setting("context"), '{"request": "r1"}')
            with acting("leela"):
                self.rename("2")
                self.assertEqual(setting("context"), '{"request": "r1"}')
            with acting("leela", context={}):
                self.rename("3")
                self.assertEqual(setting("context"), "")
        with self.assertRaisesMessage(ValueError, "2048 bytes"), acting("x", {"a": "b" * 2048}):
            pass

    def test_a_savepoint_that_is_undone_undoes_it_and_it_is_told_again(self) -> None:
        with recorded_events() as events, acting("fry"):
            try:
                with transaction.atomic():
                    self.rename("1")
                    raise LookupError
            except LookupError:
                pass
            self.rename("2")
        self.assertEqual(actors(events), ["fry"])

    def test_sql_and_orm_and_announcements_alike(self) -> None:
        user = User.objects.create_user("fry")
        with recorded_events() as events, acting(user), connection.cursor() as cursor:
            cursor.execute("SELECT presently.publish('a.b', 'c.d')")
            Post.objects.create(title="x")
            announce("a.b", "e.f")
        self.assertEqual(actors(events), [str(user.pk)] * 3)

    def test_it_is_no_query_of_the_applications(self) -> None:
        with acting("fry"), self.assertNumQueries(1):
            self.rename("1")

    def test_who_is_asked_only_when_something_is_written(self) -> None:
        asked: list[int] = []

        def who() -> str:
            asked.append(1)
            return "fry"

        with recorded_events() as events, acting(who):
            Article.objects.get(pk=self.moon.pk)
            self.assertEqual(asked, [])
            self.rename("1")
        self.assertEqual(actors(events), ["fry"])

    def test_the_user_of_a_request(self) -> None:
        user = User.objects.create_user("fry")
        path = f"{self.moon.pk}?title=Moon%20base"
        with recorded_events() as events:
            self.client.get(f"/rename/{path}")
            self.client.force_login(user)
            self.client.get(f"/rename/{path}%21")
        self.assertEqual(actors(events), [None, str(user.pk)])

    @override_settings(PRESENTLY={**settings.PRESENTLY, "ANONYMOUS": True})
    def test_a_visitor_acts_under_the_tokens_name(self) -> None:
        with recorded_events() as events:
            self.client.get(f"/rename/{self.moon.pk}?title=1")
            token = self.client.get("/presently/token").content.decode()
            self.client.get(f"/rename/{self.moon.pk}?title=2")
        self.assertEqual(actors(events), [None, claims(token)["sub"]])

    async def test_the_user_of_an_asynchronous_request(self) -> None:
        user = await User.objects.acreate(username="fry")
        async with recorded_events() as events:
            await sync_to_async(self.async_client.force_login)(user)
            await self.async_client.get(f"/rename-async/{self.moon.pk}", {"title": "x"})
        self.assertEqual(actors(events), [str(user.pk)])


class AutocommitTests(TransactionTestCase):
    """Outside of any transaction, on a session that the next request will get from a pool."""

    def tearDown(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE presently.outbox")

    def test_a_single_statement_has_its_actor_and_nothing_stays(self) -> None:
        article = Article.objects.create(title="Moon")
        with recorded_events() as events:
            with acting("fry"):
                Article.objects.filter(pk=article.pk).update(title="1")
                Article.objects.create(title="2")
            self.assertEqual(setting(), "")
            Article.objects.filter(pk=article.pk).update(title="3")
        self.assertEqual(actors(events), ["fry", "fry", None])

    def test_each_transaction_is_told_anew(self) -> None:
        article = Article.objects.create(title="Moon")
        with recorded_events() as events, acting("fry"):
            for title in ("1", "2"):
                with transaction.atomic():
                    Article.objects.filter(pk=article.pk).update(title=title)
                self.assertEqual(setting(), "")
        self.assertEqual(actors(events), ["fry", "fry"])

    def test_a_procedure_may_end_its_transactions(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE PROCEDURE rename() LANGUAGE plpgsql AS"
                " $$ BEGIN UPDATE shop_article SET title = 'x'; COMMIT; END $$"
            )
            try:
                with acting("fry"):
                    cursor.execute("CALL rename()")
            finally:
                cursor.execute("DROP PROCEDURE rename")

    def test_a_connection_made_anew_tells_too(self) -> None:
        article = Article.objects.create(title="Moon")
        with acting("fry"):
            connection.close()
            Article.objects.filter(pk=article.pk).update(title="1")
        with connection.cursor() as cursor:
            cursor.execute("SELECT actor FROM presently.outbox ORDER BY id DESC LIMIT 1")
            self.assertEqual(cursor.fetchone(), ("fry",))

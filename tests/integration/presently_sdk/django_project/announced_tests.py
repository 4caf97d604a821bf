"""Models that tell of themselves."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from django.apps import apps
from django.conf import global_settings
from django.core import serializers
from django.db import connection, transaction
from django.db.migrations.state import ProjectState
from django.test import TestCase, TransactionTestCase, override_settings

from presently import InvalidEvent
from presently.django import aannounce, pause
from presently.django.testing import recorded_events
from tests.integration.presently_sdk.django_project.shop.models import (
    Author,
    Pinned,
    Plain,
    Post,
    Review,
    Tag,
)


def facts(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["data"]["op"], event["subject"]) for event in events]


class AnnouncedTests(TestCase):
    def test_one_event_has_the_texts_of_all_languages(self) -> None:
        with recorded_events() as events:
            post = Post.objects.create(title="Moon")
        [event] = events
        self.assertEqual((event["type"], event["subject"]), ("announcement", f"post.{post.pk}"))
        data = event["data"]
        self.assertEqual(
            (data["op"], data["entity"], data["key"], data["lang"]),
            ("c", "shop_post", {"id": post.pk}, "en"),
        )
        self.assertEqual(set(data["texts"]), {"en", "de", "it"})
        self.assertEqual(data["texts"]["de"], {"title": "Moon: neu", "url": f"/de/posts/{post.pk}"})

    @override_settings(USE_I18N=False)
    def test_without_translation_there_is_one_language(self) -> None:
        with recorded_events() as events:
            Plain.objects.create(slug="one")
        self.assertEqual(list(events[0]["data"]["texts"]), ["en"])

    @override_settings(LANGUAGES=global_settings.LANGUAGES)
    def test_a_site_that_names_no_languages_has_its_own_and_not_all_of_djangos(self) -> None:
        with recorded_events() as events:
            Plain.objects.create(slug="one")
        self.assertEqual(list(events[0]["data"]["texts"]), ["en"])

    def test_changes_and_deletions_keep_the_key(self) -> None:
        post = Post.objects.create(title="Moon")
        pk = post.pk
        with recorded_events() as events:
            post.save(update_fields=["title"])
            post.delete()
        self.assertEqual(facts(events), [("u", f"post.{pk}"), ("d", f"post.{pk}")])
        self.assertEqual(events[0]["data"]["changed"], ["title"])
        self.assertEqual(events[1]["data"]["key"], {"id": pk})

    def test_some_are_not_announced(self) -> None:
        with recorded_events() as events:
            Post.objects.create(title="secret", draft=True).delete()
        self.assertEqual(events, [])

    def test_a_queryset_and_a_cascade_delete_announce_each(self) -> None:
        Post.objects.bulk_create([Post(title="a"), Post(title="b")])
        author = Author.objects.create(name="x")
        Plain.objects.create(slug="one", author=author)
        with recorded_events() as events:
            Post.objects.all().delete()
            author.delete()
        self.assertEqual([op for op, _ in facts(events)], ["d", "d", "d"])
        self.assertEqual(events[2]["subject"], "plain.one")

    def test_the_texts_that_come_by_themselves(self) -> None:
        with recorded_events() as events:
            thing = Plain.objects.create(slug="a/b")
            thing.delete()
        texts = [event["data"]["texts"]["en"] for event in events]
        self.assertEqual(events[0]["subject"], "plain.a%2Fb")
        self.assertEqual(texts[0], {"title": "Plain thing: a/b", "url": "/plain/a/b"})
        self.assertEqual(texts[1], {"title": "Plain thing: a/b"})

    def test_texts_too_long_for_an_event_cost_the_texts_and_not_the_save(self) -> None:
        post = Post(title="Moon")
        post.announcement = lambda op, lang: {"title": "x" * 30_000}  # type: ignore[method-assign]
        with recorded_events() as events:
            post.save()
        self.assertEqual(
            (events[0]["data"]["texts"], events[0]["data"]["omitted"]), ({}, ["texts"])
        )

    def test_a_key_that_makes_no_document_is_told_at_the_list(self) -> None:
        with recorded_events() as events:
            for slug in ("", "é" * 40, "~"):
                Plain.objects.create(slug=slug)
        self.assertEqual([op for op, _ in facts(events)], ["c"] * 3)
        subjects = [event["subject"] for event in events]
        self.assertEqual(subjects, ["plain.~", "plain.~", "plain.%7E"])

    def test_what_was_not_loaded_can_still_be_said_of_a_row_that_goes(self) -> None:
        pk = Post.objects.create(title="Moon").pk
        other = Post.objects.create(title="Mars").pk
        with recorded_events() as events:
            Post.objects.only("pk").get(pk=pk).delete()
            Post.objects.defer("title").filter(pk=other).delete()
        titles = [event["data"]["texts"]["en"]["title"] for event in events]
        self.assertEqual(titles, ["Moon: deleted", "Mars: deleted"])

    def test_a_fixture_is_no_news(self) -> None:
        post = Post.objects.create(title="Moon")
        text = serializers.serialize("json", [post])
        with recorded_events() as events:
            for each in serializers.deserialize("json", text):
                each.save()
        self.assertEqual(events, [])

    def test_a_migrations_model_of_yesterday_says_nothing(self) -> None:
        old = ProjectState.from_apps(apps).apps.get_model("shop", "Post")
        with recorded_events() as events:
            old.objects.create(title="Moon").delete()
        self.assertEqual(events, [])

    def test_a_rollback_takes_the_announcement_with_it(self) -> None:
        with recorded_events() as events:
            try:
                with transaction.atomic():
                    Post.objects.create(title="never")
                    raise LookupError
            except LookupError:
                pass
        self.assertEqual(events, [])

    async def test_asynchronous_code_is_heard(self) -> None:
        async with recorded_events() as events:
            post = await Post.objects.acreate(title="Moon")
            await post.asave()
            await aannounce(post, "post.read", {})
        self.assertEqual([event["type"] for event in events][1:], ["announcement", "post.read"])


class FamilyTests(TestCase):
    def test_a_proxy_is_its_model(self) -> None:
        with recorded_events() as events:
            pin = Pinned.objects.create(title="Moon")
            pk = pin.pk
            pin.delete()
        self.assertEqual(facts(events), [("c", f"post.{pk}"), ("d", f"post.{pk}")])

    def test_a_child_is_announced_once_as_its_parents_row(self) -> None:
        with recorded_events() as events:
            review = Review.objects.create(title="Moon")
            review.save()
            pk = review.pk
            review.delete()
        self.assertEqual(facts(events), [(op, f"post.{pk}") for op in "cud"])
        self.assertEqual({event["data"]["entity"] for event in events}, {"shop_post"})

    def test_and_once_when_it_goes_with_its_parent(self) -> None:
        pk = Review.objects.create(title="Moon").pk
        other = Review.objects.create(title="Mars").pk
        with recorded_events() as events:
            Post.objects.get(pk=pk).delete()
            Review.objects.filter(pk=other).delete()
        self.assertEqual(facts(events), [("d", f"post.{pk}"), ("d", f"post.{other}")])


class RelationTests(TestCase):
    tags: list[Tag]
    post: Post
    other: Post

    @classmethod
    def setUpTestData(cls) -> None:
        cls.tags = [Tag.objects.create(word=word) for word in ("a", "b")]
        cls.post = Post.objects.create(title="Moon")
        cls.other = Post.objects.create(title="Mars")

    def test_from_the_objects_side(self) -> None:
        with recorded_events() as events:
            self.post.tags.add(*self.tags)
            self.post.tags.add(self.tags[0])  # it has it
            self.post.tags.remove(self.tags[0])
            self.post.tags.clear()
        self.assertEqual(facts(events), [("u", f"post.{self.post.pk}")] * 3)

    def test_from_the_other_side(self) -> None:
        with recorded_events() as events:
            posts = self.tags[0].posts  # type: ignore[attr-defined]
            posts.add(self.post, self.other)
            posts.remove(self.other)
            posts.clear()
        expected = [self.post.pk, self.other.pk, self.other.pk, self.post.pk]
        self.assertEqual(facts(events), [("u", f"post.{pk}") for pk in expected])


class PauseTests(TestCase):
    def test_it_pauses_the_named_models_and_nests(self) -> None:
        with recorded_events() as events, pause(Post):
            with pause(Plain):
                Plain.objects.create(slug="one")
                Review.objects.create(title="a child of a paused one")
            Plain.objects.create(slug="two")
            Post.objects.create(title="Moon")
        self.assertEqual(facts(events), [("c", "plain.two")])

    def test_without_a_name_it_pauses_all(self) -> None:
        with recorded_events() as events, pause():
            Post.objects.create(title="Moon")
            Plain.objects.create(slug="one")
        self.assertEqual(events, [])

    def test_an_error_ends_it(self) -> None:
        with recorded_events() as events:
            with self.assertRaises(LookupError), pause():
                raise LookupError
            Post.objects.create(title="Moon")
        self.assertEqual(len(events), 1)

    async def test_it_is_of_one_task(self) -> None:
        paused, saved = asyncio.Event(), asyncio.Event()

        async def quiet() -> None:
            with pause():
                paused.set()
                await saved.wait()
                await Post.objects.acreate(title="quiet")

        async def loud() -> None:
            await paused.wait()
            await Post.objects.acreate(title="loud")
            saved.set()

        async with recorded_events() as events:
            await asyncio.gather(quiet(), loud())
        self.assertEqual([e["data"]["texts"]["en"]["title"] for e in events], ["loud: new"])


class ThreadTests(TransactionTestCase):
    """Commits for real: a thread has a connection of its own."""

    def tearDown(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE presently.outbox")

    def test_a_pause_is_of_one_thread(self) -> None:
        def elsewhere() -> None:
            Post.objects.create(title="loud")
            connection.close()

        with recorded_events() as events, pause():
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        self.assertEqual([e["data"]["texts"]["en"]["title"] for e in events], ["loud: new"])

    def test_row_and_announcement_are_one_transaction_also_in_autocommit(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE presently.outbox")
        Post.objects.create(title="Moon")
        with connection.cursor() as cursor:
            cursor.execute("SELECT xmin::text FROM shop_post")
            [row] = cursor.fetchall()
            cursor.execute("SELECT xmin::text FROM presently.outbox")
            self.assertEqual(cursor.fetchall(), [row])

    def test_an_announcement_that_fails_fails_the_save(self) -> None:
        post = Post(title="Moon")
        post.announced_as = "no type"  # type: ignore[misc]
        with self.assertRaisesMessage(InvalidEvent, "type"):
            post.save()
        self.assertEqual(Post.objects.count(), 0)

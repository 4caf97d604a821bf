"""A database without triggers of ours: published after the commit, through the SDK."""

from __future__ import annotations

import logging
from unittest.mock import patch

from django.db import transaction
from django.test import TestCase, TransactionTestCase, override_settings

from presently import SyncPublisher, Unavailable, testing
from presently.django import acting, announce
from presently.django.testing import recorded_events
from tests.integration.presently_sdk.django_project.shop.models import Post


class WeakerTests(TestCase):
    databases = {"default", "other"}  # noqa: RUF012  Django's own way

    def test_it_waits_for_the_commit(self) -> None:
        with testing.recorded_events() as published:
            with self.captureOnCommitCallbacks(using="other", execute=True) as waiting:
                with acting("fry"):
                    post = Post.objects.using("other").create(title="Moon")
                self.assertEqual(published, [])
            self.assertEqual(len(waiting), 1)
        [event] = published
        self.assertEqual(
            (event["subject"], event["actor"], event["source"], event["data"]["op"]),
            (f"post.{post.pk}", "fry", "/shop", "c"),
        )

    def test_what_waits_is_recorded(self) -> None:
        with recorded_events(using="other") as events:
            Post.objects.using("other").create(title="Moon")
            announce(["a.b", "a.c"], "d.e", {"n": 1}, using="other")
        self.assertEqual([e["type"] for e in events], ["announcement", "d.e", "d.e"])

    def test_nothing_of_ours_is_in_it(self) -> None:
        with recorded_events(using="default") as events:
            Post.objects.using("other").create(title="Moon")
        self.assertEqual(events, [])


class WeakerCommitTests(TransactionTestCase):
    databases = {"default", "other"}  # noqa: RUF012

    def test_a_rollback_publishes_nothing(self) -> None:
        with testing.recorded_events() as published:
            try:
                with transaction.atomic(using="other"):
                    Post.objects.using("other").create(title="never")
                    raise LookupError
            except LookupError:
                pass
            Post.objects.using("other").create(title="Moon")
        self.assertEqual([e["data"]["texts"]["en"]["title"] for e in published], ["Moon: new"])

    @override_settings(PRESENTLY={"URL": "http://127.0.0.1:9", "API_KEY": "x"})
    def test_presently_away_fails_no_save(self) -> None:
        away = Unavailable("nobody there")
        with (
            patch.object(SyncPublisher, "publish", side_effect=away),
            self.assertLogs("django", logging.ERROR),
        ):
            Post.objects.using("other").create(title="Moon")
        self.assertEqual(Post.objects.using("other").count(), 1)

    @override_settings(PRESENTLY={"URL": "http://127.0.0.1:9", "API_KEY": "x"})
    def test_a_commit_waits_once_for_presently_that_is_away(self) -> None:
        away = Unavailable("nobody there")
        with patch.object(SyncPublisher, "publish", side_effect=away) as publish:
            for tries in (1, 2):  # the next commit tries again
                with (
                    self.assertLogs("django", logging.ERROR) as logged,
                    transaction.atomic(using="other"),
                ):
                    for title in ("a", "b", "c"):
                        Post.objects.using("other").create(title=title)
                self.assertEqual((publish.call_count, len(logged.records)), (tries, 3))

"""Events of an application's own."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.test import TestCase

from presently import InvalidEvent
from presently.django import aannounce, acting, announce
from presently.django.testing import recorded_events
from tests.integration.presently_sdk.django_project.shop.models import Author


class AnnounceTests(TestCase):
    def test_about_an_object_or_documents(self) -> None:
        author = Author.objects.create(name="x")
        with recorded_events() as events, acting("leela"):
            first = announce(author, "author.seen", {"when": author.pk})
            announce(["desk.fry", "desk.amy"], "sale.begun", actor="fry")
        told = [(e["subject"], e["type"], e["actor"]) for e in events]
        self.assertEqual(told[0], (f"author.{author.pk}", "author.seen", "leela"))
        self.assertEqual(
            told[1:], [("desk.fry", "sale.begun", "fry"), ("desk.amy", "sale.begun", "fry")]
        )
        self.assertTrue(first.startswith("o"))

    def test_nonsense_is_refused_and_the_transaction_goes_on(self) -> None:
        with recorded_events() as events:
            for document, type in (("no-document", "a.b"), ("a.b", "presently.change")):
                with self.assertRaises(InvalidEvent):
                    announce(document, type, {"x": 1})
            with self.assertRaisesMessage(InvalidEvent, "actor"):
                announce("a.b", "c.d", actor="x" * 129)
            for data in ({"x": "a\0b"}, {f"k{n}": n for n in range(5_000)}):
                with self.assertRaisesMessage(InvalidEvent, "data"):
                    announce("a.b", "c.d", data)
            announce("a.b", "c.d")
        self.assertEqual(len(events), 1)

    async def test_from_asynchronous_code(self) -> None:
        def about() -> str:
            return announce("a.b", "c.d")

        async with recorded_events() as events:
            await sync_to_async(about)()
            await aannounce("a.b", "e.f")
        self.assertEqual([event["type"] for event in events], ["c.d", "e.f"])

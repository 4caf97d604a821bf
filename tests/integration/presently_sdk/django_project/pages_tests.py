"""The token view and the template tag."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

from django import VERSION
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.template import engines
from django.test import RequestFactory, TestCase, override_settings

from presently.django import views

GOOD = settings.PRESENTLY
PAGE = "{% load presently %}{% presently %}"


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class TokenTests(TestCase):
    fry: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.fry = User.objects.create_user("fry", first_name="Philip", last_name="Fry")

    def test_the_sessions_user_gets_one(self) -> None:
        self.client.force_login(self.fry)
        answer = self.client.get("/presently/token")
        self.assertEqual(answer["Content-Type"], "application/jwt")
        self.assertEqual(answer["Cache-Control"], "no-store")
        found = claims(answer.content.decode())
        self.assertEqual(
            (found["sub"], found["name"], found["docs"], found["exp"] - found["iat"]),
            (str(self.fry.pk), "Philip Fry", {"article.*": "edit"}, 3600),
        )

    def test_rights_may_be_asked_for_one_document(self) -> None:
        self.client.force_login(self.fry)
        answer = self.client.get("/presently/token?document=draft.7")
        self.assertEqual(claims(answer.content.decode())["docs"]["draft.7"], "read")
        self.assertEqual(self.client.get("/presently/token?document=nonsense").status_code, 400)

    @override_settings(PRESENTLY={**GOOD, "RIGHTS": lambda user: {"a.*": "read"}})
    def test_rights_need_not_ask_for_the_document(self) -> None:
        self.client.force_login(self.fry)
        answer = self.client.get("/presently/token?document=draft.7")
        self.assertEqual(claims(answer.content.decode())["docs"], {"a.*": "read"})

    def test_a_stranger_gets_none_and_only_get_is_answered(self) -> None:
        self.assertEqual(self.client.get("/presently/token").status_code, 403)
        self.assertEqual(self.client.post("/presently/token").status_code, 405)

    @override_settings(PRESENTLY={**GOOD, "ANONYMOUS": True})
    def test_a_stranger_who_may_stays_the_same_one(self) -> None:
        first = claims(self.client.get("/presently/token").content.decode())
        second = claims(self.client.get("/presently/token").content.decode())
        self.assertEqual((first["sub"], first["name"]), (second["sub"], "Guest"))
        self.assertTrue(first["sub"].startswith("anonymous-"))
        self.assertEqual(first["docs"], {"article.*": "read"})
        self.client.cookies.clear()
        third = claims(self.client.get("/presently/token").content.decode())
        self.assertNotEqual(first["sub"], third["sub"])

    @override_settings(
        PRESENTLY={**GOOD, "USER": lambda user: {"id": user.username, "info": {"team": "x"}}}
    )
    def test_the_project_may_say_who_a_user_is(self) -> None:
        self.client.force_login(self.fry)
        found = claims(self.client.get("/presently/token").content.decode())
        self.assertEqual(
            (found["sub"], found["name"], found["info"]), ("fry", "Philip Fry", {"team": "x"})
        )

    @override_settings(PRESENTLY={**GOOD, "USER": lambda user: {"id": user.pk}})
    def test_an_id_is_text_in_the_token_as_in_events(self) -> None:
        self.client.force_login(self.fry)
        found = claims(self.client.get("/presently/token").content.decode())
        self.assertEqual(found["sub"], str(self.fry.pk))

    def test_a_site_where_everybody_must_sign_in_answers_code_in_words(self) -> None:
        """`LoginRequiredMiddleware`, of Django 5.1, would answer with its form."""
        if VERSION >= (5, 1):
            self.assertFalse(views.token.login_required)  # type: ignore[attr-defined]
            name = "django.contrib.auth.middleware.LoginRequiredMiddleware"
            with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, name]):
                self.assertEqual(self.client.get("/presently/token").status_code, 403)


class TagTests(TestCase):
    def page(self, text: str = PAGE, user: Any = None, **more: Any) -> str:
        request = RequestFactory().get("/")
        request.user = user or User(pk=7, username="fry")
        for name, value in more.items():
            setattr(request, name, value)
        return str(engines["django"].from_string(text).render({}, request))

    def test_the_client_and_the_addresses(self) -> None:
        said = self.page()
        self.assertIn('"presently/page": "/static/presently_django/page.js"', said)
        self.assertIn('<script type="importmap">', said)
        text = said.partition('<script id="presently" type="application/json">')[2]
        addresses = json.loads(text.partition("<")[0])
        self.assertEqual(
            addresses,
            {
                "gateway": "wss://live.example.com/",
                "token": "/presently/token",
                "user": "7",
                "lang": "en",
            },
        )

    def test_what_it_names_is_there(self) -> None:
        for name in ("presently/index.js", "presently/live.js", "presently_django/page.js"):
            self.assertIsNotNone(finders.find(name), name)

    def test_they_can_be_collected_under_names_with_hashes(self) -> None:
        backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        storages = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
        with tempfile.TemporaryDirectory() as root:
            with override_settings(STATIC_ROOT=root, STORAGES=storages):
                call_command("collectstatic", "--noinput", verbosity=0)
                said = self.page()
            self.assertRegex(said, r'"/static/presently/index\.[0-9a-f]{12}\.js"')
            self.assertTrue(Path(root, "presently", "live.js").is_file())

    def test_the_nonce_of_the_page(self) -> None:
        self.assertIn('<script type="importmap" nonce="n1">', self.page(csp_nonce="n1"))
        given = self.page("{% load presently %}{% presently nonce='n2' %}")
        self.assertIn('nonce="n2"', given)

    def test_an_import_map_of_the_pages_own(self) -> None:
        said = self.page("{% load presently %}{% presently importmap=False %}")
        self.assertNotIn("importmap", said)
        self.assertIn('id="presently"', said)

    @override_settings(STATIC_URL="https://cdn.example/a</script>b/")
    def test_it_stays_in_its_element(self) -> None:
        self.assertEqual(self.page().count("</script>"), 2)

    def test_a_stranger_has_no_token_to_ask_for(self) -> None:
        self.assertIn('"token": null', self.page(user=AnonymousUser()))

    @override_settings(PRESENTLY={})
    def test_without_a_gateway_it_says_what_is_missing(self) -> None:
        with self.assertRaisesMessage(ImproperlyConfigured, '["GATEWAY"] is missing'):
            self.page()

"""Presently in a Django project: ``INSTALLED_APPS += ["presently.django"]``.

    class Article(Announced, models.Model): ...        # a save tells everybody at article.<pk>
    announce(article, "comment.added", {"text": "…"})  # an event of your own, in this transaction
    with pause(Article): ...                           # nothing is announced
    with acting("fry"): ...                            # what is written here is Fry's doing

Reading order: ``conf`` what ``settings.PRESENTLY`` says, ``schema`` the SQL files as migrations,
``operations`` capture as a migration, ``outbox`` how an event gets out, ``actors`` whose doing it
is, ``announced`` and ``family`` models that tell of themselves, ``checks``, ``views``,
``visitors`` and ``templatetags`` what a page needs, ``testing``.
"""

from presently.django.actors import acting
from presently.django.announced import Announced, aannounce, announce, pause

__all__ = ["Announced", "aannounce", "acting", "announce", "pause"]

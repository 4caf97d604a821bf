"""Models that tell of themselves, in the spirit of the talk's knocker.

class Article(Announced, models.Model):
    def should_announce(self, op): return self.status != "draft"
    def announcement(self, op, lang): return {"title": _("%s was saved") % self.title}

One event has the texts of all of ``settings.LANGUAGES``; each browser shows its own. It is written
into the outbox through the connection that saves, in the same transaction (``outbox.py``).
``save()``, ``delete()`` and their cascades are heard, in any view, thread or task. ``update()``,
``bulk_create()`` and SQL are not: no signal tells of them, capture does (``operations.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Final

from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import global_settings, settings
from django.db import DEFAULT_DB_ALIAS, models, router, transaction
from django.db.models import signals
from django.utils import translation
from django.utils.text import capfirst

from presently.django import outbox
from presently.django.family import root_of, speaks_of_deletion
from presently.documents import document_id, list_id
from presently.errors import InvalidEvent
from presently.limits import texts_that_fit

_paused: ContextVar[tuple[type, ...]] = ContextVar("presently_paused", default=())


class Announced:
    """Mixin, before ``models.Model``. ``op`` is ``c`` created, ``u`` changed or ``d`` deleted."""

    announced_as: ClassVar[str] = "announcement"
    """Type of the event."""
    announced_relations: ClassVar[Sequence[str]] = ()
    """Many-to-many fields whose changes announce the object, too; a form saves both."""

    def should_announce(self, op: str) -> bool:
        """Whether to tell of this one."""
        return True

    def announcement(self, op: str, lang: str) -> Mapping[str, Any]:
        """``title``, ``message``, ``icon``, ``url`` in the language ``lang``, which is active.

        Texts too long for an event are left out of it, and ``omitted`` says so.
        """
        model: Any = self
        text = {"title": f"{capfirst(model._meta.verbose_name)}: {self}"}
        if hasattr(self, "get_absolute_url") and op != "d":
            text["url"] = self.get_absolute_url()
        return text

    def announced_document(self) -> str:
        """Where: ``article.<pk>``, for a proxy or a child table that of the model it is of.

        A key that makes no document id (too long, or empty) is told at the list, ``article.~``: a
        save must not fail for it.
        """
        try:
            return document_of(self)
        except InvalidEvent:
            return list_id(root_of(type(self), Announced)._meta.model_name)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Save row and announcement in one transaction, also where there was none."""
        model: Any = self
        using = kwargs.get("using") or router.db_for_write(type(model), instance=model)
        kwargs["using"] = using
        parent: Any = super()
        with transaction.atomic(using=using, savepoint=False):
            parent.save_base(*args, **kwargs)


@contextmanager
def pause(*announced: type) -> Iterator[None]:
    """Announce nothing of these models (of none, if none is named) while the block runs.

    It concerns this thread or task alone, may be nested, and ends with the block however that
    ends. Captured tables are captured all the same: a trigger knows no block of Python.
    """
    token = _paused.set((*_paused.get(), *(announced or (Announced,))))
    try:
        yield
    finally:
        _paused.reset(token)


def announce(
    about: models.Model | str | Sequence[str],
    type: str,
    data: Mapping[str, Any] | None = None,
    *,
    actor: str | None = None,
    using: str | None = None,
) -> str:
    """Tell an event of your own, in the transaction under way; return its id.

    Args:
        about: An object, whose document it goes to, or a document's id, or several.
        type: Such as ``comment.added``.
        data: At most 64 KiB as JSON; dates, decimals and translations are written as Django does.
        actor: Who did it, if not whoever is acting.
        using: The database, if not the one the object is written to.

    Raises:
        InvalidEvent: Nothing was written.
    """
    if isinstance(about, models.Model):
        using = using or router.db_for_write(about.__class__, instance=about)
        about = _document(about)
    return outbox.write(using or DEFAULT_DB_ALIAS, about, type, data, actor)


aannounce: Final = sync_to_async(announce)
"""The same for asynchronous views."""


def document_of(instance: Any) -> str:
    """``article.<pk>``, encoded."""
    model = root_of(type(instance), Announced)
    return document_id(model._meta.model_name, str(instance.pk))


def _document(instance: Any) -> str:
    found: str = (
        instance.announced_document() if isinstance(instance, Announced) else document_of(instance)
    )
    return found


# --- what Django tells ----------------------------------------------------------------


def _prepared(sender: Any, **_: Any) -> None:
    """A model is there: listen from now on, not from its first object on."""
    if not issubclass(sender, Announced) or sender.__module__ == "__fake__":
        return  # a migration's model of yesterday has none of the methods
    signals.post_save.connect(_saved, sender=sender)
    signals.pre_delete.connect(_deleting, sender=sender)  # while what was not loaded still can be


def listen_to_relations() -> None:
    """Once all models are there: a relation's table may be made late. Only those that are named,
    since Django takes a slower way for a table that somebody listens to.
    """
    for model in apps.get_models():
        if issubclass(model, Announced):
            for name in model.announced_relations:
                signals.m2m_changed.connect(_related, sender=getattr(model, name).through)


def _saved(sender: Any, instance: Any, created: bool, raw: bool, using: str, **more: Any) -> None:
    if not raw:  # a fixture is no news
        _announce(instance, "c" if created else "u", using, more.get("update_fields"))


def _deleting(sender: Any, instance: Any, using: str, origin: Any = None, **_: Any) -> None:
    if speaks_of_deletion(sender, origin, Announced):
        _announce(instance, "d", using)


def _related(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: Any, using: str, **more: Any
) -> None:
    """A relation was changed from this side or the other; a ``clear`` tells before it happens."""
    if action not in ("post_add", "post_remove", "pre_clear") or pk_set == set():
        return
    if not reverse:
        _announce(instance, "u", using)
        return
    concerned = more["model"]._base_manager.using(using)
    if pk_set is not None:
        concerned = concerned.filter(pk__in=pk_set)
    else:
        relations = more["model"]._meta.many_to_many
        [field] = [each for each in relations if each.remote_field.through is sender]
        links = sender._base_manager.using(using).filter(
            **{field.m2m_reverse_field_name(): instance}
        )
        concerned = concerned.filter(pk__in=links.values(field.m2m_field_name()))
    for each in concerned.order_by("pk"):
        _announce(each, "u", using)


def _announce(instance: Any, op: str, using: str, fields: Any = None) -> None:
    if not isinstance(instance, Announced) or isinstance(instance, _paused.get()):
        return
    if not instance.should_announce(op):
        return
    model: Any = instance
    meta = root_of(type(instance), Announced)._meta
    data: dict[str, Any] = {"op": op, "entity": meta.db_table, "key": {meta.pk.column: model.pk}}
    if fields:
        data["changed"] = sorted(fields)
    data["lang"] = settings.LANGUAGE_CODE
    texts = {}
    for lang in _languages():
        with translation.override(lang):
            said = instance.announcement(op, lang)
            # Texts that are translated when they are read are read here.
            texts[lang] = {name: str(text) for name, text in said.items() if text is not None}
    data |= texts_that_fit(texts)
    outbox.write(using, instance.announced_document(), instance.announced_as, data)


def _languages() -> list[str]:
    """The site's; not the hundred that Django's own default lists."""
    if settings.USE_I18N and settings.LANGUAGES != global_settings.LANGUAGES:
        return [lang for lang, _ in settings.LANGUAGES]
    return [settings.LANGUAGE_CODE]


signals.class_prepared.connect(_prepared, dispatch_uid="presently.announced")

"""The application: its checks, and that connections tell who is acting."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connections
from django.db.backends.signals import connection_created

from presently.django.actors import tell_actors


class PresentlyConfig(AppConfig):
    """``presently`` is its label, so that its migrations are ``manage.py migrate presently``."""

    name = "presently.django"
    label = "presently"
    verbose_name = "Presently"

    def ready(self) -> None:
        """Called by Django once everything is loaded."""
        from presently.django import announced, checks, checks_database  # they know models

        announced.listen_to_relations()

        register(checks.check_settings)
        register(checks.check_databases)
        register(checks.check_pages)
        register(checks.check_models, Tags.models)
        register(checks_database.check_database, Tags.database)
        connection_created.connect(tell_actors, dispatch_uid="presently.actors")
        for connection in connections.all(initialized_only=True):
            tell_actors(connection=connection)

from presently.django.schema import migration

Migration = migration(__name__)

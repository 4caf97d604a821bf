"""A Django project that uses Presently, and its tests, run by Django's own test runner.

``test_django.py`` runs them with each supported Django:
``python -m django test tests.integration.presently_sdk.django_project --pattern '*_tests.py'``.
"""

"""What is Presently's is marked. Addresses and keys are those of a running `presently dev`."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

dev = json.loads(Path(os.environ.get("PRESENTLY_DEV", ".presently/dev.json")).read_text())
database = urlsplit(dev["postgres"])

DEBUG = True
SECRET_KEY = "an example's, for this machine alone"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "presently.django",  # Presently
    "talk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "presently.django.middleware.acting",  # Presently: who saves is who is told of
]
PRESENTLY = {  # Presently
    "JWT_KEY": dev["jwt_key"],
    "GATEWAY": dev["gateway"],
    "RIGHTS": lambda user: {"document.*": "edit", "site.*": "read"},
}
ROOT_URLCONF = "talk.urls"
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "dashboard", "login"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": database.hostname,
        "PORT": database.port,
        "USER": database.username,
        "NAME": database.path.lstrip("/"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGES = [("en", "English"), ("it", "Italiano"), ("de", "Deutsch")]
STATIC_URL = "static/"
USE_TZ = True

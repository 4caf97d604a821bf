"""On the server of ``DJANGO_DATABASE_URL``; ``other`` is a database without triggers of ours."""

import os
from urllib.parse import urlsplit

_SERVER = urlsplit(os.environ["DJANGO_DATABASE_URL"])
_HERE = __name__.rpartition(".")[0]

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "presently.django",
    f"{_HERE}.shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "presently.django.middleware.acting",
    "django.middleware.common.CommonMiddleware",  # one of Django's own behind ours
]
ROOT_URLCONF = f"{_HERE}.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _SERVER.hostname,
        "PORT": _SERVER.port,
        "USER": _SERVER.username,
        "PASSWORD": _SERVER.password or "",
        "NAME": _SERVER.path.lstrip("/"),
    },
    "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SILENCED_SYSTEM_CHECKS = ["presently.W001"]
STATIC_URL = "static/"
USE_I18N = True
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("it", "Italiano")]

PRESENTLY = {
    "JWT_KEY": "k" * 32,
    "RIGHTS": f"{_HERE}.shop.rights.of",
    "GATEWAY": "wss://live.example.com/",
    "URL": "memory://",
    "SOURCE": "/shop",
}

"""``path("presently/", include("presently.django.urls"))``."""

from django.urls import path

from presently.django.views import token

app_name = "presently"
urlpatterns = [path("token", token, name="token")]

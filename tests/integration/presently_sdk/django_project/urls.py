from django.urls import include, path

from tests.integration.presently_sdk.django_project.shop import views

urlpatterns = [
    path("presently/", include("presently.django.urls")),
    path("rename/<int:pk>", views.rename),
    path("rename-async/<int:pk>", views.rename_async),
    path("look/<int:pk>", views.look),
]

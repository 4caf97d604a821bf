"""A dashboard, a page and a form for each document, and who is signed in."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import DetailView, ListView, UpdateView

from .models import Document


class Dashboard(LoginRequiredMixin, ListView):
    model = Document
    ordering = "pk"
    template_name = "talk/dashboard.html"


class Page(LoginRequiredMixin, DetailView):
    model = Document
    template_name = "talk/document.html"


class Form(LoginRequiredMixin, UpdateView):
    model = Document
    fields = ["title", "body"]
    template_name = "talk/form.html"


urlpatterns = [
    path("", Dashboard.as_view(), name="dashboard"),
    path("documents/<int:pk>/", Page.as_view(), name="document"),
    path("documents/<int:pk>/edit/", Form.as_view(), name="form"),
    path("login/", LoginView.as_view(template_name="talk/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("presently/", include("presently.django.urls")),  # Presently
]

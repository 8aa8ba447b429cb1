"""Who is where, what needs talking about: class and assignment dashboards."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

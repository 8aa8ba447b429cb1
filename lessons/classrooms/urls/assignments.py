"""Giving out work: choose, terms, plan, extensions, release."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

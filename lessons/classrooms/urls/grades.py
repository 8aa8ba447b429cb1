"""Gradebook, exports, and everything of one student."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

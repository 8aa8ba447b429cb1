"""The marking queue, regrade requests, re-keying, and the log of grade changes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

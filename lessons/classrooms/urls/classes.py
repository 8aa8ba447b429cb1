"""Classes: list, create, settings, join codes, members, groups, roster, invitations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""What a student sees of classes: joining, work to do, notices, calendar."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

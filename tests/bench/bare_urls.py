"""A signed-in page of a given size, and one that durably inserts a row of the reader's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lessons.core.models import MistakeReport


def sized(body: bytes) -> HttpResponse:
    return HttpResponse(body, headers={"Content-Length": str(len(body))})


def page(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    return sized(b"x" * settings.BARE_BYTES)


def insert(request: HttpRequest) -> HttpResponse:
    MistakeReport.objects.create(
        subject="page", address="/", body="bench", reporter_id=request.user.pk
    )
    return sized(b"ok")


def up(request: HttpRequest) -> HttpResponse:
    return sized(b"ok")


urlpatterns = [path("up/", up), path("page/", page), path("insert/", insert)]

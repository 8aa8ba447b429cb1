from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from . import views

app_name = "guided"

LESSON: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("", views.lesson_detail, "lesson"),
    ("<slug:step>/", views.step_detail, "step"),
    ("<slug:step>/finish/", views.step_finish, "step-finish"),
    ("<slug:step>/presence/", views.step_presence, "step-presence"),
    ("<slug:step>/again/", views.quiz_start, "step-again"),
    ("<slug:step>/start/", views.quiz_start, "step-start"),
    ("<slug:step>/review/", views.quiz_review, "step-review"),
    ("<slug:step>/submit/", views.quiz_submit, "step-submit"),
    ("<slug:step>/questions/<int:position>/", views.question_check, "step-question"),
    ("<slug:step>/questions/<int:position>/draft/", views.question_draft, "step-draft"),
    ("<slug:step>/questions/<int:position>/assess/", views.question_assess, "step-assess"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("modules/", views.module_list, name="module-list"),
    path("modules/<slug:module>/", views.module_detail, name="module"),
    path("me/", views.me, name="me"),
    path("me/data/", views.my_data, name="my-data"),
    path("me/data/export/", views.my_export, name="my-export"),
    path("me/guest-work/", views.guest_work, name="guest-work"),
    *(path(f"lessons/<slug:lesson>/{route}", view, name=name) for route, view, name in LESSON),
    *(
        path(f"work/<slug:delivery>/lessons/<slug:lesson>/{route}", view, name=name)
        for route, view, name in LESSON
    ),
]

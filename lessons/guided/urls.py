from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from .views import erasing, findings, handouts, me, modules, steps, teachers

app_name = "guided"

LESSON: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("", steps.lesson_detail, "lesson"),
    ("print/", handouts.handout, "handout"),
    ("findings/", findings.findings, "findings"),
    ("<slug:step>/", steps.step_detail, "step"),
    ("<slug:step>/finish/", steps.step_finish, "step-finish"),
    ("<slug:step>/presence/", steps.step_presence, "step-presence"),
    ("<slug:step>/again/", steps.quiz_start, "step-again"),
    ("<slug:step>/start/", steps.quiz_start, "step-start"),
    ("<slug:step>/review/", steps.quiz_review, "step-review"),
    ("<slug:step>/submit/", steps.quiz_submit, "step-submit"),
    ("<slug:step>/questions/<int:position>/", steps.question_check, "step-question"),
    ("<slug:step>/questions/<int:position>/draft/", steps.question_draft, "step-draft"),
    ("<slug:step>/questions/<int:position>/assess/", steps.question_assess, "step-assess"),
]

urlpatterns = [
    path("", modules.home, name="home"),
    path("modules/", modules.module_list, name="module-list"),
    path("modules/<slug:module>/", modules.module_detail, name="module"),
    path("modules/<slug:module>/teachers/", teachers.teacher_page_list, name="teacher-page-list"),
    path("modules/<slug:module>/teachers/<slug:page>/", teachers.teacher_page, name="teacher-page"),
    path("me/", me.me, name="me"),
    path("me/data/", me.my_data, name="my-data"),
    path("me/data/export/", me.my_export, name="my-export"),
    path("me/data/read/", me.my_copy, name="my-copy"),
    path("editors/people/<int:pk>/erase/", erasing.person_erase, name="person-erase"),
    path("me/guest-work/", me.guest_work, name="guest-work"),
    *(path(f"lessons/<slug:lesson>/{route}", view, name=name) for route, view, name in LESSON),
    *(
        path(f"work/<slug:delivery>/lessons/<slug:lesson>/{route}", view, name=name)
        for route, view, name in LESSON
    ),
]

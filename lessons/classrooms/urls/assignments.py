"""Giving out work: choose, terms, plan, extensions, release."""

from django.urls import URLPattern, path

from lessons.classrooms.views import assignments as views

ONE = "classes/<int:classroom>/assignments/<int:assignment>"

urlpatterns: list[URLPattern] = [
    path("classes/<int:classroom>/assignments/", views.assignment_list, name="assignment-list"),
    path("classes/<int:classroom>/assignments/new/", views.assignment_new, name="assignment-new"),
    path(f"{ONE}/edit/", views.assignment_edit, name="assignment-edit"),
    path(f"{ONE}/move/", views.assignment_move, name="assignment-move"),
    path(f"{ONE}/withdraw/", views.assignment_withdraw, name="assignment-withdraw"),
    path(f"{ONE}/plan/", views.assignment_plan, name="assignment-plan"),
    path(f"{ONE}/copy/", views.assignment_copy, name="assignment-copy"),
    path(f"{ONE}/extensions/", views.assignment_extensions, name="assignment-extensions"),
    path(
        f"{ONE}/extensions/<int:membership>/",
        views.assignment_extension,
        name="assignment-extension",
    ),
    path(
        f"{ONE}/extensions/<int:membership>/remove/",
        views.assignment_extension_remove,
        name="assignment-extension-remove",
    ),
    path(f"{ONE}/release/", views.assignment_release, name="assignment-release"),
]

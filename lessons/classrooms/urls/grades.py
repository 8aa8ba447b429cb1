"""Gradebook, exports, and everything of one student."""

from django.urls import URLPattern, path

from lessons.classrooms.views import grades, student_pages

BOOK = "classes/<int:classroom>/gradebook/"
CELL = f"{BOOK}<int:assignment>/<int:membership>/"
STUDENT = "classes/<int:classroom>/students/<int:membership>/"

urlpatterns: list[URLPattern] = [
    path(BOOK, grades.gradebook, name="gradebook"),
    path(f"{BOOK}weights/", grades.gradebook_weights, name="gradebook-weights"),
    path(f"{BOOK}csv/", grades.gradebook_csv, name="gradebook-csv"),
    path(f"{BOOK}xlsx/", grades.gradebook_xlsx, name="gradebook-xlsx"),
    path(f"{BOOK}<int:assignment>/answers/", grades.answers_csv, name="answers-csv"),
    path(CELL, grades.grade, name="grade"),
    path(f"{CELL}override/", grades.grade_override, name="grade-override"),
    path(f"{CELL}take-back/", grades.grade_take_back, name="grade-take-back"),
    path(f"{CELL}excuse/", grades.grade_excuse, name="grade-excuse"),
    path(STUDENT, student_pages.student, name="student"),
    path(f"{STUDENT}as/<int:assignment>/", student_pages.student_as, name="student-as"),
    path(
        f"{STUDENT}as/<int:assignment>/lessons/<slug:lesson>/<slug:step>/",
        student_pages.student_as_step,
        name="student-as-step",
    ),
]

"""Who is where, what needs talking about: class and assignment dashboards."""

from django.urls import URLPattern, path

from lessons.classrooms.views import dashboards as views
from lessons.classrooms.views import exercises

CLASS = "classes/<int:classroom>/"
GIVEN = f"{CLASS}assignments/<int:assignment>/"

urlpatterns: list[URLPattern] = [
    path(CLASS, views.class_overview, name="class-overview"),
    path(f"{CLASS}overview.csv", views.overview_export, name="overview-export"),
    path(f"{CLASS}names/", views.names_toggle, name="names-toggle"),
    path(GIVEN, views.assignment_dashboard, name="assignment-dashboard"),
    path(f"{GIVEN}questions/", views.assignment_questions, name="assignment-questions"),
    path(f"{GIVEN}text/", views.assignment_text, name="assignment-text"),
    path(f"{GIVEN}items/", views.assignment_items, name="assignment-items"),
    path(f"{GIVEN}times/", views.assignment_times, name="assignment-times"),
    path(f"{GIVEN}exercises/", exercises.assignment_exercises, name="assignment-exercises"),
    path(f"{GIVEN}exercises/split/", exercises.assignment_split, name="assignment-split"),
    path(f"{GIVEN}exercises/vote/", exercises.second_vote, name="second-vote"),
    path(f"{GIVEN}<slug:table>.csv", views.table_export, name="table-export"),
]

"""What a student sees of classes: work to do, notices, calendar."""

from django.urls import URLPattern, path

from lessons.classrooms.views import exercises
from lessons.classrooms.views import students as views

urlpatterns: list[URLPattern] = [
    path("work/<slug:delivery>/", views.work, name="work"),
    path("work/<slug:delivery>/answers/", exercises.work_answers, name="work-answers"),
    path("me/notices/read/", views.notices_read, name="notices-read"),
    path("me/calendar/", views.calendar_turn, name="calendar-turn"),
    path("calendar/<str:token>.ics", views.calendar, name="calendar"),
]

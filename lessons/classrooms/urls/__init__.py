"""Addresses of classes, one module for each kind of page."""

from . import assignments, classes, dashboards, grades, marking, students

app_name = "classrooms"

urlpatterns = [
    *students.urlpatterns,
    *classes.urlpatterns,
    *assignments.urlpatterns,
    *dashboards.urlpatterns,
    *marking.urlpatterns,
    *grades.urlpatterns,
]

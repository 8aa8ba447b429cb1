"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("lessons.core.urls")),
    path("", include("lessons.accounts.urls")),
    path("", include("lessons.documents.urls")),
    path("editors/", include("lessons.quizzes.urls")),
    path("", include("lessons.guided.urls")),
    path("", include("lessons.classrooms.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "lessons.core.views.bad_request"
handler403 = "lessons.core.views.forbidden"
handler404 = "lessons.core.views.not_found"
handler500 = "lessons.core.views.server_error"

from django.urls import path

from . import views

app_name = "quizzes"

urlpatterns = [
    path("kinds/", views.kinds, name="kinds"),
    path("kinds/again/", views.kinds_again, name="kinds-again"),
    path("kinds/<int:position>/", views.kinds_question, name="kinds-question"),
    path("kinds/<int:position>/draft/", views.kinds_draft, name="kinds-draft"),
    path("kinds/<int:position>/assess/", views.kinds_assess, name="kinds-assess"),
]

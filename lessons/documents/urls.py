from django.urls import path

from . import views

app_name = "documents"

urlpatterns = [
    path("", views.document_list, name="document-list"),
    path("<slug:slug>/", views.document_detail, name="document"),
]

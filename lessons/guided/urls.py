from django.urls import URLPattern

app_name = "guided"

urlpatterns: list[URLPattern] = []

"""Included at the root: the demo's door stands outside /accounts/."""

from django.urls import path

from . import views

app_name = "accounts"

urlpatterns = [
    path("accounts/sign-up/", views.sign_up, name="sign-up"),
    path("accounts/sign-in/", views.sign_in, name="sign-in"),
    path("accounts/sign-out/", views.sign_out, name="sign-out"),
    path("accounts/password/", views.password_change, name="password-change"),
    path("accounts/profile/", views.profile, name="profile"),
    path("demo/enter/<slug:role>/", views.demo_enter, name="demo-enter"),
]

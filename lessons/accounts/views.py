"""Signing up, in and out, and what a person may change of themselves."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lessons.core.forms import is_local_path, refuse_lone_surrogates, typed_texts

from . import domain, learners
from .forms import PasswordChangeForm, ProfileForm, SignInForm, SignUpForm
from .models import User

form_methods = require_http_methods(["GET", "HEAD", "POST"])
DEMO_DOORS = {"student": "guided:me", "instructor": "guided:me", "editor": "admin:index"}


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@form_methods
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account; a guest's work in this browser is then offered to it."""
    learner = learners.learner_of(request)
    if learner is not None and not learner.is_guest:
        return redirect(next_address(request))
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = domain.register(**form.cleaned_data)
        except domain.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            learners.sign_in(request, user)
            return redirect(_after_sign_in(request))
    return _form_page(request, "accounts/sign_up.html", form)


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@form_methods
def sign_in(request: HttpRequest) -> HttpResponse:
    learner = learners.learner_of(request)
    if request.method != "POST" and learner is not None and not learner.is_guest:
        return redirect(next_address(request))
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        learners.sign_in(request, form.get_user())
        return redirect(_after_sign_in(request))
    return _form_page(request, "accounts/sign_in.html", form)


def signed_out(request: HttpRequest) -> HttpResponse:
    """401 for a form whose reader is signed out by now: its texts, and the way back to its page.

    Called by the middleware. Scripts see the status and sign in beside the form (signin.js).
    """
    refuse_lone_surrogates(request.POST)
    try:
        address = urlsplit(request.headers.get("Referer", "")).path
    except ValueError:  # "http://["
        address = ""
    context = {
        "form": SignInForm(request),
        "typed": typed_texts(request.POST),
        "next": address if is_local_path(address) else "",
    }
    response = render(request, "accounts/signed_out.html", context, status=401)
    response["WWW-Authenticate"] = "Session"  # which no browser has a dialog of its own for
    response["Cache-Control"] = "no-store, private"
    return response


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """429 for a name locked at this address; django-axes calls it in place of the answer."""
    from .backends import axes_username

    wait = domain.lock_ends_in(
        username=axes_username(request, credentials),
        address=request.axes_ip_address,  # type: ignore[attr-defined]
    )
    seconds = int(wait.total_seconds()) + 1
    context = {
        "minutes": -(-seconds // 60),
        "until": timezone.now() + wait,
        "next": next_address(request, default=""),
    }
    response = render(request, "accounts/locked_out.html", context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store, private"
    return response


@login_not_required
@never_cache
@form_methods
def sign_out(request: HttpRequest) -> HttpResponse:
    """Only a POST signs out; a guest, whose work nobody could open again, is asked first."""
    learner = learners.learner_of(request)
    if request.method != "POST":
        return render(request, "accounts/sign_out.html", {"learner": learner})
    if learner is not None and learner.is_guest and request.POST.get("sure") != "yes":
        return redirect("accounts:sign-out")
    logout(request)  # the session goes, and with it what it knew of a guest
    # The tag tells the page's script to drop the drafts kept in this browser. A mere address
    # could be linked to from anywhere; a message of ours cannot.
    messages.success(request, _("You are signed out."), extra_tags="signed-out")
    home = resolve_url(settings.LOGOUT_REDIRECT_URL or "/")
    return redirect(f"{home}?signed-out=1")


@sensitive_post_parameters("old_password", "password")
@form_methods
def password_change(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    if user.is_guest:
        return _account_first(request)
    form = PasswordChangeForm(request.POST if request.method == "POST" else None, user=user)
    was_set_by = user.password_set_by
    if form.is_valid():
        domain.change_password(user=user, password=form.cleaned_data["password"])
        update_session_auth_hash(request, user)
        messages.success(
            request, _("Your password is changed. Everywhere else you are signed out.")
        )
        return redirect(settings.LOGIN_REDIRECT_URL if was_set_by else "accounts:profile")
    return _form_page(request, "accounts/password_change.html", form)


@form_methods
def profile(request: HttpRequest) -> HttpResponse:
    """The name shown and the e-mail; no field of this form, posted or not, grants a role."""
    user = cast("User", request.user)
    if user.is_guest:
        return _account_first(request)
    initial = {"display_name": user.display_name, "email": user.email}
    data = request.POST if request.method == "POST" else None
    form = ProfileForm(data, user=user, initial=initial)
    if form.is_valid():
        try:
            domain.update_profile(user=user, **form.cleaned_data)
        except domain.Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect("accounts:profile")
    return _form_page(request, "accounts/profile.html", form)


@login_not_required
def demo_enter(request: HttpRequest, role: str) -> HttpResponse:
    """One click into the demo. The door is not there outside of it (and a check guards it)."""
    if not settings.DEMO or request.method != "POST" or role not in DEMO_DOORS:
        raise Http404
    user = User.objects.filter(username=f"demo-{role}", is_active=True).first()
    if user is None:
        raise Http404
    learners.sign_in(request, user)
    return redirect(_after_sign_in(request, default=DEMO_DOORS[role]))


def next_address(request: HttpRequest, default: str | None = None) -> str:
    """Where `next` asks to go, where that is on this site; else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if is_local_path(wanted):  # a word without a slash is a view's name to redirect()
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL) if default is None else default


def _after_sign_in(request: HttpRequest, default: str = settings.LOGIN_REDIRECT_URL) -> str:
    address = next_address(request, default=resolve_url(default))
    if learners.guest_to_claim(request) is None:
        return address
    return f"{reverse('guided:guest-work')}?{urlencode({'next': address})}"


def _account_first(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("You are reading as a guest. Make an account to have a profile."))
    return redirect("accounts:sign-up")


def _form_page(request: HttpRequest, template: str, form: Any) -> HttpResponse:
    """The page of a form: 422 where what was posted is not valid."""
    context = {"form": form, "next": next_address(request, default="")}
    return render(request, template, context, status=422 if form.is_bound else 200)

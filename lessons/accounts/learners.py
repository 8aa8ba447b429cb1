"""Who is reading: the request's learner, guests, and the mark that pages carry."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from . import domain
from .backends import BACKEND
from .models import User

GUEST_TO_CLAIM = "guest_to_claim"
View = TypeVar("View", bound=Callable[..., object])


class SignedInRequest(HttpRequest):
    """What a view gets that the middleware opens only to people who are signed in."""

    user: User


def learner_of(request: HttpRequest) -> User | None:
    """The signed-in user, guests included; None for a visitor."""
    return request.user if request.user.is_authenticated else None


def ensure_learner(request: HttpRequest) -> User:
    """The learner whose work is about to be saved; a visitor becomes a guest of this session.

    Call it only on a POST that saves something. It notes the time (`User.last_seen_at`).
    """
    learner = learner_of(request)
    if learner is None:
        learner = domain.make_guest()
        # login() gives the browser a new CSRF secret, which would break every other form already
        # on its screen (each question of a chunk is one) and with it the answers typed there. The
        # old secret is kept: a guest has no password or right that a planted secret could win,
        # and a real sign-in goes through sign_in() below, which rotates.
        secret = request.META.get("CSRF_COOKIE")
        login(request, learner, backend=BACKEND)
        if secret:
            request.META["CSRF_COOKIE"] = secret
    else:
        domain.touch(user=learner)
    return learner


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign `user` in on a session of its own. Work of a guest here is offered, never merged."""
    learner = learner_of(request)
    login(request, user, backend=BACKEND)  # a new session key; empties another person's session
    if learner is not None and learner.is_guest:
        request.session[GUEST_TO_CLAIM] = learner.pk


def guest_to_claim(request: HttpRequest) -> User | None:
    """The guest that worked in this browser until the present user signed in, if any.

    Only this session knows it; `last_seen_at` says when it last saved.
    """
    learner = learner_of(request)
    key = request.session.get(GUEST_TO_CLAIM)
    if key is None or learner is None or learner.is_guest:
        return None
    return User.objects.filter(pk=key, is_guest=True).first()


def forget_guest(request: HttpRequest) -> None:
    """Offer the guest's work no more: it was claimed, or is not this person's."""
    request.session.pop(GUEST_TO_CLAIM, None)


def reader_mark(request: HttpRequest) -> str:
    """What a form carries in its hidden field `reader`: opaque, the same for all pages of a reader.

    Empty for a visitor.
    """
    learner = learner_of(request)
    if learner is None:
        return ""
    return salted_hmac("lessons.accounts.reader", str(learner.pk)).hexdigest()[:16]


def silent_for_nobody(view: View) -> View:
    """For a view whose form tells nothing worth keeping: no word of a session that ended."""
    view.silent_for_nobody = True  # type: ignore[attr-defined]
    return view


def same_reader(request: HttpRequest) -> bool:
    """Whether the form was drawn for whoever posts it; callers answer False with 409.

    A page opened before anything was saved (mark "") also belongs to the guest whom its first
    form made: only this session can hold that guest, since no password opens one. For anybody
    who signed in, a visitor's page is somebody else's. A form without the field is refused.
    """
    posted = request.POST.get("reader")
    if posted is None or not posted.isascii():
        return False
    learner = learner_of(request)
    if posted == "" and learner is not None and learner.is_guest:
        return True
    return constant_time_compare(posted, reader_mark(request))

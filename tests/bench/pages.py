"""Every page that a person sees of a class, from the URLconf and admin's registry, and who asks.

The class is one of those that `manage.py make_load_data` made, in a database of any size.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.db import models
from django.http import HttpResponseBase
from django.urls import reverse

from lessons.accounts.models import User
from lessons.classrooms.domain import classes, groups
from lessons.classrooms.models import Assignment, Membership, RegradeRequest
from lessons.quizzes.models import Response
from tests.attacks.addresses import ROUTES, address, client_of, undone
from tests.classrooms.making import Cast
from tests.quizzes import working

SEARCHED = "?q=load-000040"
NOT_ASKED = {
    "accounts:demo-enter": "signs in as somebody else",
    "classrooms:calendar": "needs a signed address; the work it lists is on work/",
}
"""Addresses that no time is taken of, and why."""


@dataclass(frozen=True)
class Page:
    name: str
    """As in the URLconf: "classes/<classroom>/gradebook/"."""
    who: str
    path: str


def cast_of_a_class() -> Cast:
    """A class that was given the lesson with a written question, and is done with it; the same in
    every database that began with the same data. What the maker leaves out is added."""
    written = Response.objects.filter(
        item__attempt__quiz__key=working.WRITTEN,
        item__mark__by="person",
        item__attempt__delivery__assignment__isnull=False,
    )
    response = written.select_related("item__attempt__learner", "item__question").earliest("pk")
    attempt = response.item.attempt
    assignment = Assignment.objects.select_related("classroom", "delivery", "lesson__module").get(
        delivery=attempt.delivery_id
    )
    classroom = assignment.classroom
    boss = Membership.objects.filter(classroom=classroom, role="instructor").earliest("pk").user
    member = Membership.objects.get(classroom=classroom, user=attempt.learner)
    asked = RegradeRequest.objects.filter(response=response).first()
    return Cast(
        name="load",
        classroom=classroom,
        instructor=boss,
        co_instructor=boss,
        assistant=boss,
        student=attempt.learner,
        group=classroom.groups.filter(name="Red").first()
        or groups.create_group(classroom=classroom, by=boss, name="Red", members=[member]),
        invitation=classes.invite(classroom=classroom, by=boss, role="student", name="Somebody"),
        assignment=assignment,
        response=response,
        regrade=asked
        or RegradeRequest.objects.create(
            assignment=assignment, response=response, reason="Please look."
        ),
    )


def people_of(cast: Cast) -> dict[str, User]:
    root = User.objects.filter(username="load-administrator").first()
    root = root or User.objects.create_superuser("load-administrator")
    return {"student": cast.student, "instructor": cast.instructor, "administrator": root}


def pages_of(
    cast: Cast, people: dict[str, User], ask: Callable[..., HttpResponseBase] = undone
) -> Iterator[Page]:
    """Each address that answers a GET, asked by the first of these people who may; just now `ask`
    (client, "get", path) got it."""
    clients = {who: client_of(user) for who, user in people.items()}
    for name, namespace, path in [*_routes(cast), *_admin()]:
        if namespace in NOT_ASKED:
            continue
        for who, client in clients.items():
            if ask(client, "get", path).status_code == 200:
                yield Page(name, who, path)
                break


def _routes(cast: Cast) -> Iterator[tuple[str, str, str]]:
    for route in ROUTES:
        yield re.sub(r"<\w+:", "<", route.route) or "/", route.name, address(cast, route)


def _admin() -> Iterator[tuple[str, str, str]]:
    yield "admin/", "", reverse("admin:index")
    for model, of in admin.site._registry.items():
        name = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        path = reverse(f"{place}_changelist")
        yield name, "", path
        if of.search_fields:
            yield f"{name} searched", "", f"{path}{SEARCHED}"
        row = _first(model)
        if row is not None:
            yield f"{name}<pk>/change/", "", reverse(f"{place}_change", args=[row.pk])


def _first(model: type[models.Model]) -> models.Model | None:
    return model._base_manager.order_by("pk").first()

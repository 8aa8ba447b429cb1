"""Every address of admin × GET and POST × the cast, with exactly what each is answered.

The addresses are read from the URLconf: a model that is registered without a rule in `roles`, or
a page that nothing is said of here, fails.
"""

from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from lessons.accounts import roles
from lessons.accounts.domain import make_editor, make_instructor
from lessons.accounts.models import User
from lessons.core import changes, content_pages
from lessons.core.admin import ContentAdmin
from lessons.core.models import MistakeReport
from lessons.documents.models import PassageText, PendingImport
from tests.conftest import make_user
from tests.registered import MODELS, Model, label, make_work, patterns, place

pytestmark = pytest.mark.django_db

OUTSIDE = ("visitor", "guest", "student", "instructor", "teacher")
STAFF = ("editor", "administrator", "superuser")
PAGES = ("changelist", "add", "change", "delete", "history", "restore")
NO, STALE, WRONG, MOVED = 403, 409, 422, 302
SIGN_IN = [(302, reverse("admin:login")), (302, reverse(settings.LOGIN_URL))]


@pytest.fixture
def cast(guest: User, student: User, instructor: User) -> dict[str, Client]:
    """A browser of each person's; the learner has work of every kind."""
    make_work(student)
    teacher, editor, administrator = (make_user(name) for name in ("t", "e", "a"))
    make_instructor(user=teacher)
    make_editor(user=editor)
    make_editor(user=administrator, administrator=True)
    root = User.objects.create_superuser("root", password="a long enough pass phrase")
    people = (None, guest, student, instructor, teacher, editor, administrator, root)
    return {who: _client(user) for who, user in zip((*OUTSIDE, *STAFF), people, strict=True)}


def _client(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def answered(client: Client, method: str, address: str, data: Any = None) -> tuple[int, str]:
    """(status, where it leads); what was changed is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(address, data or {})
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", "").partition("?")[0]


def may(who: str, model: Model) -> set[str]:
    """What the rule lets a person do with the rows of a model."""
    rule = roles.rule_of(model)
    assert rule is not None, f"{label(model)}: say in lessons.accounts.roles who may see it"
    if who == "superuser":
        return {"view"} | {action for actions in rule.values() for action in actions}
    group = {"editor": roles.EDITORS, "administrator": roles.ADMINISTRATORS}[who]
    return set(rule.get(group, ()))


def wanted(who: str, model: Model) -> dict[tuple[str, str], int]:
    """(page, method) → status, for somebody who is let into admin at all."""
    actions, of = may(who, model), admin.site._registry[model]
    is_content = isinstance(of, ContentAdmin)
    view, change = "view" in actions, "change" in actions
    add = "add" in actions and model is not PassageText
    delete = "delete" in actions and getattr(of, "deleted_here", True)
    restore = change and getattr(of, "restorable", False)
    # An empty form: of content it lacks its version; a report may be empty; Django draws a
    # person's again.
    changed = STALE if is_content else MOVED if model is MistakeReport else 200
    added = 200 if model is User else WRONG
    return {
        ("changelist", "get"): 200 if view else NO,
        ("changelist", "post"): 200 if view else NO,
        ("add", "get"): 200 if add else NO,
        ("add", "post"): added if add else NO,
        ("change", "get"): 200 if view else NO,
        ("change", "post"): changed if change else NO,
        ("delete", "get"): 200 if delete else NO,
        ("delete", "post"): STALE if delete else NO,
        ("history", "get"): 200 if view else NO,
        ("history", "post"): 200 if view else NO,
        ("restore", "get"): 200 if restore else NO,
        ("restore", "post"): STALE if restore else NO,
    }


def address_of(model: Model, page: str, pk: Any) -> str:
    if page in ("changelist", "add"):
        return reverse(place(model, page))
    last = [changes.to_number(changes.EPOCH.replace(year=2100))] if page == "restore" else []
    return reverse(place(model, page), args=[pk, *last])


def pages_of(model: Model) -> list[str]:
    is_content = isinstance(admin.site._registry[model], ContentAdmin)
    return [page for page in PAGES if page != "restore" or is_content]


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_pages_answer_whom_the_rule_says(model: Model, cast: dict[str, Client]) -> None:
    row = model._base_manager.order_by("pk")[0]
    for who, client in cast.items():
        expected = wanted(who, model) if who in STAFF else {}
        for page in pages_of(model):
            address = address_of(model, page, row.pk)
            for method in ("get", "post"):
                status, where = answered(client, method, address)
                if who in STAFF:
                    assert status == expected[page, method], (who, method, address)
                else:
                    assert (status, where) in SIGN_IN, (who, method, address)


# --- Rows that are not there --------------------------------------------------------------------

NUMBERS = ["0", "999999999", "9" * 19, "9" * 400]
"""None, another kind's, beyond what a column holds, overlong."""
NO_NUMBERS = [
    "-1", "abc", "%00", "1%00", "1_3B", "a/b/c", "_", "%ED%A0%80", "1;drop", "1.0", "٣", "x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_rows_that_are_not_there_are_answered(model: Model, cast: dict[str, Client]) -> None:
    row, root = model._base_manager.order_by("pk")[0], cast["superuser"]
    for page in pages_of(model):
        if page in ("changelist", "add"):
            continue
        there = address_of(model, page, row.pk)
        for pk in [*NUMBERS, *NO_NUMBERS]:
            address = there.replace(f"/{row.pk}/", f"/{pk}/", 1)
            for method in ("get", "post"):
                status, where = answered(root, method, address)
                ok = (400, 403, 404) if pk in NO_NUMBERS else (302, 400, 403, 404)
                assert status in ok, (method, address, status)
                assert status != 302 or where == reverse("admin:index"), (method, address)


# --- Pages that are not of a row ----------------------------------------------------------------

GIFT = "quizzes_question"
IMPORT = "documents_document_import"
OTHERS: dict[str, tuple[str, int, int]] = {
    # name: (what fills its address, what staff are answered to GET, to POST without anything)
    "index": ("", 200, 200),
    "app_list": ("app_label", 200, 200),
    "login": ("", MOVED, 200),
    "logout": ("", 405, MOVED),
    "password_change": ("", 200, 200),
    "password_change_done": ("", 200, 405),
    "jsi18n": ("", 200, 405),
    "autocomplete": ("", NO, 405),  # of nothing
    "view_on_site": ("content_type_id object_id", 404, 404),
    "content-files": ("", 200, 405),
    "content-files-download": ("", 200, 405),
    "auth_user_password_change": ("id", 200, 200),
    IMPORT: ("", 200, WRONG),
    f"{IMPORT}_choose": ("import", 404, 404),  # another's
    f"{IMPORT}_review": ("import", 404, 404),
    f"{IMPORT}_drop": ("import", 404, 404),
    "documents_passagetext_words": ("pk", 200, 200),
    f"{GIFT}_import_gift": ("", 200, 200),
    f"{GIFT}_review_gift": ("", MOVED, MOVED),
    f"{GIFT}_export_gift": ("", MOVED, 200),
    f"{GIFT}_preview_new": ("", WRONG, WRONG),
    f"{GIFT}_preview": ("pk", 200, 200),
}
FOR_SOME = {"auth_user_password_change": ("administrator", "superuser")}
"""Every staff group may open the others."""


def test_every_address_is_asked() -> None:
    of_models = {place(m, page).removeprefix("admin:") for m in MODELS for page in PAGES}
    unnamed = [route for route, pattern in patterns() if pattern.name is None]
    assert {p.name for _route, p in patterns() if p.name} - of_models == set(OTHERS)
    assert sorted(unnamed) == sorted(
        [
            "(?P<url>.*)$",
            *(f"{m._meta.app_label}/{m._meta.model_name}/<path:object_id>/" for m in MODELS),
        ]
    )


@pytest.mark.parametrize("name", OTHERS)
def test_other_pages_answer_staff_alone(
    name: str,
    cast: dict[str, Client],
    student: User,
    instructor: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # All content as files takes seconds to make, and is the same for everybody.
    monkeypatch.setattr(content_pages, "_export", cache(content_pages._export))
    filled, got, posted = OTHERS[name]
    pending = PendingImport(owner=instructor, format="plain")
    pending.text = "Words."
    pending.save()
    values = {
        "app_label": "documents",
        "content_type_id": 1,
        "object_id": 1,
        "id": student.pk if filled == "id" else pending.pk,
        "pk": 1,
    }
    needed = ["id"] if filled == "import" else filled.split()
    address = reverse(f"admin:{name}", args=[values[one] for one in needed])
    for who, client in cast.items():
        for method, expected in (("get", got), ("post", posted)):
            status, where = answered(client, method, address)
            if name == "login" and who in OUTSIDE:
                assert status == 200, who
            elif name == "logout" and who in OUTSIDE:
                assert status == MOVED, who  # back to the sign-in, still signed in
            elif who in OUTSIDE:
                assert (status, where) in SIGN_IN, (who, method)
            else:
                allowed = who in FOR_SOME.get(name, STAFF)
                assert status == (expected if allowed else NO), (who, method)

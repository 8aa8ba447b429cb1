"""Who rises to what in admin, what is only looked at, and nonsense; who may open which page is
asked in test_admin_addresses.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lessons.accounts import roles
from lessons.accounts.domain import make_editor, make_instructor
from lessons.accounts.models import User
from lessons.core.content import content_models
from lessons.core.models import ContentModel, MistakeReport
from tests.conftest import make_user
from tests.registered import make_work

pytestmark = pytest.mark.django_db

MODELS = list(admin.site._registry)
CAST = (
    "visitor",
    "guest",
    "student",
    "instructor",
    "teacher",
    "editor",
    "administrator",
    "superuser",
)
ONLY_LOOKED_AT = [
    model
    for model in MODELS
    if not issubclass(model, ContentModel) and model not in (User, MistakeReport)
]


@pytest.fixture
def cast(guest: User, student: User, instructor: User) -> dict[str, User | None]:
    teacher, editor, administrator = (make_user(name) for name in ("t", "e", "a"))
    make_instructor(user=teacher)
    make_editor(user=editor)
    make_editor(user=administrator, administrator=True)
    root = User.objects.create_superuser("root", password="a long enough pass phrase")
    people = (None, guest, student, instructor, teacher, editor, administrator, root)
    return dict(zip(CAST, people, strict=True))


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=True)
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def opens(response: HttpResponseBase) -> bool:
    """True for a page, False for a refusal; nothing else may come."""
    if response.status_code == 302:
        moved = response.headers["Location"]
        assert moved.startswith((reverse("admin:login"), reverse(settings.LOGIN_URL))), moved
        return False
    assert response.status_code in (200, 403), response.status_code
    return response.status_code == 200


def some_row(model: type[models.Model]) -> models.Model | None:
    return model._base_manager.order_by("pk").first()


@pytest.mark.parametrize("model", ONLY_LOOKED_AT, ids=lambda model: model._meta.label_lower)
def test_what_is_only_looked_at_is_never_written(
    model: type[models.Model], cast: dict[str, User | None], student: User
) -> None:
    """Not by a superuser either: neither by the pages nor by an action."""
    make_work(student)
    of = admin.site._registry[model]
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    client = client_of(cast["superuser"])
    assert of.list_editable == ()
    assert client.get(reverse(f"{place}_add")).status_code == 403
    assert client.post(reverse(f"{place}_add"), {}).status_code == 403
    row = some_row(model)
    assert row is not None
    for page in ("change", "delete"):
        answer = client.post(reverse(f"{place}_{page}", args=[row.pk]), {"post": "yes"})
        assert answer.status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(reverse(f"{place}_changelist"), chosen)
    assert model._base_manager.filter(pk=row.pk).exists()


def test_autocomplete_offers_what_one_may_look_at(cast: dict[str, User | None]) -> None:
    asked = {"app_label": "documents", "model_name": "annotation", "field_name": "person"}
    people = {"app_label": "quizzes", "model_name": "mark", "field_name": "marker"}
    for who, user in cast.items():
        client = client_of(user)
        answer = client.get(reverse("admin:autocomplete"), asked)
        assert opens(answer) == (who in ("editor", "administrator", "superuser")), who
        if who == "editor":
            assert client.get(reverse("admin:autocomplete"), people).status_code == 403


def test_groups_hold_what_the_rules_say_and_nothing_else(db: None) -> None:
    registered = {model._meta.label_lower for model in MODELS}
    for name in roles.GROUPS:
        held = set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))
        wanted = {
            f"{action}_{model._meta.model_name}"
            for model in [
                *content_models(),
                *(m for m in MODELS if not issubclass(m, ContentModel)),
            ]
            for action in (roles.rule_of(model) or {}).get(name, ())
        }
        assert held == wanted
    assert set(roles.RULES) <= registered
    assert not admin.site.is_registered(Group)


def test_rules_are_set_again_by_each_migration(db: None) -> None:
    from django.core.management import call_command

    editors = Group.objects.get(name=roles.EDITORS)
    kept = set(editors.permissions.all())
    admins = Group.objects.get(name=roles.ADMINISTRATORS)
    editors.permissions.set(admins.permissions.filter(content_type__app_label="accounts"))
    call_command("migrate", verbosity=0)
    assert set(editors.permissions.all()) == kept


def test_content_as_files_is_for_whoever_sees_all_content(cast: dict[str, User | None]) -> None:
    """Making the files takes seconds: of those who may, an editor asks for all."""
    for page in ("admin:content-files", "admin:content-files-download"):
        for who, user in cast.items():
            if who not in ("editor", "administrator", "superuser"):
                assert not opens(client_of(user).get(reverse(page))), (page, who)
    assert opens(client_of(cast["editor"]).get(reverse("admin:content-files")))
    for who in ("administrator", "superuser"):
        index = client_of(cast[who]).get(reverse("admin:index"))
        assert index.context["may_see_files"] is True, who


# --- Nonsense ----------------------------------------------------------------------------------

NONSENSE = [
    "?o=\x00",
    "?o=1.2.99999999999999999999",
    "?o=x&o=-",
    "?order_by=x",
    "?q=\x00",
    "?q=%ED%A0%80%00",
    "?q=" + "9" * 400,
    "?q='\"()" + "a " * 50,
    "?e=1",
    "?p=999999999999999999999",
    "?p=-1",
    "?p=x",
    "?all=",
    "?status__exact=%00",
    "?status__exact=nonsense",
    "?id__exact=99999999999999999999999999",
    "?id__exact=x",
    "?pk__in=1,2,x",
    "?id__in=" + ",".join(["99999999999999999999"] * 3),
    "?id__gt=99999999999999999999999999",
    "?password__startswith=a",
    "?_facets=1&status__exact=draft",
    "?_facets=True",
    "?_popup=1",
    "?_popup=1&_to_field=password",
    "?_to_field=\x00",
    "?_to_field=id&_popup=%00",
    "?orphan=%00&orphan=9",
    "?guests=nonsense",
    "?created_at__gte=99999-99-99",
    "?date__year=99999999999999999999",
    "?_changelist_filters=%00",
    "?_changelist_filters=" + "a" * 2000,
]


@pytest.fixture
def root(cast: dict[str, User | None]) -> Client:
    return client_of(cast["superuser"])


def asked(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> int:
    """The status; what was changed is undone, and so is a transaction that broke."""
    with transaction.atomic():
        status: int = getattr(client, method)(path, data or {}).status_code
        transaction.set_rollback(True)
    return status


def addresses() -> Iterator[str]:
    for model in MODELS:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("part", range(4))
def test_nonsense_in_an_address_is_no_error_of_the_server(root: Client, part: int) -> None:
    """Every list meets a fourth of the nonsense, and its neighbours the rest."""
    for n, address in enumerate(addresses()):
        for nonsense in NONSENSE[(n + part) % 4 :: 4][part::4]:
            assert asked(root, "get", address + nonsense) in (200, 302, 400, 403), address


FORMS: list[dict[str, Any]] = [
    {},
    {"action": "delete_selected"},
    {"action": "publish", "_selected_action": "x"},
    {"action": "publish", "_selected_action": "9" * 30, "index": "0"},
    {"action": "delete_selected", "_selected_action": ["9" * 30, "1"], "post": "yes"},
    {"action": "\x00", "_selected_action": "1", "index": "x"},
    {"action": "retire", "_selected_action": "\x00", "select_across": "9" * 30},
    {"key": "\x00", "title": "\x00"},
    {"form-TOTAL_FORMS": "x", "passages-TOTAL_FORMS": "9" * 30},
    {"options-TOTAL_FORMS": "-1", "options-INITIAL_FORMS": "1", "options-0-id": "9" * 30},
    {"order": "9" * 30, "number": "9" * 400, "date": "0000-00-00", "person": "9" * 30},
    {"speaker": "9" * 30, "document": "9" * 30, "text": "9" * 30, "references": "9" * 30},
]


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_nonsense_in_a_form_is_no_error_of_the_server(root: Client, number: int) -> None:
    """Each of it meets a third of the models, and each model a third of it."""
    data = FORMS[number]
    for model, address in list(zip(MODELS, addresses(), strict=True))[number % 3 :: 3]:
        row = some_row(model)
        for page in (address, f"{address}add/", f"{address}{row.pk if row else 1}/change/"):
            status = asked(root, "post", page, data)
            assert status in (200, 302, 400, 403, 404, 409, 422), (page, status)


# --- Nobody rises ------------------------------------------------------------------------------


def person_form(client: Client, user: User) -> dict[str, Any]:
    page = client.get(reverse("admin:accounts_user_change", args=[user.pk]))
    form = page.context["adminform"].form
    values = {name: form.initial.get(name) for name in form.fields if name != "password"}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_an_administrator_gives_groups_and_nothing_beyond_them(
    cast: dict[str, User | None], student: User
) -> None:
    client = client_of(cast["administrator"])
    address = reverse("admin:accounts_user_change", args=[student.pk])
    own = Group.objects.create(name="Everything")
    given = person_form(client, student)
    assert not {"is_superuser", "is_staff", "user_permissions"} & set(given)
    groups = {name: Group.objects.get(name=name).pk for name in roles.GROUPS}
    client.post(address, given | {"is_superuser": "on", "is_staff": "on", "user_permissions": "1"})
    student.refresh_from_db()
    assert (student.is_superuser, student.is_staff) == (False, False)
    assert not student.user_permissions.exists()
    assert client.post(address, given | {"groups": [own.pk]}).status_code in (200, 422)
    assert not student.groups.exists()
    assert client.post(address, given | {"groups": [groups[roles.EDITORS]]}).status_code == 302
    student.refresh_from_db()
    assert (student.is_staff, student.is_superuser) == (True, False)
    assert client.post(address, given | {"groups": []}).status_code == 302
    student.refresh_from_db()
    assert student.is_staff is False


def test_a_group_of_another_making_stays(cast: dict[str, User | None], student: User) -> None:
    own = Group.objects.create(name="Choir")
    student.groups.add(own)
    client = client_of(cast["administrator"])
    address = reverse("admin:accounts_user_change", args=[student.pk])
    given = person_form(client, student) | {"groups": [], "is_instructor": "on"}
    assert client.post(address, given).status_code == 302
    assert set(student.groups.values_list("name", flat=True)) == {"Choir", roles.TEACHERS}


def test_a_superusers_account_is_out_of_reach(cast: dict[str, User | None]) -> None:
    root = cast["superuser"]
    assert root is not None
    client = client_of(cast["administrator"])
    change = reverse("admin:accounts_user_change", args=[root.pk])
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    words = {"password1": "nine green kettles sing", "password2": "nine green kettles sing"}
    assert client.get(change).status_code == 200  # to look at
    assert "adminform" in client.get(change).context
    for address, data in ((change, {"username": "mine"}), (password, words)):
        assert client.post(address, data).status_code == 403
    assert client.get(password).status_code == 403
    before = root.password
    root.refresh_from_db()
    assert (root.username, root.password) == ("root", before)


def test_an_administrator_makes_no_superuser(cast: dict[str, User | None]) -> None:
    client = client_of(cast["administrator"])
    words = dict.fromkeys(("password1", "password2"), "nine green kettles sing")
    more = {"is_superuser": "on", "is_staff": "on", "username": "mr-lee"}
    client.post(reverse("admin:accounts_user_add"), words | more | {"usable_password": "true"})
    made = User.objects.get(username="mr-lee")
    assert (made.is_superuser, made.is_staff) == (False, False)


def test_a_guest_is_given_no_role(cast: dict[str, User | None], guest: User) -> None:
    client = client_of(cast["superuser"])
    address = reverse("admin:accounts_user_change", args=[guest.pk])
    given = person_form(client, guest)
    editors = Group.objects.get(name=roles.EDITORS).pk
    client.post(address, given | {"groups": [editors], "is_staff": "on", "is_instructor": "on"})
    guest.refresh_from_db()
    assert (guest.is_staff, guest.is_instructor, guest.groups.count()) == (False, False, 0)


def test_wrong_passwords_are_shown_without_what_was_sent(cast: dict[str, User | None]) -> None:
    from axes.models import AccessAttempt

    row = AccessAttempt.objects.create(
        username="amara",
        ip_address="10.0.0.1",
        get_data="",
        post_data="password=sesame",
        failures_since_start=3,
        attempt_time=timezone.now(),
    )
    address = reverse("admin:axes_accessattempt_change", args=[row.pk])
    page = client_of(cast["administrator"]).get(address)
    assert page.status_code == 200
    assert "amara" in page.content.decode()
    assert "sesame" not in page.content.decode()
    assert client_of(cast["editor"]).get(address).status_code == 403

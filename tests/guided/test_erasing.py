"""Who is erased is in no table, no session, no log of admin; counts without a name stay."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.domain import end_sessions
from lessons.accounts.models import Session, User
from lessons.core.domain import ready_a_restored_copy
from lessons.guided import erased
from lessons.guided.domain import erase_learner
from lessons.guided.export import everything_about, readable
from lessons.quizzes.models import ItemTally, Response
from tests.conftest import ClientOf, make_user
from tests.planting import MARKER, plant, where_found

pytestmark = pytest.mark.django_db

PLANTED = {
    "accounts_user.username",
    "accounts_user.display_name",
    "accounts_user.email",
    "axes_accessattempt.post_data",
    "axes_accessattempt.user_agent",
    "axes_accessattempt.username",
    "classrooms_calendarfeed.nonce",
    "classrooms_excuse.reason",
    "classrooms_gradeevent.reason",
    "classrooms_gradeoverride.reason",
    "classrooms_invitation.email",
    "classrooms_invitation.name",
    "classrooms_membership.roster_name",
    "classrooms_membership.student_number",
    "classrooms_membershipevent.detail",
    "classrooms_notice.detail",
    "classrooms_regraderequest.reason",
    "classrooms_regraderequest.reply",
    "classrooms_reusablecomment.text",
    "core_mistakereport.address",
    "core_mistakereport.body",
    "django_admin_log.change_message",
    "django_admin_log.object_repr",
    "accounts_session.session_data",
    "quizzes_deliveryexception.reason",
    "quizzes_draft.answer",
    "quizzes_mark.comment",
    "quizzes_mark.reason",
    "quizzes_response.answer",
}
"""Everywhere a learner writes, or others write about one."""


def tallied() -> int:
    return ItemTally.objects.aggregate(n=Sum("count"))["n"] or 0


def test_nothing_of_an_erased_learner_is_in_any_table(
    django_capture_on_commit_callbacks: Any,
) -> None:
    person = plant(MARKER)
    assert where_found(MARKER) == PLANTED
    answers = Response.objects.filter(item__attempt__learner=person, version=1).count()
    before = tallied()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("erase_learner", person.username, yes=True, stdout=StringIO())
    assert where_found(MARKER) == set()
    assert tallied() == before + answers
    assert answers == 1


def test_copy_for_a_learner_holds_what_was_planted_and_reads_as_a_page(
    client_of: ClientOf,
) -> None:
    person = plant(MARKER)
    told = str(everything_about(person))
    words = (
        "shown", "roster again", "answer", "draft", "by hand", "ill", "event", "told", "again",
        "why", "longer", "mistake", "asked",
    )  # fmt: skip
    for word in words:
        assert f"{MARKER} {word} {MARKER}" in told, word
    html = client_of(person).get("/me/data/read/").content.decode()
    for word in words:
        assert f"{MARKER} {word} {MARKER}" in html, word
    assert "<h2>Account</h2>" in html
    assert "{&#x27;" not in html  # no dictionary of Python is shown


def test_readable_copy_says_moments_and_emptiness_in_words() -> None:
    told = readable(
        {"joined": "2026-05-04T17:00:00+00:00", "is_guest": False, "e_mail": "", "log": [{"a": 1}]}
    )
    assert [(part.name, part.value) for part in told] == [
        ("Joined", "Monday, 4 May 2026, 17:00 (UTC)"),
        ("Is guest", "no"),
        ("E mail", "–"),
        ("Log", ""),
    ]
    assert [(part.name, part.parts[0].value) for part in told[3].parts] == [("1.", "1")]


def test_copy_and_its_page_are_for_oneself_alone(
    student_client: Client, visitor_client: Client
) -> None:
    answer = visitor_client.get("/me/data/read/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/accounts/sign-in/?next=/me/data/read/",
    )
    assert "Amara" in student_client.get("/me/data/read/").content.decode()


def test_sessions_end_for_good_and_others_stay(student: User, other_student: User) -> None:
    mine, theirs = Client(), Client()
    for client, user in ((mine, student), (theirs, other_student)):
        client.force_login(user)
    assert end_sessions(user=student) == 1
    assert mine.get("/accounts/profile/").status_code == 302
    assert theirs.get("/accounts/profile/").status_code == 200


def test_ending_sessions_costs_the_same_however_many_others_are_signed_in(
    student: User, other_student: User
) -> None:
    def cost() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            end_sessions(user=student)
        return [query["sql"].split(" WHERE ")[0] for query in queries]

    Client().force_login(student)
    first = cost()
    for _ in range(20):
        Client().force_login(other_student)
    Client().force_login(student)
    assert cost() == first
    assert other_student.sessions.count() == 20


# --- The command --------------------------------------------------------------------------------


def test_command_asks_for_the_name(student: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _words: "somebody else")
    with pytest.raises(CommandError, match=r"Nothing was erased\."):
        call_command("erase_learner", "AMARA", stdout=StringIO())
    assert User.objects.filter(pk=student.pk).exists()
    monkeypatch.setattr("builtins.input", lambda _words: "amara")
    out = StringIO()
    call_command("erase_learner", "Amara", stdout=out)
    assert not User.objects.filter(pk=student.pk).exists()
    assert "Erased.\n" in out.getvalue()


def test_command_keeps_editors_and_only_instructors(editor: User, instructor: User) -> None:
    from tests.classrooms.making import make_class

    make_class(instructor)
    for name, words in (
        ("editor", "an editor's account"),
        ("ms-okafor", "only instructor of History 10b"),
        ("nobody-at-all", "nobody of this name"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("erase_learner", name, yes=True, stdout=StringIO())
    assert User.objects.filter(username__in=("editor", "ms-okafor")).count() == 2


# --- The page -----------------------------------------------------------------------------------


@pytest.fixture
def administrator(db: None) -> User:
    user = make_user("admin", is_staff=True)
    codes = ("delete_user", "view_user", "change_user")
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="accounts", codename__in=codes)
    )
    return user


def test_only_who_may_delete_accounts_reaches_the_page(
    student: User,
    instructor: User,
    other_student: User,
    editor: User,
    administrator: User,
    client_of: ClientOf,
) -> None:
    page = f"/editors/people/{student.pk}/erase/"
    posted = {"username": "amara"}
    for user in (student, instructor, other_student, editor):
        assert client_of(user).get(page).status_code == 404
        assert client_of(user).post(page, posted).status_code == 404
    assert client_of(None).post(page, posted)["Location"].startswith("/accounts/sign-in/")
    assert User.objects.filter(pk=student.pk).exists()
    assert client_of(administrator).get("/editors/people/999999/erase/").status_code == 404
    assert client_of(administrator).get(page).status_code == 200


def test_administrator_erases_by_typing_the_name(
    student: User, administrator: User, client_of: ClientOf
) -> None:
    client, page = client_of(administrator), f"/editors/people/{student.pk}/erase/"
    change = client.get(f"/admin/accounts/user/{student.pk}/change/").content.decode()
    assert f'href="{page}"' in change
    wrong = client.post(page, {"username": "amar"})
    assert wrong.status_code == 422
    assert "Nothing was erased" in wrong.content.decode()
    assert User.objects.filter(pk=student.pk).exists()
    right = client.post(page, {"username": " Amara "})
    assert right["Location"] == "/admin/accounts/user/"
    assert not User.objects.filter(pk=student.pk).exists()


def test_administrator_cannot_erase_an_editor(
    editor: User, administrator: User, client_of: ClientOf
) -> None:
    client, page = client_of(administrator), f"/editors/people/{editor.pk}/erase/"
    assert page not in client.get(f"/admin/accounts/user/{editor.pk}/change/").content.decode()
    assert client.post(page, {"username": "editor"}).status_code == 409
    assert User.objects.filter(pk=editor.pk).exists()


# --- After a backup was put back ----------------------------------------------------------------


def test_copy_put_back_is_cleared_of_whom_was_erased_since(
    student: User, other_student: User, django_capture_on_commit_callbacks: Any
) -> None:
    saved = transaction.savepoint()  # the copy: the state before the erasing
    with django_capture_on_commit_callbacks(execute=True):
        erase_learner(learner=User.objects.get(pk=student.pk))
    assert list(erased.erased()) == [student.pk]
    transaction.savepoint_rollback(saved)
    assert User.objects.filter(pk=student.pk).exists()
    assert ready_a_restored_copy() == ["1 person erased since this copy was made was erased again."]
    assert not User.objects.filter(pk=student.pk).exists()
    assert User.objects.filter(pk=other_student.pk).exists()
    assert ready_a_restored_copy() == []


def test_number_given_anew_to_somebody_else_is_not_the_erased_person(student: User) -> None:
    erased.note_erased(student.pk, moment=student.date_joined)
    assert erased.erase_again() == ""
    assert User.objects.filter(pk=student.pk).exists()


def test_lines_cut_by_a_crash_are_passed_over(student: User, settings: Any) -> None:
    erased.note_erased(student.pk)
    with settings.ERASED_FILE.open("a") as out:
        out.write("12")
    assert list(erased.erased()) == [student.pk]


@pytest.fixture(autouse=True)
def _own_list(settings: Any, tmp_path: Any) -> None:
    settings.ERASED_FILE = tmp_path / "erased.txt"


def test_tick_clears_what_is_kept_for_a_time_only_and_may_run_twice(student: User) -> None:
    from datetime import timedelta

    from axes.models import AccessAttempt
    from django.utils import timezone

    from lessons.accounts.sessions import SessionStore

    now = timezone.now()
    sessions = {}
    for name, ends in (("over", now - timedelta(minutes=1)), ("open", now + timedelta(days=1))):
        session = SessionStore()
        session.save()
        Session.objects.filter(pk=session.session_key).update(expire_date=ends)
        sessions[name] = session.session_key
    for name, at in (("old", now - timedelta(minutes=6)), ("young", now)):
        row = AccessAttempt.objects.create(username=name, failures_since_start=1)
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at)
    for name, days in (("guest-idle", 31), ("guest-back", 29)):
        seen = now - timedelta(days=days)
        User.objects.create(username=name, is_guest=True, last_seen_at=seen)
    for _ in range(2):
        call_command("tick", stdout=StringIO())
        assert list(Session.objects.values_list("pk", flat=True)) == [sessions["open"]]
        assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["young"]
        assert set(User.objects.values_list("username", flat=True)) == {"amara", "guest-back"}

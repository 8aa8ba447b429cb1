"""An editor brings a bank in through a review, and takes one out; others may not."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.gift.pages import SESSION_KEY, numbers_in, ranges_of
from lessons.quizzes.models import Question, Quiz
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db

IMPORT = "/admin/quizzes/question/import-gift/"
REVIEW = "/admin/quizzes/question/import-gift/review/"
EXPORT = "/admin/quizzes/question/export-gift/"
LIST = "/admin/quizzes/question/"
SIGN_IN = ("/accounts/sign-in/", "/admin/login/")
BANK = """$CATEGORY: Talks

// by hand
::One::Who spoke?{=Khrushchev#Yes. ~Hussein#He wrote. ~Nehru#Not there.}

::Two::Which?{=a ~%50%b ~c}

::Three::How much?{#3.1:0.1}

::Four::<script>alert(1)</script>Why? <img src\\=x onerror\\=alert(1)>{}
"""


def look(client: Client, text: str = BANK) -> Any:
    answer = client.post(IMPORT, {"text": text})
    assert (answer.status_code, answer.headers.get("Location")) == (302, REVIEW)
    return client.get(REVIEW)


def take(client: Client, *numbers: int, **more: Any) -> Any:
    digest = client.session[SESSION_KEY]["digest"]
    data = {
        "digest": digest,
        "page": "1",
        "left_out": "",
        "skill": "sourcing",
        "quiz": "",
        "save": "1",
    }
    return client.post(REVIEW, {**data, "take": [str(n) for n in numbers], **more})


def state() -> tuple[int, int, int]:
    return (Question.objects.count(), Question.history.count(), ContentVersion.current())


def test_review_shows_counts_lines_and_reasons_and_saves_nothing(editor_client: Client) -> None:
    before = state()
    answer = look(editor_client)
    assert answer.context["counts"] == {"understood": 1, "attention": 2, "refused": 1}
    page = answer.content.decode()
    for words in (
        "Line 1: category <bdi>Talks</bdi>",
        "Line 3: <bdi>// by hand</bdi>",
        "“b” is worth 50 % in the bank; here a choice is right or wrong.",
        "Numbers within a range (3.1:0.1) are asked by no kind of question here.",
        "1 part that was not understood, and why",
        "Line 8: Numbers within a range (3.1:0.1) are asked by no kind of question here.",
        "Write a hint.",
        "::One::Who spoke?{=Khrushchev#Yes. ~Hussein#He wrote. ~Nehru#Not there.}",
    ):
        assert words in page
    assert state() == before


def test_bank_without_comments_or_faults_says_nothing_of_them(editor_client: Client) -> None:
    page = look(editor_client, "::One::Who spoke?{=a ~b ~c}").content.decode()
    assert "Categories and comments of the bank" not in page
    assert "not understood, and why" not in page


def test_nothing_of_a_banks_script_runs_on_the_page(editor_client: Client) -> None:
    page = look(editor_client).content.decode()
    assert "<script>alert" not in page
    assert "<img src" not in page


def test_chosen_questions_are_saved_and_the_bank_forgotten(editor_client: Client) -> None:
    look(editor_client)
    answer = take(editor_client, 1, 4)
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?status__exact=draft")
    assert list(
        Question.objects.filter(key__in=["one", "two", "four"]).values_list("key", "status")
    ) == [
        ("four", "draft"),
        ("one", "draft"),
    ]
    assert SESSION_KEY not in editor_client.session
    assert editor_client.get(REVIEW)["Location"] == IMPORT


def test_questions_are_put_into_a_quiz(editor_client: Client) -> None:
    quiz = Quiz.objects.get(key="air-route-an-example")
    look(editor_client)
    assert (
        take(editor_client, 1, quiz=quiz.pk)["Location"] == f"/admin/quizzes/quiz/{quiz.pk}/change/"
    )
    assert list(quiz.items.order_by("position").values_list("key", flat=True)) == ["so-that", "one"]


def test_same_bank_again_is_noticed(editor_client: Client) -> None:
    look(editor_client)
    take(editor_client, 1, 2, 4)
    before = state()
    answer = look(editor_client)
    assert answer.context["takeable"] == 0
    assert "Already here as <code>one</code>" in answer.content.decode()
    assert take(editor_client, 1, 2, 4).status_code == 422
    assert state() == before


def test_pressing_save_twice_saves_once(editor_client: Client) -> None:
    look(editor_client)
    held = editor_client.session[SESSION_KEY]
    take(editor_client, 1)
    before = state()
    session = editor_client.session
    session[SESSION_KEY] = held
    session.save()
    assert take(editor_client, 1).status_code == 422
    assert state() == before


def test_nothing_chosen_is_said(editor_client: Client) -> None:
    look(editor_client)
    answer = take(editor_client)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["Choose at least one question."]


def test_another_bank_opened_meanwhile_is_not_saved_unseen(editor_client: Client) -> None:
    look(editor_client)
    before = state()
    answer = take(editor_client, 1, digest="0" * 16)
    assert (answer.status_code, state()) == (422, before)


def test_long_bank_is_reviewed_in_pages_that_keep_what_was_left_out(editor_client: Client) -> None:
    bank = "\n\n".join(f"::N{n}::Number {n}?{{=a ~b ~c}}" for n in range(1, 121))
    answer = look(editor_client, bank)
    assert [item.entry.number for item in answer.context["shown"]] == list(range(1, 51))
    ticked = [n for n in range(1, 51) if n != 7]
    digest = editor_client.session[SESSION_KEY]["digest"]
    data = {"digest": digest, "page": "1", "left_out": "", "skill": "sourcing", "quiz": ""}
    answer = editor_client.post(REVIEW, {**data, "take": ticked, "go": "2"})
    assert (answer.context["page"].number, answer.context["left_out"]) == (2, "7")
    data |= {"page": "2", "left_out": "7"}
    answer = editor_client.post(REVIEW, {**data, "take": range(51, 100), "save": "1"})
    assert answer.status_code == 302
    keys = set(Question.objects.filter(key__startswith="n").values_list("key", flat=True))
    assert keys >= {f"n{n}" for n in range(1, 121) if n not in (7, 100)}
    assert not {"n7", "n100"} & keys


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\0b{T}", "This is not a file of text."),
        (b"\x89PNG\r\n\x1a\n", "This is not a file of text."),
        (b"Caf\xe9{T}", "The file is not in UTF-8."),
        (b"// only a comment", "There is no question in it"),
        (b"", "There is nothing in it."),
    ],
)
def test_file_that_is_no_bank_is_refused_in_words(
    editor_client: Client, data: bytes, words: str
) -> None:
    before = state()
    answer = editor_client.post(IMPORT, {"file": SimpleUploadedFile("bank.txt", data)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (state(), SESSION_KEY in editor_client.session) == (before, False)


def test_file_over_two_megabytes_is_refused_in_words(editor_client: Client) -> None:
    data = SimpleUploadedFile("bank.txt", b"a" * (2 * 1024 * 1024 + 1))
    answer = editor_client.post(IMPORT, {"file": data})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == [
        "The file is too large: a bank may have 2 MB. Cut it into several."
    ]


@pytest.mark.parametrize("ranges", ["x", "1-", "9" * 9, "1-999999", "1,,2"])
def test_forged_numbers_are_refused(editor_client: Client, ranges: str) -> None:
    look(editor_client)
    before = state()
    assert take(editor_client, 1, left_out=ranges).status_code == 400
    assert state() == before


def test_ranges_are_read_as_written() -> None:
    assert numbers_in(ranges_of({1, 2, 3, 7, 9, 10})) == {1, 2, 3, 7, 9, 10}
    assert (ranges_of({1, 2, 3, 7}), ranges_of(set()), numbers_in("")) == ("1-3,7", "", set())


def test_import_is_for_those_who_may_add_questions(
    client_of: ClientOf, instructor: User, student: User, other_student: User
) -> None:
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_question"))
    before = state()
    for address in (IMPORT, REVIEW):
        for person in (None, instructor, student, other_student):
            answer = client_of(person).post(address, {"text": BANK})
            assert (answer.status_code, answer["Location"].split("?")[0] in SIGN_IN) == (302, True)
        assert client_of(viewer).get(address).status_code == 403
        assert client_of(viewer).post(address, {"text": BANK}).status_code == 403
    assert state() == before


def test_export_is_for_those_who_may_see_questions(
    client_of: ClientOf, instructor: User, student: User
) -> None:
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    stranger = User.objects.create_user("stranger", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_question"))
    data = {"ids": str(Question.objects.get(key="air-route-so-that").pk), "name": "air"}
    for person in (None, instructor, student):
        answer = client_of(person).post(EXPORT, data)
        assert (answer.status_code, answer["Location"].split("?")[0] in SIGN_IN) == (302, True)
    assert client_of(stranger).post(EXPORT, data).status_code == 403
    answer = client_of(viewer).post(EXPORT, data)
    assert answer["Content-Disposition"] == 'attachment; filename="air.gift.txt"'
    assert "::air-route-so-that::[markdown]Look at the words" in answer.content.decode()


def test_chosen_questions_are_shown_with_what_gift_cannot_carry(editor_client: Client) -> None:
    rows = Question.objects.filter(kind__in=["single", "ordering"]).order_by("key")
    ids = list(rows.values_list("pk", flat=True))
    answer = editor_client.post(LIST, {"action": "export_gift", "_selected_action": ids})
    shown = answer.context["export"]
    assert [q.kind for q, _reason in shown.left_out] == ["ordering"] * rows.filter(
        kind="ordering"
    ).count()
    assert "GIFT has no questions of the kind “chronological ordering”" in answer.content.decode()
    assert {q.pk for q in shown.written} == set(
        rows.filter(kind="single").values_list("pk", flat=True)
    )


def test_quiz_is_exported_in_its_order(editor_client: Client) -> None:
    quiz = Quiz.objects.get(key="air-route-measuring")
    data = {"action": "export_gift", "_selected_action": [quiz.pk]}
    answer = editor_client.post("/admin/quizzes/quiz/", data)
    order = list(quiz.items.order_by("position").values_list("question__key", flat=True))
    export = answer.context["export"]
    left_out = {q.key for q, _reason in export.left_out}
    assert [q.key for q in export.written] == [key for key in order if key not in left_out]
    assert answer.context["name"] == "air-route-measuring"

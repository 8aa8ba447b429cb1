"""My findings: in the order of what is worth looking at, and never more than may be told."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.guided.access import Grant
from lessons.guided.findings import findings_of
from lessons.guided.models import Lesson
from lessons.guided.outlines import lesson_outline
from lessons.guided.study import Study
from lessons.quizzes import domain
from lessons.quizzes.models import Attempt, Delivery, Question
from tests.conftest import ClientOf
from tests.quizzes.working import (
    GRADED,
    PAIR,
    PRACTICE,
    WRITTEN,
    check,
    item,
    right,
    save,
    start,
    wrong,
)

from .reading import CLOSING, LESSON, PREVIEW, SLUG, STEPS, answer, body, table_counts, text_of
from .test_secrecy import PLANTED, addresses, all_secrets, found_in, secrets_of

pytestmark = pytest.mark.django_db

FINDINGS = f"{LESSON}findings/"
QUERIES = 9 + 1
"""Session, user, version, progress; attempts, items, first answers, their marks, and the keys of
what nobody has marked; and of which quizzes a class withholds the key."""


def study_of(learner: User | None, delivery: Delivery | None = None, slug: str = SLUG) -> Study:
    version = ContentVersion.current()
    outline = lesson_outline(slug, version)
    assert outline is not None
    return Study(delivery or Delivery.objects.self_study(), outline, learner, version)


def groups(learner: User, delivery: Delivery | None = None) -> dict[str, list[str]]:
    found = findings_of(study_of(learner, delivery))
    return {g.name: [f.step_title for f in g.findings] for g in found.groups}


# --- The order ---------------------------------------------------------------------------------


def test_confident_errors_come_first_then_errors_then_half_then_right(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked), confidence="sure")
    pair = start(student, PAIR)
    check(item(pair, 2), wrong(item(pair, 2)), confidence="sure")
    other = item(start(student, "letter-at-first-glance"))
    check(other, wrong(other), confidence="guess")
    record = item(start(student, "letter-another-record"))
    half = right(record)
    half["pairs"][next(iter(half["pairs"]))] = next(
        t["key"]
        for t in record.revision.content["targets"]
        if t["key"] != next(iter(half["pairs"].values()))
    )
    check(record, half)
    check(item(start(student, WRITTEN)), {"text": "Mine."})
    assert list(groups(student).items()) == [
        ("confident", ["A middle position"]),
        ("wrong", ["At first glance"]),
        ("partly", ["Another record"]),
        ("right", ["A letter arrives"]),
        ("written", ["In your own words"]),
    ]


def test_order_goes_by_the_first_answer_and_both_are_shown(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked), confidence="sure")
    check(item(asked.attempt), right(asked), base=1, confidence="think")
    found = findings_of(study_of(student))
    (group,) = found.groups
    assert group.name == "confident"
    (finding,) = group.findings
    assert [(a.label, a.verdict, a.sure) for a in finding.answers] == [
        ("First answer", "wrong", "sure"),
        ("Last answer", "right", "I think so"),
    ]
    assert finding.right == [], "the last answer says it"
    assert finding.explanation
    assert found.answered_count == 1


def test_finding_links_to_the_words_where_they_stand(student: User, student_client: Client) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    attempt = start(student, GRADED)
    domain.submit_attempt(attempt=attempt)
    found = findings_of(study_of(student))
    by_step = {f.step_title: f for g in found.groups for f in g.findings}
    assert by_step["A letter arrives"].sentence_address == f"{LESSON}a-letter-arrives/#p1"
    assert by_step["A letter arrives"].address == f"{LESSON}a-letter-arrives/#q1"
    page = body(student_client.get(FINDINGS))
    links = set(re.findall(r'<p class="about"><a href="([^"#]+)#([^"]+)"', page))
    assert (f"{LESSON}a-letter-arrives/", "p1") in links
    for path, anchor in links:
        assert f'id="{anchor}"' in body(student_client.get(path)), (path, anchor)


def test_words_that_are_on_no_step_are_linked_in_the_document(student: User) -> None:
    lesson = Lesson.objects.get(slug=SLUG)
    step = lesson.steps.get(slug="a-letter-arrives")
    step.passages.clear()
    ContentVersion.bump()
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    ((finding,),) = [g.findings for g in findings_of(study_of(student)).groups]
    assert finding.sentence_address == f"/documents/{lesson.module.document.slug}/#p1"


def test_written_answer_stands_beside_the_rubric(student: User, student_client: Client) -> None:
    asked = item(start(student, WRITTEN))
    check(asked, {"text": "Mine & <b>bold</b>.\nTwo lines."})
    question = Question.objects.get(key="letter-spoke-for-himself")
    page = body(student_client.get(FINDINGS))
    assert "Mine &amp; &lt;b&gt;bold&lt;/b&gt;.<br>Two lines." in page
    assert "Compare it with the rubric" in page
    strong = {
        text: what for text, what in secrets_of(question).items() if what.endswith("strong answer")
    }
    assert found_in(page, strong) == sorted(set(strong.values()))
    levels = {c.key: c.levels.latest("score").key for c in question.criteria.all()}
    domain.assess_own_response(item=item(asked.attempt), levels=levels, by=student)
    page = text_of(body(student_client.get(FINDINGS)))
    for criterion in question.criteria.all():
        best = criterion.levels.latest("score")
        assert f"{criterion.title} {best.title}. {best.description}" in page
    assert "As you judged it yourself." in page
    assert "Compare it with the rubric" not in page


def test_unanswered_questions_are_listed_with_links(student: User, student_client: Client) -> None:
    pair = start(student, PAIR)
    check(item(pair, 1), right(item(pair, 1)))
    page = body(student_client.get(FINDINGS))
    rest = page[page.index('id="unanswered"') :].split("</section>")[0]
    links = re.findall(r'href="([^"]+)"', rest)
    assert f"{LESSON}a-middle-position/#q2" in links
    assert f"{LESSON}a-middle-position/#q1" not in links
    assert f"{LESSON}a-letter-arrives/#q1" in links
    assert CLOSING in links
    assert "Closing quiz · Not begun" in text_of(rest)
    # Of a quiz that is handed in as a whole nothing is read before it is begun.
    assert Question.objects.get(key="letter-who").prompt[:30] not in text_of(page)


def test_graded_quiz_that_is_begun_says_so_and_shows_no_draft(
    student: User, student_client: Client
) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    attempt = start(student, GRADED)
    save(item(attempt, 3), {"text": PLANTED})
    page = text_of(body(student_client.get(FINDINGS)))
    assert "Closing quiz · Begun and not handed in" in page
    assert PLANTED not in page


def test_answer_that_was_checked_is_judged_and_not_a_newer_draft(
    student: User, student_client: Client
) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked, 0))
    save(item(asked.attempt), wrong(asked, 1))
    labels = {o["key"]: o["label"] for o in asked.revision.content["options"]}
    page = text_of(body(student_client.get(FINDINGS)))
    assert labels[wrong(asked, 0)["choice"]] in page
    assert labels[wrong(asked, 1)["choice"]] not in page


# --- Nothing yet -------------------------------------------------------------------------------


def test_visitor_and_who_has_nothing_are_told_so(
    visitor_client: Client, student_client: Client
) -> None:
    page = body(visitor_client.get(FINDINGS))
    assert "Nothing is saved on this device yet." in text_of(page)
    assert f'href="{LESSON}what-is-this/"' in page
    assert f"/accounts/sign-in/?next={FINDINGS.replace('/', '%2F')}" in page
    page = body(student_client.get(FINDINGS))
    assert "You have not answered anything in this lesson yet." in text_of(page)
    assert '<meta name="robots" content="noindex">' in page


def test_lesson_page_and_last_step_lead_there_once_there_is_something(
    student: User, student_client: Client
) -> None:
    link = f'href="{FINDINGS}"'
    assert link not in body(student_client.get(LESSON))
    answer(student_client, student, "a-letter-arrives", "wrong")
    assert link in body(student_client.get(LESSON))
    assert link not in body(student_client.get(CLOSING))
    student_client.post(f"{CLOSING}start/")
    assert link not in body(student_client.get(CLOSING))
    attempt = Attempt.objects.get(quiz__key=GRADED)
    student_client.post(f"{CLOSING}submit/", {"reader": _reader(student_client)})
    attempt.refresh_from_db()
    assert attempt.submitted_at is not None
    assert link in body(student_client.get(CLOSING))
    assert link not in body(student_client.get(f"{LESSON}{STEPS[2]}/"))


def _reader(client: Client) -> str:
    found = re.search(r'name="reader" value="(\w+)"', body(client.get(f"{LESSON}{STEPS[2]}/")))
    assert found is not None
    return found[1]


# --- Secrecy -----------------------------------------------------------------------------------


def test_first_wrong_answer_opens_no_explanation(student: User, student_client: Client) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked))
    page = body(student_client.get(FINDINGS))
    told = found_in(page, secrets_of(Question.objects.get(key="letter-own-behalf")))
    chosen = wrong(asked)["choice"]
    assert told == [f"letter-own-behalf: feedback of {chosen}"]
    assert "Answer once more" in page
    assert "As the record has it" not in page


@pytest.mark.parametrize("release", ["after-due", "by-hand"])
def test_nothing_is_told_before_its_release(
    release: str, student: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_out = Delivery.objects.create(key="class", kind="assigned", release=release)
    lessons = frozenset([Lesson.objects.get(slug=SLUG).pk])
    grant = Grant(given_out, lessons)
    monkeypatch.setattr("lessons.guided.access.givers", [lambda *_: grant])
    for quiz in (PRACTICE, PAIR, WRITTEN):
        attempt = start(student, quiz, delivery=given_out)
        for row in attempt.items.all():
            asked = item(attempt, row.position)
            check(asked, right(asked), confidence="sure")
    graded = start(student, GRADED, delivery=given_out)
    domain.submit_attempt(attempt=graded)
    page = body(client_of(student).get(f"/work/class/lessons/{SLUG}/findings/"))
    assert found_in(page, all_secrets()) == []
    assert set(groups(student, given_out)) == {"waiting"}
    sheet = page.split("</main>")[0]
    assert 'class="verdict"' not in sheet.replace('class="verdict">you said', "")
    for word in ("right in part", "not this one", "As the record has it"):
        assert word not in sheet
    given_out.release, given_out.released_at = "by-hand", timezone.now()
    page = body(client_of(student).get(f"/work/class/lessons/{SLUG}/findings/"))
    assert "letter-own-behalf: explanation" in found_in(page, all_secrets())


def test_key_that_is_withheld_elsewhere_is_withheld_here(
    student: User, student_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    withholds_all = [lambda _learner, quizzes, _delivery: {quiz.pk for quiz in quizzes}]
    monkeypatch.setattr("lessons.quizzes.terms.withholders", withholds_all)
    page = body(student_client.get(FINDINGS))
    assert found_in(page, all_secrets()) == []
    assert "Kept, and not explained yet" in page


def test_nobody_elses_answers_are_there(
    student: User,
    other_student: User,
    instructor: User,
    editor: User,
    guest: User,
    client_of: ClientOf,
) -> None:
    check(item(start(student, WRITTEN)), {"text": PLANTED})
    own = item(start(other_student, PRACTICE))
    check(own, right(own))
    assert PLANTED in body(client_of(student).get(FINDINGS))
    for who in (None, other_student, instructor, editor, guest):
        client = client_of(who)
        assert PLANTED not in body(client.get(FINDINGS))
        assert PLANTED not in body(client.get(f"{PREVIEW}findings/"))
    assert FINDINGS in addresses()


def test_preview_and_self_study_are_apart(instructor: User, instructor_client: Client) -> None:
    check(item(start(instructor, WRITTEN)), {"text": PLANTED})
    assert PLANTED in body(instructor_client.get(FINDINGS))
    assert PLANTED not in body(instructor_client.get(f"{PREVIEW}findings/"))


# --- What it costs -----------------------------------------------------------------------------


def test_queries_do_not_grow_with_answers_and_nothing_is_written(
    student: User, student_client: Client
) -> None:
    counts = []
    for _ in range(3):
        Attempt.objects.filter(submitted_at=None).update(submitted_at=timezone.now())
        for quiz in (PRACTICE, PAIR, "letter-at-first-glance"):
            attempt = start(student, quiz)
            for row in attempt.items.all():
                asked = item(attempt, row.position)
                check(asked, wrong(asked))
                check(item(attempt, row.position), right(asked), base=1)
        check(item(start(student, WRITTEN)), {"text": "Words."})
        domain.submit_attempt(attempt=start(student, GRADED))
        student_client.get(FINDINGS)
        before = table_counts()
        with CaptureQueriesContext(connection) as queries:
            assert student_client.get(FINDINGS).status_code == 200
        assert table_counts() == before
        counts.append(len(queries))
    assert counts == [QUERIES] * 3

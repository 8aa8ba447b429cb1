"""What is asked never depends on what is right, and both are addressed by their content."""

import json
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lessons.core.models import ContentVersion, Status
from lessons.quizzes import revisions
from lessons.quizzes.models import (
    AcceptedAnswer,
    EvidenceSpan,
    Level,
    MarkingKey,
    Option,
    Question,
    QuestionRevision,
    Quiz,
)

from .working import PAIR, PRACTICE

pytestmark = pytest.mark.django_db

QUESTIONS = sorted(
    row["fields"]["key"]
    for path in (settings.BASE_DIR / "fixtures" / "quizzes").glob("*.yaml")
    for row in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    if row["model"] == "quizzes.question"
)
"""Every question that ships."""


def question(key: str) -> Question:
    return revisions.questions_with_parts(Question.objects.filter(key=key)).get()


def drawn(key: str) -> str:
    return json.dumps(revisions.face_of(question(key)), ensure_ascii=False)


def quiz(key: str) -> Quiz:
    return Quiz.objects.get(key=key)


def kept(key: str) -> list[QuestionRevision]:
    """As after the next content version, so that nothing remembered is used."""
    ContentVersion.bump()
    return revisions.kept_revisions(quiz(key), ContentVersion.current())


@pytest.mark.parametrize("key", QUESTIONS)
def test_shipped_question_can_be_asked(key: str) -> None:
    assert revisions.problems_of(question(key)) == []


def turn_choices(of: Question) -> None:
    """The right option becomes wrong and the next one right; ranks and matches go round."""
    rows = list(of.options.order_by("order", "key"))
    targets = [row.pk for row in rows if row.role == "target"]
    ranks = [row.rank for row in rows]
    for index, row in enumerate(rows):
        answer = row.answer_id
        if answer is not None:
            answer = targets[(targets.index(answer) + 1) % len(targets)]
        Option.objects.filter(pk=row.pk).update(
            is_key=rows[index - 1].is_key,
            answer=answer,
            rank=ranks[index - 1],
            order=len(rows) - index,
            feedback="Told otherwise",
            misreading="Misread otherwise",
        )


def turn_texts(of: Question) -> None:
    Question.objects.filter(pk=of.pk).update(
        explanation="Explained otherwise", strong_answer="Answered otherwise"
    )


def turn_evidence(of: Question) -> None:
    for span in of.evidence.all():
        EvidenceSpan.objects.filter(pk=span.pk).update(
            start=0, end=10, quote=span.text.text[:10], feedback="Told otherwise"
        )
    AcceptedAnswer.objects.filter(question=of).update(
        answer="something else", match="contains", score="0.25", feedback="Told otherwise"
    )


def turn_rubric(of: Question) -> None:
    of.criteria.update(title="Another criterion", weight=3)
    Level.objects.filter(criterion__question=of).update(
        description="Described otherwise", sample="Written otherwise", title="Another level"
    )


def drop_keys(of: Question) -> None:
    of.evidence.all().delete()
    of.accepted_answers.all().delete()
    of.criteria.all().delete()
    of.options.update(is_key=False, answer=None, rank=None, feedback="")


TURNS = [turn_choices, turn_texts, turn_evidence, turn_rubric, drop_keys]


@pytest.mark.parametrize("key", QUESTIONS)
def test_face_is_the_same_whatever_is_right(key: str) -> None:
    face, key_before = drawn(key), revisions.key_of(question(key))
    changed = []
    for turn in TURNS:
        turn(question(key))
        assert drawn(key) == face, turn.__name__
        changed.append(revisions.key_of(question(key)) != key_before)
    assert changed[1] is True  # the explanation is in every key
    assert any([changed[0], changed[2] != changed[1], changed[-1]])


@pytest.mark.parametrize("key", QUESTIONS)
def test_face_says_nothing_of_the_key_in_words(key: str) -> None:
    """Every text of the key that is no label either is absent from the face."""
    face, of = drawn(key), question(key)
    told = [of.explanation, of.strong_answer]
    told += [text for row in of.options.all() for text in (row.feedback, row.misreading)]
    told += [row.feedback for row in of.evidence.all()]
    told += [row.feedback for row in of.accepted_answers.all()]
    told += [row.feedback for row in (*of.cards.all(), *of.segments.all())]
    for criterion in of.criteria.all():
        told += [
            text for level in criterion.levels.all() for text in (level.description, level.sample)
        ]
    told = [json.dumps(text, ensure_ascii=False)[1:-1] for text in told if text]
    assert len(told) > 1
    assert [text for text in told if text in face] == []
    assert {
        "is_key",
        "answer",
        "rank",
        "right",
        "spans",
        "accepted",
        "criteria",
        "feedback",
    }.isdisjoint(revisions.face_of(of))


@pytest.mark.parametrize("key", QUESTIONS)
def test_face_changes_with_what_is_asked(key: str) -> None:
    before = revisions.content_digest(revisions.face_of(question(key)))
    Question.objects.filter(key=key).update(prompt="Asked otherwise")
    assert revisions.content_digest(revisions.face_of(question(key))) != before


def test_digest_is_of_the_content_alone() -> None:
    one = {"a": [1, "é"], "b": {"c": None}}
    assert revisions.content_digest(one) == (
        # sha256 of {"a":[1,"é"],"b":{"c":null}}
        "01c3d8c167a1d353c21737cbd02a86a36a16c0a567182a322942a347aa3bbac3"
    )
    assert revisions.content_digest({"b": {"c": None}, "a": [1, "é"]}) == revisions.content_digest(
        one
    )
    assert revisions.content_digest({"a": ["é", 1], "b": {"c": None}}) != revisions.content_digest(
        one
    )


def test_kept_revisions_are_made_once(django_assert_num_queries: Any) -> None:
    first = kept(PAIR)
    assert [revision.question.key for revision in first] == [
        "letter-own-judgement",
        "letter-intention",
    ]
    assert [revision.digest for revision in first] == [
        revisions.content_digest(revision.content) for revision in first
    ]
    counts = (QuestionRevision.objects.count(), MarkingKey.objects.count())
    assert kept(PAIR) == first
    assert (QuestionRevision.objects.count(), MarkingKey.objects.count()) == counts
    version = ContentVersion.current()
    again = quiz(PAIR)
    with django_assert_num_queries(0):
        assert revisions.kept_revisions(again, version) == first


def test_reworded_question_is_a_new_revision_and_the_old_one_stays() -> None:
    (before,) = kept(PRACTICE)
    Question.objects.filter(key="letter-own-behalf").update(prompt="Asked otherwise")
    (after,) = kept(PRACTICE)
    assert (after.pk != before.pk, after.content["prompt"]) == (True, "Asked otherwise")
    before.refresh_from_db()
    assert before.content["prompt"].startswith("¶1 reports Hussein")
    assert MarkingKey.objects.get(revision=after).version == 1


def test_question_worded_as_before_is_its_first_revision_again() -> None:
    (before,) = kept(PRACTICE)
    prompt = before.content["prompt"]
    Question.objects.filter(key="letter-own-behalf").update(prompt="Asked otherwise")
    kept(PRACTICE)
    Question.objects.filter(key="letter-own-behalf").update(prompt=prompt)
    assert kept(PRACTICE) == [before]


def test_only_a_new_key_makes_a_new_marking_key() -> None:
    (revision,) = kept(PRACTICE)
    options = Option.objects.filter(question__key="letter-own-behalf")

    def keys() -> list[MarkingKey]:
        return list(MarkingKey.objects.filter(revision=revision).order_by("version"))

    assert [key.version for key in keys()] == [1]
    options.update(misreading="For editors only")
    assert kept(PRACTICE) == [revision]
    assert [key.version for key in keys()] == [1]
    options.update(is_key=False)
    options.filter(key="from-noon").update(is_key=True)
    assert kept(PRACTICE) == [revision]
    assert [(key.version, key.content["right"]) for key in keys()] == [
        (1, ["own-name"]),
        (2, ["from-noon"]),
    ]
    assert [key.digest for key in keys()] == [
        revisions.content_digest(key.content) for key in keys()
    ]
    options.update(is_key=False)
    options.filter(key="own-name").update(is_key=True)
    kept(PRACTICE)
    assert [key.content["right"] for key in keys()] == [["own-name"], ["from-noon"], ["own-name"]]
    assert revisions.latest_marking_keys([revision])[revision.pk] == keys()[2]


def test_only_published_questions_are_asked_and_drafts_in_a_preview() -> None:
    def asked(*, drafts: bool = False) -> list[str]:
        return [q.key for q in revisions.questions_of(quiz(PAIR), drafts=drafts)]

    both = ["letter-own-judgement", "letter-intention"]
    assert (asked(), asked(drafts=True)) == (both, both)
    Question.objects.filter(key="letter-intention").update(status=Status.DRAFT)
    assert (asked(), asked(drafts=True)) == (both[:1], both)
    Question.objects.filter(key="letter-intention").update(status=Status.RETIRED)
    assert (asked(), asked(drafts=True)) == (both[:1], both[:1])


@pytest.mark.parametrize(
    ("key", "expected"),
    [(PRACTICE, 7), ("letter-closing-quiz", 8), ("samples", 17)],  # one for each sort of part
)
def test_questions_are_read_in_the_same_queries_however_many(key: str, expected: int) -> None:
    of = quiz(key)
    with CaptureQueriesContext(connection) as queries:
        for one in revisions.questions_of(of):
            revisions.face_of(one)
            revisions.key_of(one)
    assert len(queries) == expected

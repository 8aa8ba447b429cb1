"""What is right in words, and the order of lines on paper."""

from collections import Counter
from typing import Any

import pytest

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import Question
from lessons.quizzes.revisions import face_of, key_of, questions_with_parts
from lessons.quizzes.solutions import any_one_will_do, paper_seed, right_in_words, solved

from .working import right_answer

pytestmark = pytest.mark.django_db


def questions(*kinds: str) -> list[Question]:
    found = questions_with_parts(Question.objects.filter(kind__in=kinds).order_by("key"))
    assert len(found) > 2
    return list(found)


def test_right_choices_are_told_by_their_words() -> None:
    for question in questions("single", "multiple"):
        right = {option.label for option in question.options.all() if option.is_key}
        told = right_in_words(face_of(question), key_of(question))
        assert set(told) == right
        assert len(told) == len(right)


@pytest.mark.parametrize("kind", ["matching", "ordering"])
def test_right_pairs_and_places_are_those_of_a_right_answer(kind: str) -> None:
    for question in questions(kind):
        face, key = face_of(question), key_of(question)
        words = kind_of(kind).describe(face, right_answer(face, key))
        told = right_in_words(face, key)
        assert sorted(told) == sorted(words.split("; ")) or "; ".join(sorted(told)) == words
        if kind == "ordering":
            assert [line.split(".")[0] for line in told] == [
                str(place) for place in range(1, len(told) + 1)
            ]


def test_right_sentences_are_whole_sentences_of_the_text() -> None:
    for question in questions("evidence"):
        face, key = face_of(question), key_of(question)
        told = right_in_words(face, key)
        assert told
        assert set(told) < {segment["text"] for segment in face["segments"]}
        several = question.evidence.count() > 1
        assert any_one_will_do(face, key) is (several and not question.needs_all_evidence)


def test_written_answers_have_no_right_words() -> None:
    for question in questions("open"):
        assert right_in_words(face_of(question), key_of(question)) == []
        assert solved(face_of(question), key_of(question)).rubric


def test_paper_order_is_fixed_and_tells_no_place(settings: Any) -> None:
    """Right options stand at every place: neither keys nor places have a pattern."""
    settings.SECRET_KEY = "one of many"  # with some, chance alone puts half of them at one place
    places: Counter[int] = Counter()
    for question in questions("single"):
        face, key = face_of(question), key_of(question)
        seed = paper_seed(question.key)
        assert seed == paper_seed(question.key)
        shown = solved(face, key, seed=seed)
        again = solved(face, key, seed=seed)
        assert shown == again
        places[next(c.position for c in shown.choices if c.verdict == "also")] += 1
    total = sum(places.values())
    assert set(places) >= {0, 1, 2, 3}
    assert max(places.values()) < total / 2


def test_paper_seed_differs_by_question() -> None:
    keys = [question.key for question in questions("single")]
    assert len({paper_seed(key) for key in keys}) == len(keys)

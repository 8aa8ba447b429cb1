"""A drawing that readers share is, for each of them, exactly what would be drawn for them alone."""

import re

import pytest

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.drawing import draw_question
from lessons.quizzes.models import Delivery, Quiz
from lessons.quizzes.sittings import ItemView
from lessons.quizzes.views import SAMPLES, KindsPage
from tests.conftest import make_user

from .working import NOW, check, item, right_answer, save, start, wrong_answers
from .working import key_of_item as key_of

pytestmark = pytest.mark.django_db
POSITIONS = range(1, 8)
FORM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def page_of(learner: User) -> KindsPage:
    quiz, delivery = Quiz.objects.get(key=SAMPLES), Delivery.objects.preview()
    return KindsPage(delivery, quiz, learner, f"mark-of-{learner.pk}", ContentVersion.current())


def drawn(learner: User, position: int, *, version: int) -> str:
    page = page_of(learner)
    return FORM_ID.sub("", draw_question(page.item(position), page, "token", version))


def learners_in_every_state(position: int) -> list[User]:
    """Untouched, right, wrong, wrong again, right at last, with and without a confidence, drafts.

    Three of each in different orders of lines, and one in the same order as the first.
    """
    learners = []
    for seed in (7, 8, 9, 7):
        for plan in ([], ["r"], ["w0"], ["w1"], ["w0", "w1"], ["w0", "r"], ["w0", "d"], ["d"]):
            for confidence in ("", "sure"):
                learner = make_user(f"reader-{len(learners)}")
                learners.append(learner)
                attempt = start(learner, SAMPLES, delivery=Delivery.objects.preview(), seed=seed)
                for number, step in enumerate(plan):
                    of = item(attempt, position)
                    face, key = of.revision.content, key_of(of)
                    wrongs = wrong_answers(face, key)
                    which = min(int(step[1:] or 0), len(wrongs) - 1)
                    answer = right_answer(face, key) if step == "r" else wrongs[which]
                    put = save if step == "d" else check
                    if of.closed_at is None:
                        put(of, answer, base=0 if step == "d" else number, confidence=confidence)
    return learners


@pytest.mark.parametrize("position", POSITIONS)
def test_a_shared_drawing_is_what_would_be_drawn_alone(position: int) -> None:
    learners = learners_in_every_state(position)
    version = ContentVersion.current()
    shared = [drawn(learner, position, version=version) for learner in learners]
    again = [drawn(learner, position, version=version) for learner in learners]
    alone = [drawn(learner, position, version=0) for learner in learners]
    assert shared == alone
    assert again == alone


@pytest.mark.parametrize(("position", "is_shared"), [(1, True), (2, True), (6, False), (7, False)])
def test_answers_made_of_choices_are_drawn_once_and_written_ones_for_each(
    student: User, position: int, is_shared: bool
) -> None:
    attempt = start(student, SAMPLES, delivery=Delivery.objects.preview())
    of = item(attempt, position)
    check(of, wrong_answers(of.revision.content, key_of(of))[0], moment=NOW)
    view: ItemView = page_of(student).item(position)
    assert (view.shared_state is not None) == is_shared


def test_what_one_reader_wrote_is_kept_for_nobody(student: User, other_student: User) -> None:
    for learner, words in ((student, "My grandmother's own words"), (other_student, "Mine")):
        attempt = start(learner, SAMPLES, delivery=Delivery.objects.preview())
        check(item(attempt, 7), {"text": words})
    version = ContentVersion.current()
    assert "grandmother" in drawn(student, 7, version=version)
    assert "grandmother" not in drawn(other_student, 7, version=version)

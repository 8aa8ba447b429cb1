"""What one learner has answered so far in several quizzes, and what they may be told of it.

Read in a constant number of queries, however many answers there are. What may be told is each
`ItemView`'s to say, as on the page of the quiz itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.utils import timezone

from .kinds.base import ONE, ZERO, Answer
from .models import Attempt, AttemptItem, Delivery, Mark, Quiz, Response
from .models.deliveries import Release
from .sittings import ItemView, Sitting, add_content, add_keys_of_unmarked, sitting_of, words_of
from .terms import last_due_of, withheld_among

if TYPE_CHECKING:
    from lessons.accounts.models import User


@dataclass(frozen=True)
class Given:
    """One answer as it was checked or handed in."""

    response: int
    """The primary key of the response: two answers are one where it is the same."""
    answer: Answer
    words: str
    """The whole of it in words; empty where it was left blank."""
    confidence: str
    when: datetime
    verdict: str
    """"right", "partly" or "wrong"; empty where that may not be told or nobody has marked it."""


@dataclass(frozen=True)
class QuestionHistory:
    """A question that has an answer. `view` is its latest attempt that has one."""

    view: ItemView
    first: Given
    """The first answer ever."""
    opening: Given
    """The first answer of the latest attempt."""
    last: Given

    @property
    def answers(self) -> list[Given]:
        """First, opening and last, each once."""
        return list({given.response: given for given in self._three}.values())

    @property
    def _three(self) -> tuple[Given, Given, Given]:
        return self.first, self.opening, self.last


@dataclass
class QuizHistory:
    """A quiz that was begun. `sitting` is its latest attempt, whose questions count."""

    sitting: Sitting
    answered: list[QuestionHistory] = field(default_factory=list)
    unanswered: list[ItemView] = field(default_factory=list)


def load_histories(
    *,
    quizzes: Sequence[Quiz],
    delivery: Delivery,
    learner: "User",
    version: int,
    last_due: Callable[[Delivery], datetime | None] = last_due_of,
    moment: datetime | None = None,
) -> dict[int, QuizHistory]:
    """What the learner did with each quiz in a delivery, by quiz id; nothing for those not begun.

    An attempt that was declared void is left out. At most 7 queries, and what rules of other
    apps ask.
    """
    moment = moment or timezone.now()
    due = last_due(delivery) if delivery.release == Release.AFTER_DUE else None
    items = _items(quizzes, delivery, learner)
    add_content(items, version)
    by_attempt: dict[tuple[int, int], list[AttemptItem]] = defaultdict(list)
    for item in items:
        by_attempt[item.attempt.quiz_id, item.attempt.number].append(item)
    by_quiz: dict[int, list[Sitting]] = defaultdict(list)
    answered = {item.attempt.quiz_id for item in items if item.response_id}
    withheld = withheld_among(learner, [q for q in quizzes if q.pk in answered], delivery)
    for quiz in quizzes:
        own = [rows for (pk, _number), rows in by_attempt.items() if pk == quiz.pk]
        by_quiz[quiz.pk] = [
            sitting_of(
                *(rows, quiz, delivery, learner),
                last_due=due,
                moment=moment,
                withheld=quiz.pk in withheld,
            )
            for rows in own
        ]
    found = [tries for tries in by_quiz.values() if tries]
    firsts = _first_responses(found)
    histories = {tries[-1].quiz.pk: _history(tries, firsts) for tries in found}
    add_keys_of_unmarked([row.view for history in histories.values() for row in history.answered])
    return histories


def _items(quizzes: Sequence[Quiz], delivery: Delivery, learner: "User") -> list[AttemptItem]:
    """All items of the learner's attempts, by attempt and position (2 queries)."""
    attempts = Attempt.objects.filter(
        delivery=delivery, quiz__in=[quiz.pk for quiz in quizzes], learner=learner, voided_at=None
    ).in_bulk()
    items = AttemptItem.objects.filter(attempt__in=list(attempts)).select_related(
        "response", "mark", "draft"
    )
    for item in items:
        item.attempt = attempts[item.attempt_id]
    return sorted(items, key=lambda item: (item.attempt.number, item.position))


def _views(tries: Iterable[Sitting]) -> dict[int, list[ItemView]]:
    """Question id → its items that have an answer, the oldest attempt first."""
    views: dict[int, list[ItemView]] = defaultdict(list)
    for sitting in tries:
        for view in sitting.items:
            if view.item is not None and view.answered:
                views[view.item.question_id].append(view)
    return views


def _first_responses(found: Iterable[list[Sitting]]) -> dict[int, Response]:
    """Item id → its first response with its marks, of items that have several (2 queries)."""
    wanted = [
        view.item.pk
        for tries in found
        for views in _views(tries).values()
        for view in {id(view): view for view in (views[0], views[-1])}.values()
        if view.item is not None and view.tries > 1
    ]
    if not wanted:
        return {}
    marks = Prefetch("marks", Mark.objects.order_by("pk"))
    responses = Response.objects.filter(item__in=wanted, version=1).prefetch_related(marks)
    return {response.item_id: response for response in responses}


def _history(tries: list[Sitting], firsts: dict[int, Response]) -> QuizHistory:
    history = QuizHistory(tries[-1])
    views = _views(tries)
    for latest in tries[-1].items:
        own = views.get(latest.item.question_id, []) if latest.item else []
        if not own:
            history.unanswered.append(latest)
            continue
        view = own[-1]
        history.answered.append(
            QuestionHistory(
                view,
                first=_opening(own[0], firsts),
                opening=_opening(view, firsts),
                last=_last(view),
            )
        )
    return history


def _last(view: ItemView) -> Given:
    response = view.item.response if view.item else None
    assert response is not None  # noqa: S101  # only items that have an answer come here
    return _given(view, response, view.verdict)


def _opening(view: ItemView, firsts: dict[int, Response]) -> Given:
    first = firsts.get(view.item.pk) if view.item else None
    if first is None:
        return _last(view)
    marks = list(first.marks.all())
    if not (view.released and marks):
        return _given(view, first, "")
    score = marks[-1].score
    return _given(view, first, "right" if score == ONE else "partly" if score > ZERO else "wrong")


def _given(view: ItemView, response: Response, verdict: str) -> Given:
    return Given(
        response=response.pk,
        answer=response.answer,
        words=words_of(view.face, response.answer),
        confidence=response.confidence,
        when=response.created_at,
        verdict=verdict,
    )

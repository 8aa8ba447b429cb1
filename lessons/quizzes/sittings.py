"""What one learner sees of one quiz in one delivery: the only reader of learners' work for pages.

A sitting is built in two queries. The key of an item is read only from the mark of its own
response, so that an unanswered item has nothing to leak.
"""

import json
import uuid
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from lessons.core.rendered import rendered

from .domain import Stale, Submission, is_overdue
from .kinds import kind_of
from .kinds.base import Answer, Face, InvalidAnswer, Presentation, Reveal
from .models import (
    Attempt,
    AttemptItem,
    Confidence,
    Delivery,
    Draft,
    Mark,
    MarkingKey,
    Question,
    QuestionRevision,
    Quiz,
)
from .models.deliveries import Release
from .revisions import (
    content_digest,
    face_of,
    latest_marking_keys,
    questions_of,
    remembered,
    selection,
)
from .terms import answers_released, is_withheld, last_due_of

if TYPE_CHECKING:
    from lessons.accounts.models import User

SHORT_DIGEST = 16
"""Hexadecimal digits of a revision's digest that a form carries: enough to notice a change."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question of a quiz as it stands now, before anybody starts an attempt."""

    position: int
    face: Face
    digest: str


@dataclass
class ItemView:
    """One question on a page, with whatever its reader has put down."""

    position: int
    face: Face
    digest: str
    seed: int
    item: AttemptItem | None = None
    released: bool = True
    """Whether the delivery lets what is right be seen once the item is closed."""
    typed: Answer | None = None
    """What was just sent and refused, to be drawn again."""
    error: str = ""
    """Why the last submission was refused."""
    sent: str = ""
    """The text of a refused submission, to be shown beside what is stored."""
    shut: bool = False
    """Whether the delivery takes no answers any more."""
    _marking_key: dict[str, Any] | None = None

    @property
    def draft(self) -> Draft | None:
        """What is put down but not checked; a closed item has none."""
        if self.item is None or self.closed:
            return None
        draft: Draft | None = getattr(self.item, "draft", None)
        return draft

    @property
    def prefix(self) -> str:
        return f"q{self.position}"

    @property
    def kind(self) -> str:
        return str(self.face["kind"])

    @property
    def is_written(self) -> bool:
        """Whether a person reads it."""
        return not kind_of(self.kind).marked_by_machine

    @property
    def is_scored(self) -> bool:
        """Whether anybody judges it; else it is kept, and called neither right nor wrong."""
        return self.kind not in Question.UNSCORED

    @property
    def template(self) -> str:
        return f"quizzes/kinds/{self.kind}.jinja"

    @property
    def about(self) -> dict[str, str] | None:
        """The sentence it repeats; a question that shows its text in parts repeats nothing."""
        return None if self.kind in Question.WHOLE_TEXT else self.face["about"]

    @property
    def revision(self) -> str:
        return self.digest[:SHORT_DIGEST]

    @property
    def client_uuid(self) -> uuid.UUID:
        """A new one each time a form is drawn; a form sent twice is stored once."""
        return uuid.uuid4()

    @property
    def tries(self) -> int:
        return self.item.response.version if self.item and self.item.response else 0

    @property
    def answered(self) -> bool:
        return self.tries > 0

    @property
    def closed(self) -> bool:
        return self.item is not None and self.item.closed_at is not None

    @property
    def score(self) -> Decimal | None:
        return self.item.score if self.item and self.released else None

    @property
    def points(self) -> Decimal:
        return Decimal(self.face["points"])

    @property
    def earned(self) -> Decimal:
        """Points for its score, unrounded; nothing while it is not marked or not released."""
        return self.points * (self.score or 0)

    @property
    def verdict(self) -> str:
        """How it was judged: "right", "partly" or "wrong"; empty until that may be told."""
        score = self.score
        if score is None or not self.answered or not self.is_scored:
            return ""
        return "right" if score == 1 else "partly" if score > 0 else "wrong"

    @property
    def saves(self) -> int:
        """How often a draft was saved, as this page knows it."""
        return self.draft.version if self.draft else 0

    @property
    def confidence(self) -> str:
        if self.draft and not self.closed:
            return self.draft.confidence
        return self.item.response.confidence if self.item and self.item.response else ""

    @property
    def answer(self) -> Answer | None:
        if self.typed is not None:
            return self.typed
        if self.draft is not None and not self.closed:
            put_down: Answer = self.draft.answer
            return put_down
        if self.item is not None and self.item.response is not None:
            return self.item.response.answer or None
        return None

    @property
    def description(self) -> str:
        """The answer in words; empty where there is none."""
        if not self.answer or kind_of(self.kind).is_blank(self.answer):
            return ""
        return kind_of(self.kind).describe(self.face, self.answer)

    @property
    def is_blank(self) -> bool:
        return not self.description

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was answered, put down or refused: it shows nothing of its reader."""
        if self.error or self.typed is not None:
            return False
        return self.item is None or (self.item.response_id is None and self.draft is None)

    @property
    def shared_state(self) -> tuple[Hashable, ...] | None:
        """All that its drawing depends on beside what is asked and the order of its lines.

        Readers with equal states see the same, letter by letter. None where it holds a reader's
        own words, a draft or a refusal: that is nobody else's.
        """
        if self.is_untouched:
            return ()
        if self.item is None or self.item.response is None or self.draft is not None:
            return None
        is_own = self.error or self.typed is not None or self.sent
        if is_own or not kind_of(self.kind).has_fixed_choices:
            return None
        response, mark = self.item.response, self.item.mark
        if mark is not None and mark.by == Mark.By.PERSON:
            return None
        return (
            response.version,
            json.dumps(response.answer, sort_keys=True),
            response.confidence,
            self.closed,
            self.released,
            self.item.score,
            mark and mark.marking_key_id,
        )

    @property
    def key(self) -> dict[str, Any] | None:
        """The marking key, only where something of it may be shown to this reader now."""
        if not (self.answered and self.released):
            return None
        if self.item and self.item.mark:
            return dict(self.item.mark.marking_key.content)
        return self._marking_key

    @property
    def reveal(self) -> str:
        if self.key is None or self.typed is not None:
            return Reveal.NOTHING
        return Reveal.ALL if self.closed else Reveal.CHOSEN

    @property
    def explanation(self) -> str:
        return str(self.key["explanation"]) if self.key and self.reveal == Reveal.ALL else ""

    @property
    def own_levels(self) -> dict[str, str]:
        """The rubric levels that the learner chose last for this answer, by criterion key."""
        mark = self.item.mark if self.item else None
        return mark.levels if mark is not None and mark.by == Mark.By.SELF else {}

    @property
    def teachers_mark(self) -> Mark | None:
        """A person's mark, once it may be seen."""
        if not (self.item and self.item.mark and self.answered and self.released):
            return None
        return self.item.mark if self.item.mark.by == Mark.By.PERSON else None

    @property
    def presentation(self) -> Presentation:
        reveal = self.reveal
        return kind_of(self.kind).present(
            self.face,
            seed=self.seed,
            prefix=self.prefix,
            answer=self.answer,
            # What was checked, not a newer draft: a draft must not be judged.
            judged=self.item.response.answer if self.item and self.item.response else None,
            key=self.key if reveal != Reveal.NOTHING else None,
            reveal=reveal,
        )

    def read(self, data: QueryDict, *, partial: bool = False) -> Submission:
        """The submission in a posted form.

        Raises InvalidAnswer for what is no answer, Stale where the question was changed since
        the page was drawn.
        """
        if data.get(f"{self.prefix}-revision") != self.revision:
            raise Stale(_("This question was changed by its editor while you were reading it."))
        seed = _whole_number(data, f"{self.prefix}-seed", default=self.seed, low=-(2**62))
        kind = kind_of(self.kind)
        answer = kind.parse(self.face, data, seed=seed, prefix=self.prefix, partial=partial)
        if not partial and kind.is_blank(answer):
            raise InvalidAnswer(_("Nothing is answered yet."))
        confidence = data.get(f"{self.prefix}-confidence", "")
        if confidence not in {"", *Confidence.values} or not self.face["asks_confidence"]:
            confidence = ""
        return Submission(
            answer=answer,
            client_uuid=_uuid(data, f"{self.prefix}-uuid"),
            base=_whole_number(
                data, f"{self.prefix}-{'saves' if partial else 'tries'}", default=0, low=0
            ),
            confidence=confidence,
        )


@dataclass
class Sitting:
    quiz: Quiz
    delivery: Delivery
    attempt: Attempt | None
    items: list[ItemView] = field(default_factory=list)
    moment: datetime = field(default_factory=timezone.now)
    learner: "User | None" = None

    @property
    def shut(self) -> bool:
        """Whether the delivery takes no answers any more; the page that knows it says so."""
        return any(item.shut for item in self.items)

    @shut.setter
    def shut(self, shut: bool) -> None:
        for item in self.items:
            item.shut = shut

    @property
    def is_practice(self) -> bool:
        return self.quiz.purpose == Quiz.Purpose.PRACTICE

    @property
    def submitted(self) -> bool:
        return self.attempt is not None and self.attempt.submitted_at is not None

    @property
    def overdue(self) -> bool:
        """Past its deadline: handed in for every reader, though not written so yet."""
        attempt = self.attempt
        return attempt is not None and not self.submitted and is_overdue(attempt, self.moment)

    @property
    def in_progress(self) -> bool:
        return self.attempt is not None and not self.submitted and not self.overdue

    @property
    def seconds_left(self) -> int | None:
        """Whole seconds until its deadline, the grace not counted; None where nothing ends."""
        if self.attempt is None or self.attempt.deadline is None or not self.in_progress:
            return None
        return max(int((self.attempt.deadline - self.moment).total_seconds()), 0)

    @property
    def all_answered(self) -> bool:
        """Whether every question has a first answer, right or wrong."""
        return all(item.answered for item in self.items)

    @property
    def blanks(self) -> int:
        return sum(item.is_blank for item in self.items)

    @property
    def points(self) -> Decimal:
        return sum((Decimal(item.face["points"]) for item in self.items), Decimal(0))

    @property
    def earned(self) -> Decimal:
        """Points earned by items that are marked, unrounded."""
        return sum(
            (Decimal(item.face["points"]) * (item.score or 0) for item in self.items), Decimal(0)
        )

    @property
    def minutes(self) -> int:
        """The quiz's time limit in whole minutes; 0 for none."""
        return (self.quiz.time_limit_seconds or 0) // 60

    @property
    def has_errors(self) -> bool:
        return any(item.error for item in self.items)

    @property
    def released(self) -> bool:
        return all(item.released for item in self.items)

    @cached_property
    def withheld(self) -> bool:
        """Whether another delivery keeps what is right from this learner for now (a query)."""
        return self.learner is not None and is_withheld(self.learner, self.quiz, self.delivery)

    @property
    def tells_at_once(self) -> bool:
        """Whether its learner is told what is right as soon as a practice answer is checked."""
        if self.withheld:
            for item in self.items:
                item.released = False
        return self.delivery.release == Release.AT_ONCE and not self.withheld

    def begin(self, items: list[AttemptItem]) -> None:
        """Go on with an attempt that was begun for this page.

        Raises Stale where it asks something else than what the page showed.
        """
        if [item.revision.digest for item in items] != [view.digest for view in self.items]:
            raise Stale(_("This question was changed by its editor while you were reading it."))
        self.attempt = items[0].attempt
        for view, item in zip(self.items, items, strict=True):
            view.item, view.seed = item, item.seed

    def at(self, position: int) -> ItemView | None:
        return next((item for item in self.items if item.position == position), None)


def words_of(face: Face, answer: Answer | None) -> str:
    """A whole answer in words, what was written uncut; empty where there is none."""
    kind = kind_of(str(face["kind"]))
    if not answer or kind.is_blank(answer):
        return ""
    return str(answer["text"]) if "text" in answer else kind.describe(face, answer)


def asked_questions(quiz: Quiz, version: int, *, delivery: Delivery) -> list[AskedQuestion]:
    """What the quiz asks in a delivery as it stands, built once a content version."""

    def build() -> list[AskedQuestion]:
        questions = questions_of(quiz, drafts=delivery.is_preview, delivery=delivery)
        faces = [face_of(question) for question in questions]
        return [
            AskedQuestion(position, face, content_digest(face))
            for position, face in enumerate(faces, start=1)
        ]

    return rendered(("quiz", quiz.pk, selection(delivery)), version, build)


def load_sitting(
    *,
    quiz: Quiz,
    delivery: Delivery,
    learner: "User | None",
    version: int,
    number: int | None = None,
    last_due: Callable[[Delivery], datetime | None] = last_due_of,
    moment: datetime | None = None,
) -> Sitting:
    """The learner's latest attempt (or attempt `number`), or the questions as they stand."""
    moment = moment or timezone.now()
    due = last_due(delivery) if delivery.release == Release.AFTER_DUE else None
    items = _items_of_attempt(quiz, delivery, learner, number, version) if learner else []
    if not items:
        seed = learner.pk if learner else 0
        # An answer that begins the attempt is drawn from these very views.
        told = answers_released(delivery, submitted=True, last_due=due, moment=moment)
        views = [
            ItemView(asked.position, asked.face, asked.digest, seed=seed, released=told)
            for asked in asked_questions(quiz, version, delivery=delivery)
        ]
        return Sitting(quiz, delivery, None, views, moment, learner)
    sitting = sitting_of(items, quiz, delivery, learner, last_due=due, moment=moment)
    add_keys_of_unmarked(sitting.items)
    return sitting


def sitting_of(
    items: Sequence[AttemptItem],
    quiz: Quiz,
    delivery: Delivery,
    learner: "User | None",
    *,
    last_due: datetime | None,
    moment: datetime,
    withheld: bool | None = None,
) -> Sitting:
    """The items of one attempt (one or more, whole, with their content) as their learner sees them.

    `last_due` is the latest due date of anybody; read only where the delivery releases after it.
    `withheld` saves the asking where a caller knows it already.
    """
    attempt = items[0].attempt
    sitting = Sitting(quiz, delivery, attempt, moment=moment, learner=learner)
    if withheld is None:
        withheld = any(item.response_id for item in items) and sitting.withheld
    for item in items:
        # A practice item may be answered while this view lives; it tells nothing before that.
        submitted = sitting.is_practice or (item.response_id is not None and sitting.submitted)
        told = answers_released(delivery, submitted=submitted, last_due=last_due, moment=moment)
        sitting.items.append(
            ItemView(
                position=item.position,
                face=item.revision.content,
                digest=item.revision.digest,
                seed=item.seed,
                item=item,
                released=told and not withheld,
            )
        )
    return sitting


def _items_of_attempt(
    quiz: Quiz, delivery: Delivery, learner: "User", number: int | None, version: int
) -> list[AttemptItem]:
    """The items of the latest attempt (or attempt `number`) with its answers; at most 2 queries.

    Revisions and marking keys never change, so their content is remembered, not read again.
    """
    attempts = Attempt.objects.at_quiz(
        delivery_id=delivery.pk, quiz_id=quiz.pk, learner_id=learner.pk
    )
    wanted = [attempt for attempt in attempts if number in (None, attempt.number)]
    attempt = max(wanted, key=lambda attempt: attempt.number, default=None)
    if attempt is None:
        return []
    items = AttemptItem.objects.of_attempt(attempt.pk)
    for item in items:
        item.attempt = attempt
    add_content(items, version)
    return items


def add_content(items: Sequence[AttemptItem], version: int) -> None:
    """Give items their revisions and the keys of their marks; at most 2 queries, mostly none."""
    revisions = remembered(QuestionRevision, [item.revision_id for item in items], version)
    keys = remembered(
        MarkingKey, [item.mark.marking_key_id for item in items if item.mark], version
    )
    for item in items:
        item.revision = revisions[item.revision_id]
        if item.mark:
            item.mark.marking_key = keys[item.mark.marking_key_id]


def add_keys_of_unmarked(views: Sequence[ItemView]) -> None:
    """A written answer waits for a person's mark; its rubric is shown from the latest key."""
    waiting = [
        view
        for view in views
        if view.item and view.closed and view.released and view.item.mark is None
    ]
    if waiting:
        keys = latest_marking_keys(view.item.revision for view in waiting if view.item)
        for view in waiting:
            if view.item:
                view._marking_key = keys[view.item.revision_id].content


def _whole_number(data: QueryDict, name: str, *, default: int, low: int) -> int:
    value = data.get(name, "")
    if not value:
        return default
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(value) >= low):
        raise InvalidAnswer(_("The form is not complete. Reload the page and try again."))
    return int(value)


def _uuid(data: QueryDict, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(data.get(name, ""))
    except ValueError:
        raise InvalidAnswer(_("The form is not complete. Reload the page and try again.")) from None

"""One learner at one step of one delivery: everything a step page needs, in few queries."""

from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from lessons.core.rendered import rendered
from lessons.quizzes.kinds.base import Reveal
from lessons.quizzes.models import Delivery, Question
from lessons.quizzes.models.deliveries import Gating
from lessons.quizzes.sittings import Sitting, load_sitting
from lessons.quizzes.terms import ResolvedTerms

from .given import NOBODYS, Given, Late, draw_banner, lateness
from .models import Progress
from .outlines import LessonOutline, StepContent, StepOutline, step_content

if TYPE_CHECKING:
    from lessons.accounts.models import User


@lru_cache(maxsize=4096)
def _reverse(name: str, *parts: tuple[str, object]) -> str:
    """Django's reverse(), remembered: a page of questions asks for some twenty addresses."""
    return reverse(name, kwargs=dict(parts))


@dataclass
class RailStep:
    """One line of the progress rail."""

    step: StepOutline
    address: str
    state: str
    """"done", "skipped", "begun" or "new"."""
    here: bool
    is_open: bool = True
    """False where strict gating keeps it until an earlier step is answered."""


@dataclass
class Study:
    """A learner (None: a visitor with nothing saved) in a lesson of a delivery."""

    delivery: Delivery
    lesson: LessonOutline
    learner: "User | None"
    version: int
    drafts: bool = False
    """Whether unpublished content is shown: in an editor's preview."""
    everything_is_open: bool = False
    """Whether no step waits for another: for those who look at work they give out."""
    given: Given = NOBODYS
    progress: dict[int, Progress] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.load_progress()

    def load_progress(self) -> None:
        if self.learner is None:
            return
        rows = Progress.objects.in_lesson(
            lesson_id=self.lesson.pk, delivery_id=self.delivery.pk, learner_id=self.learner.pk
        )
        self.progress = {row.step_id: row for row in rows}

    def address(
        self, step: StepOutline | None = None, action: str = "step", **kwargs: object
    ) -> str:
        """The address of the lesson, of a step, or of an action on a step, in this delivery."""
        if step is None:
            return self.page_address("lesson", **kwargs)
        return self.page_address(action, **kwargs, step=step.slug)

    def page_address(self, name: str, **kwargs: object) -> str:
        """The address of a page of the lesson in this delivery: lesson, handout, findings, …"""
        parts: dict[str, object] = {"lesson": self.lesson.slug, **kwargs}
        if self.delivery.kind != Delivery.Kind.SELF_STUDY:
            parts["delivery"] = self.delivery.key
        return _reverse(f"guided:{name}", *parts.items())

    def state_of(self, step: StepOutline) -> str:
        row = self.progress.get(step.pk)
        if row is None:
            return "new"
        if row.completed_at:
            return "done"
        return "skipped" if row.skipped else "begun"

    def rail(self, here: StepOutline | None = None) -> list[RailStep]:
        return [
            RailStep(
                step, self.address(step), self.state_of(step), here is step, self.is_open(step)
            )
            for step in self.lesson.steps
        ]

    @property
    def has_answers(self) -> bool:
        """Whether the learner has answered (or begun to answer) something in this lesson."""
        return any(
            step.asks and self.state_of(step) in {"done", "begun"} for step in self.lesson.steps
        )

    @property
    def done_count(self) -> int:
        return sum(self.state_of(step) == "done" for step in self.lesson.steps)

    @property
    def is_finished(self) -> bool:
        return bool(self.lesson.steps) and self.done_count == len(self.lesson.steps)

    def resume(self) -> StepOutline | None:
        """Where the learner left off: the step last touched, or the next one if that is done.

        None before anything was touched; the first step left open once the last is reached.
        """
        if not self.progress:
            return None
        last = max(self.progress.values(), key=lambda row: row.touched_at)
        steps = self.lesson.steps
        index = next((i for i, step in enumerate(steps) if step.pk == last.step_id), 0)
        if not (last.completed_at or last.skipped):
            return steps[index]
        left = [step for step in steps if self.state_of(step) != "done"]
        after = [step for step in left if step.number > steps[index].number]
        return next(iter(after or left), None)

    @property
    def is_strict(self) -> bool:
        return self.delivery.gating == Gating.STRICT and not self.everything_is_open

    def waits_for(self, step: StepOutline) -> StepOutline | None:
        """Strict gating opens a step when every asking step before it has its first answers.

        The first of those that has not; None where the step is open.
        """
        if not self.is_strict:
            return None
        before = self.lesson.steps[: step.number - 1]
        return next((s for s in before if s.asks and self.state_of(s) != "done"), None)

    def is_open(self, step: StepOutline) -> bool:
        return self.waits_for(step) is None

    @cached_property
    def terms(self) -> ResolvedTerms:
        """What holds for this learner, quizzes' own defaults aside."""
        return self.given.terms(self.delivery)

    @property
    def is_shut(self) -> bool:
        """Whether the delivery takes no answers any more; reading goes on."""
        closes_at = self.terms.closes_at
        return closes_at is not None and timezone.now() >= closes_at

    @property
    def banner(self) -> SafeString:
        """What is said above work that was given out; empty for self-study."""
        return draw_banner(self.given, self.delivery, self.version)


@dataclass(frozen=True)
class SharedPage:
    """The part of a step page's state that its drawing depends on, the same for many readers."""

    step: StepOutline
    before: StepOutline | None
    after: StepOutline | None
    before_address: str
    after_address: str
    finish_address: str
    presence_address: str
    findings_address: str
    """On the last step; empty on the others."""
    answered: bool
    is_done: bool
    has_errors: bool
    is_private: bool
    must_answer: bool
    is_given: bool
    """Whether it is work that was given out."""
    answers_address: str
    """Of an exercise in it: how the others answered."""


@dataclass
class StepPage:
    """A step as its reader sees it now."""

    study: Study
    step: StepOutline
    reader: str = ""
    """The mark of the reader this page is drawn for; its forms carry it."""
    number: int | None = None
    """An earlier attempt of a graded quiz to look at; None for the latest."""
    voice: str = ""
    """The one voice that its reader asks for; see `open_voice`."""

    @cached_property
    def sitting(self) -> Sitting | None:
        if self.step.quiz is None:
            return None
        sitting = load_sitting(
            quiz=self.step.quiz,
            delivery=self.study.delivery,
            learner=self.study.learner,
            version=self.study.version,
            number=self.number,
        )
        sitting.shut = self.study.is_shut
        return sitting

    @property
    def terms(self) -> ResolvedTerms:
        """What holds for this learner at this step's quiz."""
        return self.study.given.terms(self.study.delivery, self.step.quiz)

    @property
    def zone(self) -> tzinfo:
        """In which times are said here."""
        return self.study.given.zone

    @property
    def minutes_allowed(self) -> int:
        """The time limit in whole minutes; 0 for none."""
        limit = self.terms.time_limit
        return int(limit.total_seconds() // 60) if limit else 0

    @property
    def attempts_left(self) -> int | None:
        """How many more attempts may be begun; None for as many as one likes."""
        allowed = self.terms.attempts_allowed
        if allowed is None:
            return None
        latest = self.sitting.attempt.number if self.sitting and self.sitting.attempt else 0
        return max(allowed - latest, 0)

    @property
    def earned_when_late(self) -> Decimal:
        """The points that count of those earned."""
        earned = self.sitting.earned if self.sitting else Decimal(0)
        return earned * self.late.kept if self.late else earned

    @property
    def may_start(self) -> bool:
        """Whether an attempt may be begun now."""
        return not self.study.is_shut and self.attempts_left != 0

    @property
    def late(self) -> Late | None:
        """How late its quiz is handed in, or would be now."""
        if self.sitting is None or self.study.everything_is_open:
            return None
        return lateness(self.study.delivery, self.terms, self.sitting)

    @property
    def progress(self) -> Progress | None:
        """The learner's row of this step, as last read or written."""
        return self.study.progress.get(self.step.pk)

    @progress.setter
    def progress(self, row: Progress) -> None:
        self.study.progress[self.step.pk] = row

    def refresh(self) -> None:
        """Work out anew what follows from the learner's work, which a write has kept current."""
        for name in ("answered", "content"):
            self.__dict__.pop(name, None)

    def reload(self) -> None:
        """Read the learner's work again, after a write that was refused."""
        self.__dict__.pop("sitting", None)
        self.refresh()
        self.study.load_progress()

    @property
    def address(self) -> str:
        return self.study.address(self.step)

    @property
    def state(self) -> str:
        return self.study.state_of(self.step)

    @property
    def is_done(self) -> bool:
        """Whether the step is completed; answered in two windows at once, it may not be yet."""
        return self.state == "done"

    @cached_property
    def answered(self) -> bool:
        """Whether nothing is left to answer here before going on."""
        if self.sitting is None or self.is_done:
            return True
        if self.step.is_graded:
            return self.sitting.submitted
        return self.sitting.all_answered

    @property
    def revealed(self) -> bool:
        """Whether notes that interpret may be shown: after the questions, or where none are."""
        return self.answered

    @property
    def open_voice(self) -> str | None:
        """The one voice that is shown, empty for all; None while that would tell an answer."""
        items = self.sitting.items if self.sitting else []
        asking = [item for item in items if item.kind == Question.Kind.VOICES]
        if not asking or any(item.reveal != Reveal.ALL for item in asking):
            return None
        return self.voice

    @cached_property
    def content(self) -> StepContent:
        return step_content(
            self.study.lesson,
            self.step,
            self.study.version,
            revealed=self.revealed,
            drafts=self.study.drafts,
            voice=self.open_voice,
        )

    @property
    def total(self) -> int:
        """How many questions the page asks."""
        return len(self.sitting.items) if self.sitting else 0

    @property
    def anchors(self) -> frozenset[str]:
        return self.content.anchors

    @property
    def before(self) -> StepOutline | None:
        return self.study.lesson.neighbours(self.step)[0]

    @property
    def after(self) -> StepOutline | None:
        return self.study.lesson.neighbours(self.step)[1]

    @property
    def before_address(self) -> str:
        return self.study.address(self.before) if self.before else ""

    @property
    def after_address(self) -> str:
        """The next step, or the lesson's own page after the last."""
        return self.study.address(self.after)

    @property
    def rail_html(self) -> SafeString:
        """The progress rail; learners who are equally far share one drawing of it."""
        lesson = self.study.lesson
        states = tuple(self.study.state_of(step) for step in lesson.steps)
        gating = self.study.is_strict
        parts = ("rail", lesson.pk, self.study.delivery.pk, self.step.pk, states, gating)
        return rendered(parts, self.study.version, self._draw_rail)

    def _draw_rail(self) -> SafeString:
        context = {
            "lesson": self.study.lesson,
            "step": self.step,
            "rail": self.study.rail(self.step),
            "lesson_address": self.lesson_address,
        }
        return render_to_string("guided/_rail.html", context)

    @property
    def has_errors(self) -> bool:
        return self.sitting is not None and self.sitting.has_errors

    def action(self, name: str, **kwargs: object) -> str:
        """The address of an action on this step: finish, start, review, submit, again, presence."""
        address = self.study.address(self.step, action=f"step-{name}", **kwargs)
        # Who looks at an earlier attempt judges that one.
        earlier = name == "assess" and self.number is not None
        return f"{address}?attempt={self.number}" if earlier else address

    @property
    def lesson_address(self) -> str:
        return self.study.address()

    @property
    def finish_address(self) -> str:
        return self.action("finish")

    @property
    def start_address(self) -> str:
        return self.action("start")

    @property
    def again_address(self) -> str:
        return self.action("again")

    @property
    def review_address(self) -> str:
        return self.action("review")

    @property
    def submit_address(self) -> str:
        return self.action("submit")

    @property
    def presence_address(self) -> str:
        """Where visible time is reported."""
        return self.action("presence")

    @property
    def is_private(self) -> bool:
        """Whether the page shows work, or work given out: search engines are kept away."""
        is_begun = self.sitting is not None and self.sitting.attempt is not None
        return is_begun or self.study.delivery.kind != Delivery.Kind.SELF_STUDY

    @property
    def must_answer(self) -> bool:
        """Whether the next step waits for answers that are not given here yet."""
        return self.study.is_strict and self.step.asks and not self.answered

    @property
    def shared(self) -> SharedPage:
        """What the page shows to everyone who is as far as its reader, and nothing else."""
        return SharedPage(
            step=self.step,
            before=self.before,
            after=self.after,
            before_address=self.before_address,
            after_address=self.after_address,
            finish_address=self.finish_address,
            presence_address=self.presence_address,
            findings_address="" if self.after else self.study.page_address("findings"),
            answered=self.answered,
            is_done=self.is_done,
            has_errors=self.has_errors,
            is_private=self.is_private,
            must_answer=self.must_answer,
            is_given=bool(self.study.given.title),
            answers_address=self.study.given.answers_address if self.step.is_exercise else "",
        )

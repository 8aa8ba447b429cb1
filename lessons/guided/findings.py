"""My findings: at a lesson's end, what a learner answered beside what is said of it.

Confident errors come first: they are the ones that are best corrected once they are seen
(B. Butterfield and J. Metcalfe, "Errors committed with high confidence are hypercorrected",
Journal of Experimental Psychology: Learning, Memory, and Cognition 27, 2001, 1491-1494). Like every
report here, the order goes by the first answer (of the latest attempt), not by the last.

Nothing is told here that the page of the question would not tell: what is right, feedback and
explanation come from each question's `ItemView`, which knows what is released.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.core.rendered import rendered
from lessons.documents.models import Passage
from lessons.quizzes.histories import Given, QuestionHistory, QuizHistory, load_histories
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Presentation, Reveal
from lessons.quizzes.models import Confidence, Mark, Question
from lessons.quizzes.sittings import ItemView, asked_questions
from lessons.quizzes.solutions import any_one_will_do, right_in_words

from .earlier import EarlierAnswer, earlier_answer
from .outlines import StepOutline
from .study import Study

CONFIDENCES: dict[str, Any] = dict(Confidence.choices)


@dataclass(frozen=True)
class ShownAnswer:
    label: str
    """Which answer: empty where there is but one."""
    words: str
    sure: str
    verdict: str


@dataclass(frozen=True)
class Finding:
    """One answered question with all that its learner may be told of it."""

    prompt: str
    step_title: str
    address: str
    """Of the question on its page."""
    answers: list[ShownAnswer]
    is_plain: bool
    """Whether answers are words of the record or of the learner rather than Markdown."""
    right: list[str]
    any_one: bool
    feedback: list[str]
    explanation: str
    strong: list[str]
    levels: list[tuple[str, str, str]]
    """(criterion, level, what the level means) as the answer was judged."""
    judged_by_self: bool
    may_judge: bool
    """Whether the learner can compare the answer with the rubric and has not."""
    may_try_again: bool
    passage: str
    """The paragraph the question is about; empty where it is about none."""
    quote: str
    sentence_address: str


@dataclass(frozen=True)
class FindingGroup:
    name: str
    heading: str
    introduction: str
    findings: list[Finding]


@dataclass(frozen=True)
class Unanswered:
    """A question, or a whole quiz, without an answer. `address` is empty where it is shut."""

    words: str
    is_prompt: bool
    step_title: str
    address: str


@dataclass(frozen=True)
class ThenAndNow:
    """The first answer to a question that came again, and the latest answer to it."""

    earlier: EarlierAnswer
    now: str
    now_address: str
    prompt: str


@dataclass
class Findings:
    groups: list[FindingGroup] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    then_and_now: list[ThenAndNow] = field(default_factory=list)

    @property
    def answered_count(self) -> int:
        return sum(len(group.findings) for group in self.groups)


GROUPS: list[tuple[str, Any, Any]] = [
    (
        "confident",
        gettext_lazy("You were sure, and the record has it otherwise"),
        gettext_lazy("Look at these first: such errors are the ones that are best put right."),
    ),
    ("wrong", gettext_lazy("Other answers to look at again"), ""),
    ("partly", gettext_lazy("Right in part"), ""),
    ("right", gettext_lazy("Right"), ""),
    (
        "written",
        gettext_lazy("In your own words"),
        gettext_lazy("No machine has judged these. Read them beside what is said of them."),
    ),
    (
        "waiting",
        gettext_lazy("Kept, and not explained yet"),
        gettext_lazy("What is right is told later, when it is released to your class."),
    ),
]


def findings_of(study: Study) -> Findings:
    """All that the learner of `study` has found in its lesson; nothing for a visitor.

    At most 7 queries beside those of the page, and one more for each step that shows an earlier
    answer; none of them grows with the number of answers.
    """
    if study.learner is None:
        return Findings()
    asking = [step for step in study.lesson.steps if step.quiz is not None]
    histories = load_histories(
        quizzes=[step.quiz for step in asking if step.quiz is not None],
        delivery=study.delivery,
        learner=study.learner,
        version=study.version,
    )
    anchors = _anchors(study)
    found = Findings()
    sorted_in: dict[str, list[Finding]] = {name: [] for name, _heading, _text in GROUPS}
    for step in asking:
        history = histories.get(step.quiz.pk) if step.quiz else None
        for row in history.answered if history else ():
            finding = _finding(study, step, row, anchors.get(step.pk, frozenset()))
            sorted_in[_group_of(row)].append(finding)
        found.unanswered += _unanswered(study, step, history)
        found.then_and_now += _then_and_now(study, step, history)
    found.groups = [
        FindingGroup(name, str(heading), str(text), sorted_in[name])
        for name, heading, text in GROUPS
        if sorted_in[name]
    ]
    return found


def _group_of(row: QuestionHistory) -> str:
    if row.view.is_written:
        return "written" if row.view.released else "waiting"
    verdict = row.opening.verdict
    if verdict == "wrong":
        return "confident" if row.opening.confidence == Confidence.SURE else "wrong"
    return verdict or "waiting"


def _finding(
    study: Study, step: StepOutline, row: QuestionHistory, anchors: frozenset[str]
) -> Finding:
    view = row.view
    key = view.key
    told = view.reveal if key is not None else Reveal.NOTHING
    shown = _presentation(view, row.last, told)
    everything = key if told == Reveal.ALL else None
    is_written = view.is_written
    levels = _levels(view, everything)
    mark = view.item.mark if view.item else None
    about = view.face["about"]
    return Finding(
        prompt=str(view.face["prompt"]),
        step_title=step.title,
        address=_question_address(study, step, view),
        answers=[_shown(label, given) for label, given in _labelled(row)],
        is_plain=is_written or view.kind in Question.PLAIN,
        right=right_in_words(view.face, everything)
        if everything and row.last.verdict != "right"
        else [],
        any_one=everything is not None and any_one_will_do(view.face, everything),
        feedback=_feedback(shown),
        explanation=view.explanation,
        strong=shown.solution if is_written else [],
        levels=levels,
        judged_by_self=mark is not None and mark.by == Mark.By.SELF,
        may_judge=bool(is_written and shown.rubric and not levels and row.last.words),
        may_try_again=bool(view.released and not view.closed and _is_current(study, view)),
        passage=about["passage"] if about else "",
        # Of evidence the whole text is asked about; its sentences stand among the answers.
        quote=about["quote"] if about and view.kind not in Question.WHOLE_TEXT else "",
        sentence_address=_sentence_address(study, step, about, anchors),
    )


def _presentation(view: ItemView, given: Given, reveal: str) -> Presentation:
    """The question with the answer that was marked (not a newer draft), as far as may be told."""
    return kind_of(view.kind).present(
        view.face,
        seed=view.seed,
        prefix=view.prefix,
        answer=given.answer,
        key=view.key if reveal != Reveal.NOTHING else None,
        reveal=reveal,
    )


def _labelled(row: QuestionHistory) -> Iterable[tuple[str, Given]]:
    answers = row.answers
    if len(answers) == 1:
        return [("", answers[0])]
    labels = [_("First answer"), *([_("First answer, next time")] * (len(answers) - 2))]
    return zip([*labels, _("Last answer")], answers, strict=True)


def _shown(label: str, given: Given) -> ShownAnswer:
    sure = str(CONFIDENCES[given.confidence]) if given.confidence else ""
    if not given.words:
        return ShownAnswer(label, _("No answer."), sure, "")
    return ShownAnswer(label, given.words, sure, given.verdict)


def _feedback(shown: Presentation) -> list[str]:
    """What is said of the lines that were chosen, and of the answer as a whole."""
    said = [line.feedback for line in shown.choices if line.chosen and line.feedback]
    return list(dict.fromkeys([*said, *shown.remarks]))


def _levels(view: ItemView, key: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    if key is None:
        return []
    chosen = view.own_levels
    return [
        (criterion["title"], level["title"], level["description"])
        for criterion in key.get("criteria", [])
        for level in criterion["levels"]
        if chosen.get(criterion["key"]) == level["key"]
    ]


def _is_current(study: Study, view: ItemView) -> bool:
    attempt = view.item.attempt if view.item else None
    return attempt is not None and attempt.submitted_at is None


def _question_address(study: Study, step: StepOutline, view: ItemView) -> str:
    return f"{study.address(step)}#{view.prefix}" if study.is_open(step) else ""


def _sentence_address(
    study: Study, step: StepOutline, about: dict[str, str] | None, anchors: frozenset[str]
) -> str:
    """Where the words stand: at the step where they are on its page, else in the document."""
    if about is None:
        return ""
    if about["anchor"] in anchors and study.is_open(step):
        return f"{study.address(step)}#{about['anchor']}"
    return f"{reverse('documents:document', args=[about['document']])}#{about['anchor']}"


def _anchors(study: Study) -> dict[int, frozenset[str]]:
    """Step id → the ids of the passages on its page (one query a content version)."""
    steps = tuple(step.pk for step in study.lesson.steps)

    def build() -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {}
        passages = Passage.objects.filter(steps__in=steps).prefetch_related("steps")
        for passage in passages.distinct():
            for step in passage.steps.all():
                found.setdefault(step.pk, set()).add(passage.anchor)
        return {pk: frozenset(anchors) for pk, anchors in found.items()}

    return rendered(("anchors", steps), study.version, build)


def _unanswered(study: Study, step: StepOutline, history: QuizHistory | None) -> list[Unanswered]:
    """Practice questions by name; of a graded quiz only that it waits: nobody reads it before."""
    quiz = step.quiz
    if quiz is None:
        return []
    address = study.address(step) if study.is_open(step) else ""
    if step.is_graded:
        if history is not None and (history.sitting.submitted or history.answered):
            return []
        begun = history is not None
        words = _("Begun and not handed in") if begun else _("Not begun")
        return [Unanswered(words, False, step.title, address)]
    if not address:
        return [Unanswered(_("Not open yet"), False, step.title, "")]
    if history is None:
        asked = asked_questions(quiz, study.version, delivery=study.delivery)
        rows = [(one.position, one.face) for one in asked]
    else:
        rows = [(view.position, view.face) for view in history.unanswered]
    return [
        Unanswered(str(face["prompt"]), True, step.title, f"{address}#q{position}")
        for position, face in rows
    ]


def _then_and_now(study: Study, step: StepOutline, history: QuizHistory | None) -> list[ThenAndNow]:
    if step.earlier is None or study.learner is None:
        return []
    earlier = earlier_answer(step.earlier, study.delivery, study.learner)
    written = [row for row in history.answered if row.view.is_written] if history else []
    now = written[0] if written else None
    if not (earlier.text or now):
        return []
    return [
        ThenAndNow(
            earlier=earlier,
            now=now.last.words if now else "",
            now_address=study.address(step) if study.is_open(step) else "",
            prompt=str(now.view.face["prompt"]) if now else step.title,
        )
    ]

"""Which questions need talking about, and what each says of the class and of itself."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, JSONField, TextField, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lessons.core.markdown import to_words
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.replies import target_label
from lessons.quizzes.kinds.voices import VOICES
from lessons.quizzes.models import Confidence, Question
from lessons.quizzes.statistics import (
    CommonSet,
    common_set,
    cronbach_alpha,
    discrimination,
    distractor_table,
    is_dichotomous,
    kr20,
)

from .facts import READ_BY_PERSON, Asked, Board, StepFact, asked, first_answers, score_of
from .wording import (
    WRONG,
    alpha_reading,
    discrimination_reading,
    facility_reading,
    few,
    percent,
    two_places,
)

ZERO, ONE = Decimal(0), Decimal(1)
Item = tuple[int, int]
"""A question where it is asked: (quiz, first revision of the question)."""
READING = "reading"
"""What machine-marked questions are reported as, whatever skill they practise."""
SKILLS = {READING: gettext_lazy("reading"), **dict(Question.Skill.choices)}
MOST_WRONG_ANSWERS = 12
"""Lines of wrong answers shown for a question whose answers are free (short, ordering …)."""


@dataclass(frozen=True)
class Share:
    """One line of what was answered: an option, a sentence, a pair, or the words of an answer."""

    code: str
    """What a kind's `tally` calls it."""
    label: str
    count: int
    of: int
    """How many answered."""
    is_right: bool
    misreading: str = ""
    sure: int = 0
    """How many of those who gave it were sure."""

    @property
    def share(self) -> Decimal:
        return Decimal(self.count) / self.of if self.of else ZERO

    @property
    def percent(self) -> str:
        return percent(self.share)

    @property
    def width(self) -> int:
        """Of its bar, from 0 to 100."""
        return round(self.share * 100)


@dataclass
class Tally:
    """What was answered to one question, added up."""

    asked: Asked
    scores: Counter[Decimal] = field(default_factory=Counter)
    """How many first answers have which score; only those that count."""
    waiting: int = 0
    """Answers that nobody has marked."""
    blank: int = 0
    """Handed in without an answer; these score 0."""
    choices: Counter[str] = field(default_factory=Counter)
    sure: Counter[str] = field(default_factory=Counter)
    told: int = 0
    """How many said how sure they were."""
    sure_wrong: int = 0

    @property
    def answered(self) -> int:
        return sum(self.scores.values()) - self.blank + self.waiting

    @property
    def counted(self) -> int:
        """How many scores the facility is taken over."""
        return sum(self.scores.values())


@dataclass(frozen=True)
class QuestionReport:
    """One question as the dashboard shows it."""

    asked: Asked
    item: Item
    number: int
    """Its place among the questions of the assignment, from 1."""
    step: StepFact | None
    answered: int
    counted: int
    blank: int
    waiting: int
    facility: Decimal | None
    shares: tuple[Share, ...]
    told: int
    sure_wrong: int
    split: Decimal
    """The share of the commonest wrong answer."""

    @property
    def anchor(self) -> str:
        """Its id on a page."""
        return f"q-{self.item[0]}-{self.item[1]}"

    @property
    def prompt(self) -> str:
        return self.asked.prompt

    @property
    def percent_right(self) -> str:
        return "–" if self.facility is None else percent(self.facility)

    @property
    def sure_share(self) -> Decimal:
        return Decimal(self.sure_wrong) / self.told if self.told else ZERO

    @property
    def sure_percent(self) -> str:
        return percent(self.sure_share) if self.told else "–"

    @property
    def talk(self) -> Decimal:
        """How much it needs talking about, from 0 to 3: three shares added up.

        What was missed (1 − facility), how many of those asked were sure of a wrong answer, and
        how many gave the same wrong answer.
        """
        if self.facility is None:
            return ZERO
        return (ONE - self.facility) + self.sure_share + self.split

    @property
    def skill(self) -> str:
        """What it may be reported as."""
        return reported_skill(self.asked)

    @property
    def skill_label(self) -> str:
        return str(SKILLS[self.skill])

    @property
    def warning(self) -> str:
        return few(self.counted)

    @property
    def top_wrong(self) -> Share | None:
        wrong = [share for share in self.shares if not share.is_right and share.count]
        return max(wrong, key=lambda share: share.count, default=None)

    @property
    def reading(self) -> str:
        """What a teacher may say about it, in one or two sentences."""
        said = []
        top = self.top_wrong
        if top is not None and self.facility is not None and self.facility < ONE:
            said.append(
                ngettext(
                    "%(n)s of %(of)s gave “%(label)s”.", "%(n)s of %(of)s gave “%(label)s”.", top.of
                )
                % {"n": top.count, "of": top.of, "label": top.label}
            )
            if top.misreading:
                said.append(_("The misreading: %(words)s.") % {"words": top.misreading.rstrip(".")})
        if self.sure_wrong:
            said.append(
                ngettext(
                    "%(n)s was sure of a wrong answer.",
                    "%(n)s were sure of a wrong answer.",
                    self.sure_wrong,
                )
                % {"n": self.sure_wrong}
            )
        if not said and self.facility is not None:
            said.append(facility_reading(float(self.facility), 1000))
        if self.waiting:
            said.append(
                ngettext(
                    "%(n)s answer waits for a mark.", "%(n)s answers wait for a mark.", self.waiting
                )
                % {"n": self.waiting}
            )
        if self.warning and self.counted:
            said.append(self.warning)
        return " ".join(said)


def reported_skill(of: Asked) -> str:
    """The skill that an answer to this question is evidence of.

    Machine-marked questions are reported as reading. Sourcing, corroboration and the other skills
    of historians are reported from written answers and from evidence chosen in the text only
    (Smith, Breakstone & Wineburg 2019).
    """
    shows_thinking = of.is_read_by_person or of.kind == Question.Kind.EVIDENCE
    if not shows_thinking or of.skill == Question.Skill.CLOSE_READING:
        return READING
    return of.skill


def question_reports(board: Board) -> list[QuestionReport]:
    """Every question that was presented, in the order of the assignment (at most 3 queries)."""
    rows = list(
        first_answers(board)
        .annotate(
            # What a person has to read differs for everybody, and is not counted by its words.
            said=Case(
                When(question__kind__in=READ_BY_PERSON, then=Value(None, JSONField())),
                default=F("first__answer"),
                output_field=JSONField(),
            ),
            is_answered=Case(When(first__id__isnull=False, then=Value(1)), default=Value(0)),
        )
        .values_list(
            "revision_id",
            "attempt__quiz_id",
            "position",
            "said",
            "first__confidence",
            "first_score",
            "is_answered",
            "handed_in",
            "put_down",
        )
        .annotate(n=Count("pk"))
    )
    known = asked({row[0] for row in rows}, board.version)
    tallies: dict[Item, Tally] = {}
    places: dict[Item, tuple[int, int, int]] = {}
    order = {step.quiz: at for at, step in enumerate(board.outline.steps) if step.quiz}
    for revision, quiz, position, said, confidence, score, is_answered, handed_in, put, n in rows:
        of = known[revision]
        item = (quiz, of.root)
        tally = tallies.setdefault(item, Tally(of))
        place = (order.get(quiz, len(order) + 1), quiz, position)
        places[item] = min(places.get(item, place), place)
        counts = score_of(
            of, is_answered=bool(is_answered), score=score, handed_in=handed_in, put_down=put
        )
        _count(tally, of, said or put, confidence or "", counts, bool(is_answered), handed_in, n)
    items = [
        item
        for item in sorted(places, key=lambda item: places[item])
        if tallies[item].answered or tallies[item].counted
    ]
    return [
        _report(tallies[item], item, number, board.outline.step_of_quiz.get(item[0]))
        for number, item in enumerate(items, start=1)
    ]


def _count(
    tally: Tally,
    of: Asked,
    said: Any,
    confidence: str,
    score: Decimal | None,
    is_answered: bool,
    handed_in: bool,
    n: int,
) -> None:
    kind = kind_of(of.kind)
    if score is None:
        if is_answered or (handed_in and said):
            tally.waiting += n
        return
    tally.scores[score] += n
    if not of.is_read_by_person and (not said or kind.is_blank(said)):
        tally.blank += n
        return
    sure = confidence == Confidence.SURE
    if confidence:
        tally.told += n
        if sure and score < WRONG:
            tally.sure_wrong += n
    for choice in kind.tally(dict(of.face), said) if said else []:
        tally.choices[choice] += n
        if sure:
            tally.sure[choice] += n


def _report(tally: Tally, item: Item, number: int, step: StepFact | None) -> QuestionReport:
    counted = tally.counted
    total = sum((score * n for score, n in tally.scores.items()), ZERO)
    shares = tuple(_shares(tally))
    wrong = [share.share for share in shares if not share.is_right]
    return QuestionReport(
        asked=tally.asked,
        item=item,
        number=number,
        step=step,
        answered=tally.answered,
        counted=counted,
        blank=tally.blank,
        waiting=tally.waiting,
        facility=total / counted if counted else None,
        shares=shares,
        told=tally.told,
        sure_wrong=tally.sure_wrong,
        split=max(wrong, default=ZERO),
    )


def _shares(tally: Tally) -> Iterable[Share]:
    """What was answered, the right first: each option of a choice, else whatever was given."""
    of = tally.asked
    answered = tally.answered - tally.waiting
    labels = choice_labels(of)
    if labels is None:
        return _free_shares(tally, answered)
    lines = [
        Share(
            code=code,
            label=to_words(label),
            count=tally.choices[code],
            of=answered,
            is_right=right,
            misreading="" if right else of.misreadings.get(code.split(">")[0], ""),
            sure=tally.sure[code],
        )
        for code, (label, right) in labels.items()
    ]
    return sorted(lines, key=lambda line: (not line.is_right, -line.count, line.label))


def choice_labels(of: Asked) -> dict[str, tuple[str, bool]] | None:
    """What can be chosen, by the code that `tally` gives it: its words, and whether it is right.

    None for kinds whose answers are not made of a few fixed parts.
    """
    face, key = of.face, of.key
    match of.kind:
        case Question.Kind.SINGLE | Question.Kind.MULTIPLE | Question.Kind.WARRANT:
            return {o["key"]: (o["label"], o["key"] in key["right"]) for o in face["options"]}
        case Question.Kind.EVIDENCE:
            right = {tuple(s) for span in key["spans"] for s in span["sentences"]}
            return {
                f"{part['start']}-{part['end']}": (
                    part["text"].strip(),
                    (part["start"], part["end"]) in right,
                )
                for part in face["segments"]
            }
    return None


def _free_shares(tally: Tally, answered: int) -> list[Share]:
    of = tally.asked
    lines = []
    for code, count in tally.choices.most_common(MOST_WRONG_ANSWERS):
        label, right, part = free_label(of, code)
        misreading = "" if right else of.misreadings.get(part, "")
        lines.append(
            Share(code, to_words(label), count, answered, right, misreading, tally.sure[code])
        )
    return sorted(lines, key=lambda line: (not line.is_right, -line.count, line.label))


def free_label(of: Asked, code: str) -> tuple[str, bool, str]:
    """A tally's code in words, whether it is right, and the key of the part it is about."""
    face, key = of.face, of.key
    if of.kind == Question.Kind.MATCHING and ">" in code:
        item, target = code.split(">", 1)
        items = {row["key"]: row["label"] for row in face["items"]}
        targets = {row["key"]: row["label"] for row in face["targets"]}
        label = f"{items.get(item, item)} → {targets.get(target, target)}"
        return label, key["pairs"].get(item) == target, item
    if of.kind == Question.Kind.ORDERING and "@" in code:
        line, place = code.rsplit("@", 1)
        lines = {row["key"]: row["label"] for row in face["options"]}
        label = _("%(line)s, put at place %(place)s") % {
            "line": lines.get(line, line),
            "place": place,
        }
        return label, str(key["places"].get(line)) == place, line
    if of.kind in (Question.Kind.REPLIES, Question.Kind.VOICES) and ">" in code:
        part, reading = code.split(">", 1)
        return *exercise_label(of, part, reading), part
    right = kind_of(of.kind).mark(dict(key), {"text": code}) if "accepted" in key else None
    return code, right is not None and right >= WRONG, ""


def exercise_label(of: Asked, part: str, reading: str) -> tuple[str, bool]:
    """A card or a segment with what was named for it, and whether that is accepted."""
    face, key = dict(of.face), of.key
    if of.kind == Question.Kind.REPLIES:
        labels = {card["key"]: card["label"] for card in face["cards"]}
        said, accepted = target_label(face, reading), key["replies"]
    else:
        labels = {row["key"]: f"“{row['label']}”" for row in face["segments"]}
        said, accepted = str(VOICES.get(reading, reading)), key["voices"]
    return f"{labels.get(part, part)} → {said}", reading in accepted.get(part, [])


def ranked(reports: Iterable[QuestionReport]) -> list[QuestionReport]:
    """What needs talking about first; questions that nothing is known of come last."""
    return sorted(reports, key=lambda q: (q.facility is None, -q.talk, q.number))


@dataclass(frozen=True)
class SkillReport:
    """How the class did in what may be reported under one name."""

    skill: str
    questions: int
    counted: int
    facility: Decimal | None
    waiting: int

    @property
    def label(self) -> str:
        return str(SKILLS[self.skill])

    @property
    def source(self) -> str:
        if self.skill == READING:
            return _("machine-marked questions")
        return _("written answers and evidence choices")

    @property
    def percent(self) -> str:
        return "–" if self.facility is None else percent(self.facility)


def skill_reports(reports: Iterable[QuestionReport]) -> list[SkillReport]:
    """Reading first, then what written answers and evidence show; means over all answers."""
    by_skill: dict[str, list[QuestionReport]] = {}
    for report in reports:
        by_skill.setdefault(report.skill, []).append(report)
    found = []
    for skill in (skill for skill in SKILLS if skill in by_skill):
        own = by_skill[skill]
        counted = sum(report.counted for report in own)
        earned = sum((r.facility * r.counted for r in own if r.facility is not None), ZERO)
        found.append(
            SkillReport(
                skill,
                len(own),
                counted,
                earned / counted if counted else None,
                sum(report.waiting for report in own),
            )
        )
    return found


# --- Item analysis ----------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemLine:
    """One line of a distractor table."""

    share: Share
    rest: float | None
    """The mean share that those who gave this answer scored on the other questions of the set."""

    @property
    def rest_text(self) -> str:
        return "–" if self.rest is None else percent(self.rest)


@dataclass(frozen=True)
class ItemReport:
    """One question among the others of its lesson."""

    question: QuestionReport
    discrimination: float | None
    lines: tuple[ItemLine, ...]
    learners: int
    """How many the discrimination is taken over."""

    @property
    def facility_text(self) -> str:
        return self.question.percent_right

    @property
    def discrimination_text(self) -> str:
        return two_places(self.discrimination)

    @property
    def facility_reading(self) -> str:
        share = self.question.facility
        return facility_reading(None if share is None else float(share), self.question.counted)

    @property
    def discrimination_reading(self) -> str:
        return discrimination_reading(self.discrimination, self.learners)


@dataclass(frozen=True)
class SetReport:
    """The questions of one lesson as a set: alpha over those who answered every one of them."""

    title: str
    items: tuple[ItemReport, ...]
    alpha: float | None
    is_kr20: bool
    learners: int
    left_out: int
    questions: int

    @property
    def name(self) -> str:
        return _("KR-20") if self.is_kr20 else _("Cronbach's alpha")

    @property
    def alpha_text(self) -> str:
        return two_places(self.alpha)

    @property
    def reading(self) -> str:
        return alpha_reading(self.alpha, self.learners, self.questions)


def item_analysis(board: Board) -> tuple[list[QuestionReport], list[SetReport]]:
    """Every question's figures, a set for each lesson (one query beside those of the questions).

    The set of a lesson holds the machine-marked questions that somebody answered; its learners are
    those with a first answer to every one of them.
    """
    reports = question_reports(board)
    scores: dict[int, dict[Item, float | None]] = {}
    said: dict[Item, dict[int, list[str]]] = {}
    for learner, item, score, choices in _answers_one_by_one(board):
        scores.setdefault(learner, {})[item] = score
        if choices:
            said.setdefault(item, {})[learner] = choices
    sets = []
    for pk, title in [*board.outline.lessons, (0, _("No longer among the steps"))]:
        own = [r for r in reports if (r.step.lesson if r.step else 0) == pk]
        if own:
            sets.append(_set_report(title, own, scores, said))
    return reports, sets


def _answers_one_by_one(
    board: Board,
) -> Iterator[tuple[int, Item, float | None, list[str]]]:
    """(learner, item, score or None, what the answer counts for) of every answer that counts."""
    rows = list(
        first_answers(board)
        .annotate(
            said=Case(
                When(question__kind__in=READ_BY_PERSON, then=Value("", TextField())),
                default=Cast("first__answer", TextField()),
                output_field=TextField(),
            )
        )
        .values_list(
            "attempt__learner_id",
            "attempt__quiz_id",
            "revision_id",
            "first__id",
            "first_score",
            "handed_in",
            "put_down",
            "said",
        )
    )
    known = asked({row[2] for row in rows}, board.version)
    counted: dict[tuple[int, str], list[str]] = {}  # many give the same answer: read it once
    for learner, quiz, revision, first, score, handed_in, put_down, said in rows:
        of = known[revision]
        scored = score_of(
            of, is_answered=first is not None, score=score, handed_in=handed_in, put_down=put_down
        )
        if said and (revision, said) not in counted:
            counted[revision, said] = kind_of(of.kind).tally(dict(of.face), json.loads(said))
        choices = counted.get((revision, said or ""), [])
        if put_down:
            choices = kind_of(of.kind).tally(dict(of.face), put_down)
        yield learner, (quiz, of.root), None if scored is None else float(scored), choices


def _set_report(
    title: str,
    reports: Sequence[QuestionReport],
    scores: Mapping[int, Mapping[Item, float | None]],
    said: Mapping[Item, Mapping[int, list[str]]],
) -> SetReport:
    items = [r.item for r in reports if not r.asked.is_read_by_person and r.counted]
    common = common_set(scores.values(), items)
    complete = {
        learner: math.fsum(float(own[item] or 0) for item in items)
        for learner, own in scores.items()
        if items and all(own.get(item) is not None for item in items)
    }
    totals = common.totals
    dichotomous = bool(common.rows) and is_dichotomous(common.rows)
    return SetReport(
        title=title,
        items=tuple(
            _item_report(report, common, totals, complete, scores, said.get(report.item, {}))
            for report in reports
        ),
        alpha=kr20(common.rows) if dichotomous else cronbach_alpha(common.rows),
        is_kr20=dichotomous,
        learners=len(common.rows),
        left_out=common.left_out,
        questions=len(items),
    )


def _item_report(
    report: QuestionReport,
    common: CommonSet,
    totals: Sequence[float],
    complete: Mapping[int, float],
    scores: Mapping[int, Mapping[Item, float | None]],
    said: Mapping[int, list[str]],
) -> ItemReport:
    """`complete` holds the total of each learner of the common set."""
    item, others = report.item, len(common.items) - 1
    if item not in common.items or not common.rows or others < 1:
        return ItemReport(report, None, tuple(ItemLine(s, None) for s in report.shares), 0)
    codes = [share.code for share in report.shares]
    rests = {
        learner: (total - float(scores[learner][item] or 0)) / others
        for learner, total in complete.items()
    }
    table = distractor_table(
        [(choices, rests.get(learner)) for learner, choices in said.items()], codes
    )
    lines = [ItemLine(share, line.rest) for share, line in zip(report.shares, table, strict=True)]
    found = discrimination(common.column(item), totals)
    return ItemReport(report, found, tuple(lines), len(common.rows))

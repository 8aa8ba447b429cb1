"""From what a bank says to what we would make of it: a plan of one question, with remarks.

A plan is made without the database. `remarks` say in an editor's words what the bank says and we
cannot keep; a part that cannot become a question at all is a `Refused`, with the reason.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.quizzes.models import AcceptedAnswer, Option, Question

from .markup import Converted, Loss, to_markdown
from .syntax import (
    RIGHT,
    WRONG,
    Answer,
    Bank,
    Broken,
    Choices,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Place,
    Short,
    Trouble,
    TrueFalse,
    Words,
)

GAP = "_____"
"""Stands in a question for the missing word."""
LABEL_LIMIT = 400
ANSWER_LIMIT = 200
CLOSE_ENOUGH = Decimal("0.5")
"""Per cent: authors write a third as 33, 33.3 or 33.33333."""
KEY_LIMIT = 60
THOUSAND = Decimal(1000)
MOST_NUMBERS = 50
"""A range of more whole numbers than these is no list of answers."""


@dataclass(frozen=True)
class OptionPlan:
    label: str
    role: str = Option.Role.CHOICE.value
    is_key: bool = False
    feedback: str = ""
    target: int | None = None
    """Of an item: the place of its target among the plan's options."""


@dataclass(frozen=True)
class AcceptedPlan:
    answer: str
    match: str
    score: Decimal
    feedback: str


@dataclass(frozen=True)
class Plan:
    """A question to be made: a draft, since GIFT knows neither hints nor passages."""

    kind: str
    prompt: str
    key: str
    """As proposed; another question may have it."""
    skill: str
    explanation: str
    options: tuple[OptionPlan, ...]
    accepted: tuple[AcceptedPlan, ...]
    title: str
    is_named: bool
    """Its key comes from the bank's id or title."""
    category: str
    place: Place
    remarks: tuple[str, ...]

    @property
    def is_understood(self) -> bool:
        return not self.remarks

    @property
    def sameness(self) -> tuple[str, str, tuple[str, ...]]:
        """Equal for two questions that ask the same and take the same answers."""
        answers = [f"{option.role} {_folded(option.label)}" for option in self.options]
        answers += [_folded(row.answer) for row in self.accepted]
        return (self.kind, _folded(self.prompt), tuple(sorted(answers)))

    @property
    def whole(self) -> tuple[object, ...]:
        """Equal only where nothing at all would be lost by leaving one of two out."""
        return (self.sameness, self.options, self.accepted, self.explanation, self.skill)


@dataclass(frozen=True)
class Refused:
    """A part of the bank that no question is made of."""

    place: Place
    reason: str
    category: str = ""


def plans_of(bank: Bank) -> list[Plan | Refused]:
    """What we would make of each part, in the bank's order."""
    plans: list[Plan | Refused] = []
    for part in bank.parts:
        if isinstance(part, GiftQuestion):
            try:
                plans.append(_Planner(part).plan())
            except _CannotBe as reason:
                plans.append(Refused(part.place, str(reason), part.category))
        elif isinstance(part, Broken):
            plans.append(Refused(part.place, trouble_in_words(part.trouble), part.category))
    return plans


class _CannotBe(Exception):
    pass


class _Planner:
    def __init__(self, question: GiftQuestion) -> None:
        self.question = question
        self.remarks = [trouble_in_words(trouble) for trouble in question.oddities]
        self.losses: dict[Loss, None] = {}

    def plan(self) -> Plan:
        question = self.question
        kind, options, accepted = self._body()
        prompt = self._prompt()
        skills = [tag for tag in question.tags if tag in Question.Skill.values]
        others = [tag for tag in question.tags if tag not in Question.Skill.values]
        if others or skills[1:]:
            self._say(
                _("These tags are not kept: %(tags)s.") % {"tags": ", ".join(others + skills[1:])}
            )
        explanation = self._text(question.feedback)
        if not prompt and question.title:
            prompt = self._text(Words(question.title, "plain"), one_line=True)
            self._say(_("It has no words but its title, which is the question here."))
        key = proposed_key(question.id, question.title, prompt)
        self._compare_names(key, prompt)
        self.remarks += [loss_in_words(loss) for loss in self.losses]
        return Plan(
            kind=kind,
            prompt=prompt,
            key=key,
            skill=skills[0] if skills else "",
            explanation=explanation,
            options=tuple(options),
            accepted=tuple(accepted),
            title=question.title,
            is_named=key != proposed_key("", "", prompt),
            category=question.category,
            place=question.place,
            remarks=tuple(dict.fromkeys(self.remarks)),
        )

    def _say(self, remark: str) -> None:
        self.remarks.append(remark)

    def _compare_names(self, key: str, prompt: str) -> None:
        """Say where neither the key nor the question holds the words of the title or of the id."""
        for name, remark in (
            (self.question.title, _("Its title “%(name)s” is not kept; its key is “%(key)s”.")),
            (self.question.id, _("Its id “%(name)s” is not kept; its key is “%(key)s”.")),
        ):
            if _bare(name) not in ("", _bare(key), _bare(prompt)):
                self._say(remark % {"name": name, "key": key})

    # Texts

    def _text(self, words: Words | None, *, one_line: bool = False) -> str:
        if words is None:
            return ""
        converted = to_markdown(words, one_line=one_line)
        return self._noted(converted)

    def _noted(self, converted: Converted) -> str:
        self.losses |= dict.fromkeys(converted.losses)
        return converted.markdown

    def _label(self, words: Words) -> str:
        text = self._text(words, one_line=True)
        if words.format != "markdown":
            text = " ".join(text.split())
        if not text:
            raise _CannotBe(_("An answer holds nothing that can be kept: a picture, perhaps."))
        if len(text) > LABEL_LIMIT:
            raise _CannotBe(
                _("An answer is longer than %(n)s characters: “%(start)s…”.")
                % {"n": LABEL_LIMIT, "start": text[:40]}
            )
        return text

    def _prompt(self) -> str:
        stem, after = self.question.stem, self.question.after
        if not after:
            return self._text(stem, one_line=True)
        if stem.format in ("markdown", "plain"):
            whole = Words(f"{stem.text}{GAP}{after}", stem.format)
            return self._text(whole, one_line=True)
        # A sign no text holds keeps the gap's place while the words around it are read as one.
        whole = Words(f"{stem.text}\ufdd0{after}", stem.format)
        return self._text(whole, one_line=True).replace("\ufdd0", _gap_in(stem.text, after))

    # Answers

    def _body(self) -> tuple[str, Sequence[OptionPlan], Sequence[AcceptedPlan]]:
        body = self.question.body
        match body:
            case Choices():
                kind, options = self._choices(body.answers)
                return kind, options, ()
            case TrueFalse():
                return Question.Kind.SINGLE.value, self._true_false(body), ()
            case Short():
                return Question.Kind.SHORT.value, (), self._accepted(body.answers)
            case Matching():
                return Question.Kind.MATCHING.value, self._matching(body), ()
            case Essay():
                return Question.Kind.OPEN.value, (), ()
            case Numerical():
                return Question.Kind.SHORT.value, (), self._numbers(body)
            case Description():
                raise _CannotBe(
                    _("This is a text without a question; a lesson's step would hold it.")
                )

    def _choices(self, answers: Sequence[Answer]) -> tuple[str, list[OptionPlan]]:
        several = not any(answer.right for answer in answers) and any(
            answer.weight != WRONG for answer in answers
        )
        options = [
            OptionPlan(
                label=self._label(answer.text),
                is_key=answer.weight > 0 if several else answer.right,
                feedback=self._text(answer.feedback, one_line=True),
            )
            for answer in answers
        ]
        if several:
            self._weights_of_several(answers, options)
            return Question.Kind.MULTIPLE.value, options
        lost: dict[Decimal, list[str]] = defaultdict(list)
        for answer, option in zip(answers, options, strict=True):
            if answer.weight != (RIGHT if answer.right else WRONG):
                lost[answer.weight].append(option.label)
        for weight, labels in lost.items():
            self._say(
                ngettext(
                    "%(labels)s is worth %(weight)s %% in the bank; here a choice is right or "
                    "wrong.",
                    "%(labels)s are worth %(weight)s %% each in the bank; here a choice is right "
                    "or wrong.",
                    len(labels),
                )
                % {"labels": _quoted(labels), "weight": _plain(weight)}
            )
        return Question.Kind.SINGLE.value, options

    def _weights_of_several(self, answers: Sequence[Answer], options: Sequence[OptionPlan]) -> None:
        """Ours: each right choice its share, each wrong one taken off likewise."""
        right = sum(option.is_key for option in options)
        wrong = len(options) - right
        others: dict[tuple[Decimal, Decimal], list[str]] = defaultdict(list)
        for answer, option in zip(answers, options, strict=True):
            ours = RIGHT / right if option.is_key else -RIGHT / wrong
            if abs(answer.weight - ours) > CLOSE_ENOUGH:
                others[answer.weight, ours].append(option.label)
        for (theirs, ours), labels in others.items():
            self._say(
                ngettext(
                    "%(labels)s counts %(theirs)s %% in the bank and %(ours)s %% here.",
                    "%(labels)s count %(theirs)s %% each in the bank and %(ours)s %% here.",
                    len(labels),
                )
                % {
                    "labels": _quoted(labels),
                    "theirs": _plain(theirs),
                    "ours": _plain(ours.quantize(Decimal("0.01"))),
                }
            )

    def _true_false(self, body: TrueFalse) -> list[OptionPlan]:
        right, wrong = (
            self._text(words, one_line=True) for words in (body.if_right, body.if_wrong)
        )
        return [
            OptionPlan(
                label=label,
                is_key=value == body.value,
                feedback=right if value == body.value else wrong,
            )
            for label, value in ((_("True"), True), (_("False"), False))
        ]

    def _matching(self, body: Matching) -> list[OptionPlan]:
        markdown = self.question.stem.format == "markdown"
        targets: dict[str, None] = {}
        items: list[tuple[str, str]] = []
        for pair in body.pairs:
            target = self._label(Words(pair.target, "markdown" if markdown else "plain"))
            targets[target] = None
            if pair.item is not None:
                items.append((self._label(pair.item), target))
        place = {target: len(items) + n for n, target in enumerate(targets)}
        return [
            *(
                OptionPlan(item, Option.Role.ITEM.value, target=place[target])
                for item, target in items
            ),
            *(OptionPlan(target, Option.Role.TARGET.value) for target in targets),
        ]

    def _accepted(self, answers: Sequence[Answer]) -> list[AcceptedPlan]:
        rows = []
        for answer in answers:
            if not answer.text.text.strip("* "):
                self._say(
                    _("What is said to any other answer is not kept: “%(said)s”.")
                    % {"said": self._text(answer.feedback, one_line=True)}
                )
                continue
            score = answer.weight / RIGHT
            if not 0 <= score <= 1:
                raise _CannotBe(
                    _("“%(answer)s” is worth %(weight)s %%; here it can be from 0 to 100.")
                    % {"answer": answer.text.text[:60], "weight": _plain(answer.weight)}
                )
            kept = (score * THOUSAND).quantize(Decimal(1)) / THOUSAND
            rows.append(
                AcceptedPlan(
                    *self._wanted(answer.text), kept, self._text(answer.feedback, one_line=True)
                )
            )
        return rows

    def _wanted(self, words: Words) -> tuple[str, str]:
        """An accepted answer and how it is compared. In Moodle `*` stands for any words."""
        text = " ".join(words.text.split())
        inner = text[1:-1].strip()
        match = AcceptedAnswer.Match.WHOLE.value
        if len(text) > 2 and text[0] == text[-1] == "*" and not text.endswith("\\*") and inner:
            text, match = inner, AcceptedAnswer.Match.CONTAINS.value
        if "*" in text.replace("\\*", ""):
            self._say(
                _("“%(answer)s”: a * for any words is known here only around the whole answer.")
                % {"answer": text}
            )
        text = text.replace("\\*", "*")
        if len(text) > ANSWER_LIMIT:
            raise _CannotBe(
                _("An accepted answer is longer than %(n)s characters: “%(start)s…”.")
                % {"n": ANSWER_LIMIT, "start": text[:40]}
            )
        return text, match

    def _numbers(self, body: Numerical) -> list[AcceptedPlan]:
        """Numbers as short answers: a range of whole numbers becomes each of them."""
        if body.otherwise:
            self._say(
                _("What is said to a wrong number is not kept: “%(said)s”.")
                % {"said": self._text(body.otherwise, one_line=True)}
            )
        wanted: dict[str, Answer] = {}
        for answer in body.answers:
            for number in self._numbers_of(answer.text.text):
                wanted.setdefault(number, Answer(Words(number), answer.weight, answer.feedback))
        self._say(_("A number is compared here as it is written: 3 and 3.0 are two answers."))
        return self._accepted(list(wanted.values()))

    def _numbers_of(self, spec: str) -> Iterable[str]:
        """What `3`, `3:2` or `1..5` takes as right: a number as written, or whole numbers."""
        first, sign, second = spec.partition(".." if ".." in spec else ":")
        left, right = Decimal(first.strip()), Decimal(second.strip() or 0)
        least, most = (left, right) if sign == ".." else (left - right, left + right)
        if least == most:
            return [first.strip()]
        is_whole = left == int(left) and right == int(right)
        if not (is_whole and 0 <= most - least < MOST_NUMBERS):
            raise _CannotBe(
                _("Numbers within a range (%(spec)s) are asked by no kind of question here.")
                % {"spec": spec}
            )
        numbers = range(int(least), int(most) + 1)
        self._say(
            _("Of the range %(spec)s the whole numbers are right: %(least)s to %(most)s.")
            % {"spec": spec, "least": numbers[0], "most": numbers[-1]}
        )
        return map(str, numbers)


def _gap_in(before: str, after: str) -> str:
    """The gap in Markdown: escaped where its strokes could make what is around them stand out."""
    stands_alone = (not before or before[-1].isspace()) and not after[:1].isalnum()
    return GAP if stands_alone else "\\_" * len(GAP)


def _bare(text: str) -> str:
    """The letters and numbers of a name, without case or accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _quoted(labels: Iterable[str]) -> str:
    return ", ".join(f"“{label}”" for label in labels)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def proposed_key(mark: str, title: str, prompt: str) -> str:
    """A key from the bank's id, else its title, else the question's first words."""
    for words in (mark, title, " ".join(prompt.split()[:8])):
        key = slugify(words)[:KEY_LIMIT].strip("-_")
        if key:
            return key
    return "question"


class FreeKeys:
    """Gives each question a key that no other has: key, key-2, key-3, …"""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        key, n = wanted, self._next.get(wanted, 2)
        while key in self._taken:
            key, n = f"{wanted}-{n}", n + 1
        self._next[wanted] = n
        self._taken.add(key)
        return key


# --- In words ---------------------------------------------------------------------------------


def trouble_in_words(trouble: Trouble) -> str:
    return {
        Trouble.UNCLOSED: _("The brace { is never closed before the next blank line."),
        Trouble.STRAY_BRACE: _("A brace } closes nothing; a brace that is meant is written \\}."),
        Trouble.NESTED_BRACE: _(
            "A brace { stands among the answers; a brace that is meant is written \\{."
        ),
        Trouble.TWO_SECTIONS: _(
            "There are two pairs of braces; a question has one. A brace that is meant is "
            "written \\{ or \\}."
        ),
        Trouble.NO_NUMBER: _("What stands behind # is not a number."),
        Trouble.NO_PAIR: _("One of the lines to match has no -> with words behind it."),
        Trouble.NO_ANSWER: _("One of the answers is empty."),
        Trouble.TOO_MANY_ANSWERS: _("It has more than 100 answers."),
        Trouble.EMPTY: _("There are no words in it."),
        Trouble.BLANK_LINE_INSIDE: _(
            "A blank line stands among the answers. Moodle would refuse this question."
        ),
        Trouble.NO_BLANK_LINE: _(
            "No blank line parts it from what stands before. Moodle would run the two together."
        ),
        Trouble.OPEN_TITLE: _("The title is never closed, so its words are in the question."),
        Trouble.NO_SIGN: _("An answer has neither = nor ~ before it."),
        Trouble.ODD_WEIGHT: _("What looks like a weight is not one, so it is in the answer."),
        Trouble.SIGN_INSIDE: _(
            "A = stands within words and begins an answer there, as in Moodle; "
            "one that is meant is written \\=."
        ),
        Trouble.CODE: _(
            "Its code holds a blank line or //. It is kept here; Moodle would cut it there."
        ),
    }[trouble]


def loss_in_words(loss: Loss) -> str:
    return {
        Loss.PICTURE: _("A picture is not kept; its words or its file's name stand in its place."),
        Loss.FILE: _("A file that belongs to it is not kept."),
        Loss.TABLE: _("A table has become lines of words."),
        Loss.SCRIPT: _("A script or what is embedded is left out."),
        Loss.SCRIPTS_OF_LINE: _("Raised and lowered signs stand on the line (x² becomes x2)."),
        Loss.FORM: _("Fields of a form are left out."),
        Loss.LINK: _("A link is not kept, only its words: it does not lead to a web page."),
        Loss.LOOK: _("Some of its look (colours, underlining and the like) is not kept."),
        Loss.FORMULA: _("It may hold a formula, which is shown as it is written."),
        Loss.LINES: _("Its lines run together where it is shown, and indents are not kept."),
        Loss.RAW_HTML: _("HTML inside Markdown is shown as words, not followed."),
        Loss.COMMENT: _("A comment hidden in its HTML is left out."),
    }[loss]


def counted(plans: Sequence[Plan | Refused]) -> dict[str, int]:
    """How many are understood, need attention, and are not understood."""
    good = [plan for plan in plans if isinstance(plan, Plan)]
    return {
        "understood": sum(plan.is_understood for plan in good),
        "attention": sum(not plan.is_understood for plan in good),
        "refused": len(plans) - len(good),
    }


def counts_in_words(plans: Sequence[Plan | Refused]) -> str:
    return _(
        "%(found)s: %(understood)s understood, %(attention)s in need of attention, "
        "%(refused)s not understood."
    ) % {
        "found": ngettext("%(n)s part", "%(n)s parts", len(plans)) % {"n": len(plans)},
        **counted(plans),
    }

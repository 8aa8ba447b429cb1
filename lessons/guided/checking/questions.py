"""Checks of questions, one at a time: can they be asked and answered, and are they fair?"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.documents.sentences import sentences as cut
from lessons.quizzes.kinds import KINDS, kind_of
from lessons.quizzes.kinds.short import normalised
from lessons.quizzes.models import Option, Question, Quiz

from .answers import earns_everything, perfect_answers
from .content import Content
from .findings import Finding, advice, error
from .words import dates, sentences

FEEDBACK = 2
"""Sentences of feedback, at most."""
LONGER = 2
"""Characters by which a key may be the longest of its options."""
UNLIKE = 2
"""Times the shortest option that the longest may be as long, from `SHORT` characters on."""
SHORT = 25
CHOICES = (Question.Kind.SINGLE, Question.Kind.MULTIPLE)
LEVELS = 3

_CATCH_ALL = re.compile(
    r"\b(?:all|none|both|any|each|neither) of (?:the above|the other|the option)s?\b"
    r"|^(?:all|none) of (?:these|them)\b",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"\b(?:NOT|EXCEPT)\b|\*\*?(?:not|except)\*\*?")
_HOW_MANY = re.compile(
    r"\b(?:choose|tick|select|mark|find) (?:the )?(one|two|three|four|five)\b", re.IGNORECASE
)
_NUMBERS = ("one", "two", "three", "four", "five")


def unaskable(content: Content) -> Iterator[Finding]:
    """What each kind says of its own questions, and right answers that do not score 1.

    A perfect answer is put into the form that a browser would send and marked; for a short
    answer each accepted one that is worth 1.
    """
    for question in content.questions:
        if question.kind not in KINDS:
            continue  # `fields` says so
        face, key = content.face_and_key(question)
        problems = kind_of(question.kind).problems(face, key)
        for problem in problems:
            yield error(question, _("It cannot be asked as it is."), problem)
        if problems:
            continue
        for answer in perfect_answers(face, key):
            if not earns_everything(face, key, answer):
                yield error(
                    question,
                    _("A right answer cannot be given: %(answer)s")
                    % {"answer": kind_of(question.kind).describe(face, answer)},
                    _("Mend its parts until the answer that they call right scores 1."),
                )


def unused_answers(content: Content) -> Iterator[Finding]:
    """Accepted answers that never count, since another that is worth more takes their place."""
    for question in content.questions:
        if question.kind != Question.Kind.SHORT:
            continue
        _face, key = content.face_and_key(question)
        for row in question.accepted_answers.all():
            if kind_of(question.kind).mark(key, {"text": row.answer}) != row.score:
                yield error(
                    row,
                    _("Whoever answers this is given what another accepted answer is worth."),
                    _("Take it out, or let the other compare the whole answer."),
                )


def misplaced_evidence(content: Content) -> Iterator[Finding]:
    """Evidence in another text than the question's, or cut across sentences.

    Readers tick whole sentences: a span over two of them has to be both of them whole.
    """
    for question in content.questions:
        if question.kind != Question.Kind.EVIDENCE or question.text is None:
            continue
        for span in question.evidence.all():
            if span.text_id != question.text_id:
                yield error(
                    span,
                    _("It lies in another text than the one the question is about."),
                    _("Mark words of %(text)s, or change the question's text.")
                    % {"text": question.text.passage},
                )
                continue
            text = question.text.text
            touched = [
                (start, start + len(text[start:end].rstrip()))
                for start, end in cut(text)
                if start < span.end and span.start < start + len(text[start:end].rstrip())
            ]
            whole = touched and span.start <= touched[0][0] and touched[-1][1] <= span.end
            if len(touched) > 1 and not whole:
                yield error(
                    span,
                    _("It begins in one sentence and ends inside another."),
                    _("Mark one sentence, or each of them whole: readers tick whole sentences."),
                )


def question_texts(content: Content) -> Iterator[Finding]:
    """A stem that asks, for what is so and for as many as are right; nothing given away."""
    for question in content.questions:
        if question.kind in CHOICES and "?" not in question.prompt:
            yield advice(
                question,
                _("Its stem asks nothing."),
                _("Write it as one clear question."),
            )
        if _NEGATIVE.search(question.prompt):
            yield advice(
                question,
                _("Its stem asks for what is not so."),
                _("Ask for what is so: readers miss a “not”."),
            )
        yield from _counted(content, question)
        yield from _given_away(content, question)


def _counted(content: Content, question: Question) -> Iterator[Finding]:
    asked = _HOW_MANY.search(question.prompt)
    if not asked or question.kind not in (Question.Kind.MULTIPLE, Question.Kind.EVIDENCE):
        return
    _face, key = content.face_and_key(question)
    number = _NUMBERS.index(asked[1].casefold()) + 1
    right = len(key["right"] if question.kind == Question.Kind.MULTIPLE else key["spans"])
    if right and number != right and (question.needs_all_evidence or number > right):
        yield error(
            question,
            _("It asks for %(asked)s, and %(right)s are right.")
            % {"asked": number, "right": right},
            _("Change the number in the question, or what is marked as right."),
        )


def _given_away(content: Content, question: Question) -> Iterator[Finding]:
    if question.kind == Question.Kind.SHORT:
        right = [row.answer for row in question.accepted_answers.all() if row.score == 1]
    elif question.kind in CHOICES:
        right = [option.label for option in question.options.all() if option.is_key]
    else:
        return
    for name, words in (("prompt", question.prompt), ("hint", question.hint)):
        said = f" {normalised(words)} "
        given = next((answer for answer in right if f" {normalised(answer)} " in said), None)
        if given:
            yield error(
                question,
                _("Its %(name)s gives the answer: “%(answer)s”.") % {"name": name, "answer": given},
                _("Say it in other words, or send the reader to the place."),
            )


def feedback(content: Content) -> Iterator[Finding]:
    """At most two sentences. On a line to be matched, not the name of what it belongs to."""
    for question in content.questions:
        parts: Iterator[Any] = chain(
            question.options.all(),
            question.evidence.all(),
            question.accepted_answers.all(),
            question.cards.all(),
            question.segments.all(),
        )
        for part in parts:
            count = len(sentences(part.feedback))
            if count > FEEDBACK:
                yield error(
                    part,
                    _("Its feedback has %(n)s sentences.") % {"n": count},
                    _("Keep two at most; the rest belongs to the explanation."),
                )
        for option in question.options.all():
            if option.answer and _names(option.feedback, option.answer.label):
                yield error(
                    option,
                    _("Its feedback names what it belongs to: “%(target)s”.")
                    % {"target": option.answer.label},
                    _("Say where to look: feedback is read before a second try."),
                )


def _names(feedback: str, target: str) -> bool:
    name = target.partition(",")[0].strip().casefold()
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", feedback.casefold()) is not None


def options(content: Content) -> Iterator[Finding]:
    """Misreadings behind wrong options, none of the above, and options that are alike."""
    for question in content.questions:
        choices = [o for o in question.options.all() if o.role == Option.Role.CHOICE]
        for option in question.options.all():
            if _CATCH_ALL.search(option.label):
                yield error(
                    option,
                    _("It points at the other options."),
                    _("Write a reading of the text that somebody could hold."),
                )
        if question.kind not in CHOICES:
            continue
        for option in choices:
            if not option.is_key and not option.misreading.strip():
                yield error(
                    option,
                    _("A wrong option, and no misreading is named behind it."),
                    _("Name the misreading it catches, or put a real one in its place."),
                )
            if option.is_key and option.misreading.strip():
                yield advice(
                    option,
                    _("It is ticked as right and names a misreading."),
                    _("Take out the misreading, or the tick."),
                )
        yield from _alike(question, choices)


def _alike(question: Question, choices: Sequence[Option]) -> Iterator[Finding]:
    lengths = [len(option.label) for option in choices]
    right = [option for option in choices if option.is_key]
    wrong = [option for option in choices if not option.is_key]
    if not right or not wrong:
        return
    longest = max(len(option.label) for option in wrong)
    if min(len(option.label) for option in right) > longest + LONGER:
        yield error(
            question,
            ngettext(
                "Its key is longer than every other option.", "Its keys are longer.", len(right)
            ),
            _("Shorten “%(label)s” to at most %(n)s characters, or lengthen another option.")
            % {"label": right[0].label, "n": longest},
        )
    if max(lengths) >= SHORT and max(lengths) > UNLIKE * min(lengths):
        yield advice(
            question,
            _("Its options run from %(shortest)s to %(longest)s characters.")
            % {"shortest": min(lengths), "longest": max(lengths)},
            _("Make them of about one length: a reader should not choose by the eye."),
        )
    openings = [{_opening(option) for option in group} for group in (right, wrong)]
    if len(wrong) > 1 and len(openings[1]) == 1 and not openings[0] & openings[1]:
        yield advice(
            question,
            _("All wrong options begin with “%(word)s”, and the key does not.")
            % {"word": openings[1].pop()},
            _("Let all options begin alike, or each in its own way."),
        )
    ends = {option.label.rstrip()[-1:] in ".!?" for option in choices}
    if len(ends) > 1:
        yield advice(
            question,
            _("Some of its options end with a full stop, and others do not."),
            _("End them alike."),
        )


def _opening(option: Option) -> str:
    return next(iter(option.label.casefold().split()), "")


def rubrics(content: Content) -> Iterator[Finding]:
    """Open questions: three levels, each with a sample of its own; a length to aim at."""
    for question in content.questions:
        if question.kind not in Question.WRITTEN:
            continue
        if not (question.expected_words or question.most_words):
            yield error(
                question,
                _("It does not say how long an answer is expected."),
                _("Give the expected words: two to five sentences are 40 to 100."),
            )
        for criterion in question.criteria.all():
            levels = criterion.levels.all()
            samples = [level.sample.strip() for level in levels]
            if len(levels) > LEVELS:
                yield advice(
                    criterion,
                    _("It has %(n)s levels.") % {"n": len(levels)},
                    _("Keep three, which students can tell apart."),
                )
            if len(set(samples)) < len(samples):
                yield error(
                    criterion,
                    _("One sample answer stands at two levels."),
                    _("Write an answer for each level."),
                )


def disordered_lines(content: Content) -> Iterator[Finding]:
    """Lines to put in order whose days, as their labels or feedback give them, run another way."""
    for question in content.questions:
        if question.kind != Question.Kind.ORDERING:
            continue
        lines = [option for option in question.options.all() if option.rank]
        days = [
            (option, found.first)
            for option in sorted(lines, key=lambda option: option.rank or 0)
            if (found := next(iter(dates(f"{option.label}\n{option.feedback}")), None))
        ]
        for (earlier, first), (later, second) in pairwise(days):
            if first > second:
                yield error(
                    question,
                    _("“%(later)s” has place %(rank)s, but its day is before “%(earlier)s”.")
                    % {"later": later.label, "rank": later.rank, "earlier": earlier.label},
                    _("Number the places by the days, or mend the day in the feedback."),
                )


def shown_keys(content: Content) -> Iterator[Finding]:
    """Questions that are handed in for a mark although practice has shown their key, or in none."""
    asked: dict[int, list[Quiz]] = {}
    for quiz in content.quizzes:
        for question in content.questions_in(quiz):
            asked.setdefault(question.pk, []).append(quiz)
    for question in content.questions:
        quizzes = asked.get(question.pk, [])
        practice = [quiz for quiz in quizzes if quiz.purpose == Quiz.Purpose.PRACTICE]
        if practice and len(practice) < len(quizzes):
            yield error(
                question,
                _("It is handed in for a mark, and “%(quiz)s” shows its key before.")
                % {"quiz": practice[0].title},
                _("Write another question for one of the two."),
            )
        if not quizzes:
            yield advice(question, _("No quiz asks it."), _("Put it into a quiz, or retire it."))

"""Checks of lessons as wholes: steps and minutes, what they ask, and whether it is balanced."""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.core.models import ContentModel
from lessons.guided.models import Lesson, Step
from lessons.quizzes.kinds.short import normalised
from lessons.quizzes.models import Option, Question, Quiz
from lessons.quizzes.views import SAMPLES

from .content import Content
from .findings import Finding, advice, error
from .sources import HEADNOTE
from .words import words

MINUTES = range(15, 26)
CHUNK_QUESTIONS = range(3, 6)
CLOSING = range(4, 6)
SKILLS = 4
CHECKS = Fraction(1, 4)
"""Of a lesson's questions, at most so many only check comprehension."""
MARGIN = Fraction(1, 4)
FEW = 4
"""Questions from which a balance can be told."""
CHUNK = (Step.Kind.SOURCE_CARD, Step.Kind.PROVENANCE, Step.Kind.READING, Step.Kind.WHOLE_READING)
NEEDS: dict[str, tuple[str, ...]] = {
    Step.Kind.READING: ("passages",),
    Step.Kind.WHOLE_READING: ("passages",),
    Step.Kind.CORROBORATION: ("passages", "source_cards"),
    Step.Kind.VOICES: ("passages",),
}
EXERCISES: dict[str, str] = {
    Step.Kind.TWO_LANES: Question.Kind.REPLIES,
    Step.Kind.VOICES: Question.Kind.VOICES,
    Step.Kind.OTHER_CABLE: Question.Kind.CABLE,
}
"""The kind of question that makes a step what it is."""
LITTLE_WORDS = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "but", "by", "for", "from", "has", "have"),
        *("how", "if", "in", "into", "is", "it", "its", "not", "of", "on", "or", "that", "the"),
        *("their", "then", "this", "to", "was", "were", "what", "which", "who", "whom", "with"),
    )
)


def orders(content: Content) -> Iterator[Finding]:
    """Lessons, steps and questions of a quiz counted from 1, each number once."""
    for module in content.modules:
        lessons = [(lesson.order, lesson) for lesson in module.lessons.all()]
        yield from _repeated(lessons)
        yield from _gap(module, [n for n, _lesson in lessons])
        yield from _repeated((page.order, page) for page in module.teacher_pages.all())
    for lesson in content.lessons:
        steps = [(step.order, step) for step in lesson.steps.all()]
        yield from _repeated(steps)
        yield from _gap(lesson, [n for n, _step in steps])
    for quiz in content.quizzes:
        items = [(item.position, item) for item in quiz.items.all()]
        yield from _repeated(items)
        yield from _gap(quiz, [n for n, _item in items])


def _repeated(rows: Iterable[tuple[int, ContentModel]]) -> Iterator[Finding]:
    first: dict[int, ContentModel] = {}
    for number, row in rows:
        if number in first:
            yield error(
                row,
                _("It has number %(n)s, which “%(other)s” has already.")
                % {"n": number, "other": first[number]},
                _("Give each its own number."),
            )
        first.setdefault(number, row)


def _gap(row: ContentModel, numbers: list[int]) -> Iterator[Finding]:
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if missing:
        yield error(
            row,
            _("Number %(n)s is missing among its parts.") % {"n": ", ".join(map(str, missing))},
            _("Number them from 1 without a gap."),
        )


def addresses(content: Content) -> Iterator[Finding]:
    """Steps whose address another page of the site has taken."""
    for lesson in content.lessons:
        for step in lesson.steps.all():
            path = reverse("guided:step", args=[lesson.slug, step.slug])
            if resolve(path).view_name != "guided:step":
                yield error(
                    step,
                    _("Its address “%(slug)s” leads to another page of the site.")
                    % {"slug": step.slug},
                    _("Choose another address."),
                )


def minutes(content: Content) -> Iterator[Finding]:
    """The minutes of the steps are those of the lesson, and from 15 to 25."""
    for lesson in content.lessons:
        total = sum(step.minutes for step in lesson.steps.all())
        if total != lesson.minutes:
            yield error(
                lesson,
                _("It says %(said)s minutes, and its steps have %(total)s.")
                % {"said": lesson.minutes, "total": total},
                _("Count again, and write the same number."),
            )
        if lesson.minutes not in MINUTES:
            yield advice(
                lesson,
                _("It takes %(n)s minutes.") % {"n": lesson.minutes},
                _("Aim at %(fewest)s to %(most)s, counted honestly.")
                % {"fewest": MINUTES[0], "most": MINUTES[-1]},
            )


def steps(content: Content) -> Iterator[Finding]:
    """What each kind of step needs; headnotes of 90 words; titles that keep the finding back."""
    for lesson in content.lessons:
        titles: set[str] = set()
        for step in lesson.steps.all():
            yield from _needs(content, step)
            count = len(words(step.body))
            if step.kind == Step.Kind.HEADNOTE and count > HEADNOTE:
                yield error(
                    step,
                    _("The headnote has %(n)s words.") % {"n": count},
                    _("Keep %(n)s at most.") % {"n": HEADNOTE},
                )
            if step.title.casefold() in titles:
                yield advice(
                    step,
                    _("Another step of the lesson has the same title."),
                    _("Give each step its own title."),
                )
            titles.add(step.title.casefold())
            for label in _right_labels(content.questions_in(content.quiz_of(step))):
                if tells(step.title, label):
                    yield error(
                        step,
                        _("Its title tells the answer of its question: “%(label)s”.")
                        % {"label": label},
                        _("Let the title name the matter, never the finding."),
                    )
        yield from _returns(content, lesson)


def _needs(content: Content, step: Step) -> Iterator[Finding]:
    for name in NEEDS.get(step.kind, ()):
        if not getattr(step, name).all():
            yield error(
                step,
                _("A step of kind %(kind)s, and it has no %(name)s.")
                % {"kind": step.get_kind_display(), "name": name.replace("_", " ")},
                _("Add them, or choose another kind."),
            )
    if step.kind == Step.Kind.MAP and not (step.routes.all() or step.places.all()):
        yield error(
            step,
            _("A map, and it has neither routes nor places."),
            _("Add them, or choose another kind."),
        )
    quiz = content.quiz_of(step)
    if quiz and (step.kind == Step.Kind.QUIZ) != (quiz.purpose == Quiz.Purpose.GRADED):
        yield error(
            step,
            _("Its quiz is for %(purpose)s, and it is a step of kind %(kind)s.")
            % {"purpose": quiz.purpose, "kind": step.get_kind_display()},
            _("Hand in for a mark in a step of kind quiz only, and nothing else there."),
        )
    wanted = EXERCISES.get(step.kind)
    if wanted and all(q.kind != wanted for q in content.questions_in(quiz)):
        yield error(
            step,
            _("A step of kind “%(kind)s”, and no question of its quiz is of the kind “%(wanted)s”.")
            % {"kind": step.get_kind_display(), "wanted": Question.Kind(wanted).label},
            _("Add that question, or choose another kind of step."),
        )
    if quiz and not content.questions_in(quiz):
        yield error(step, _("Its quiz asks nothing."), _("Add a question, or take the quiz out."))
    if step.kind == Step.Kind.READING and not step.quiz_id:
        yield advice(
            step,
            _("It reads a chunk and asks nothing."),
            _("Add one question, or two, on what it reads."),
        )


def _right_labels(questions: Iterable[Question]) -> Iterator[str]:
    for question in questions:
        yield from (option.label for option in question.options.all() if option.is_key)
        yield from (row.answer for row in question.accepted_answers.all() if row.score == 1)


def tells(title: str, label: str) -> bool:
    """Whether a title gives a right option away: it holds all of it, or most of its words.

    Counted are three words or more of a label's that carry sense; two thirds of them are most.
    """
    if len(normalised(label).split()) > 1 and normalised(label) in normalised(title):
        return True
    said, right = _sense(title), _sense(label)
    return len(right) > 2 and 3 * len(said & right) >= 2 * len(right)


def _sense(text: str) -> set[str]:
    return set(normalised(text).split()) - LITTLE_WORDS


def _returns(content: Content, lesson: Lesson) -> Iterator[Finding]:
    for step in lesson.steps.all():
        earlier = step.earlier
        if earlier is None:
            continue
        place = (earlier.lesson.order, earlier.order)
        if earlier.lesson.module_id != lesson.module_id or place >= (lesson.order, step.order):
            yield error(
                step,
                _("“%(earlier)s” is named as its earlier step, and does not come before it.")
                % {"earlier": earlier.title},
                _("Name a step that learners have passed."),
            )
        asked = content.questions_in(content.quiz_of(earlier))
        if not any(question.kind == Question.Kind.OPEN for question in asked):
            yield error(
                step,
                _("Nothing is written in “%(earlier)s”, its earlier step.")
                % {"earlier": earlier.title},
                _("Name a step with an open question, or none."),
            )


def asked(content: Content) -> Iterator[Finding]:
    """What a lesson asks: skills, questions on chunks, a written answer, a closing quiz."""
    for lesson in content.lessons:
        questions = content.questions_of(lesson)
        skills = {question.skill for question in questions}
        if len(skills) < SKILLS:
            yield error(
                lesson,
                _("It asks for %(n)s of the five skills: %(skills)s.")
                % {"n": len(skills), "skills": ", ".join(sorted(skills)) or "—"},
                _("Ask for %(n)s at least.") % {"n": SKILLS},
            )
        if not any(question.kind in Question.WRITTEN for question in questions):
            yield error(
                lesson,
                _("Nothing is answered in writing."),
                _("Add an open question with a rubric."),
            )
        checks = sum(question.is_check for question in questions)
        if checks > CHECKS * len(questions):
            yield error(
                lesson,
                _("%(checks)s of its %(n)s questions only check comprehension.")
                % {"checks": checks, "n": len(questions)},
                _("Keep one in four at most; let the others ask for thinking."),
            )
        on_chunks = [
            q for q in content.questions_of(lesson, *CHUNK) if q.kind not in Question.WRITTEN
        ]
        exercises = any(step.kind in EXERCISES for step in lesson.steps.all())
        if len(on_chunks) not in CHUNK_QUESTIONS and not (exercises and not on_chunks):
            yield advice(
                lesson,
                ngettext(
                    "It asks %(n)s question on its chunks.",
                    "It asks %(n)s questions on its chunks.",
                    len(on_chunks),
                )
                % {"n": len(on_chunks)},
                _("Ask from %(fewest)s to %(most)s.")
                % {"fewest": CHUNK_QUESTIONS[0], "most": CHUNK_QUESTIONS[-1]},
            )
        yield from _closing(content, lesson)


def _closing(content: Content, lesson: Lesson) -> Iterator[Finding]:
    closing = [step for step in lesson.steps.all() if step.kind == Step.Kind.QUIZ]
    if len(closing) != 1:
        yield error(
            lesson,
            _("It has %(n)s closing quizzes.") % {"n": len(closing)},
            _("Close it with one step of kind quiz."),
        )
    for step in closing:
        quiz = content.quiz_of(step)
        count = len(content.questions_in(quiz))
        if quiz and count and count not in CLOSING:
            yield error(
                quiz,
                _("The closing quiz has %(n)s questions.") % {"n": count},
                _("Ask %(fewest)s or %(most)s.") % {"fewest": CLOSING[0], "most": CLOSING[-1]},
            )


def unused_quizzes(content: Content) -> Iterator[Finding]:
    """Quizzes that no step gives; that of the sample questions is for editors."""
    given = {step.quiz_id for lesson in content.lessons for step in lesson.steps.all()}
    for quiz in content.quizzes:
        if quiz.pk not in given and quiz.key != SAMPLES:
            yield advice(quiz, _("No step gives it."), _("Put it into a step, or retire it."))


def guides(content: Content) -> Iterator[Finding]:
    """A page for teachers to each lesson."""
    guided = {page.lesson_id for page in content.teacher_pages}
    for lesson in content.lessons:
        if lesson.pk not in guided:
            yield advice(
                lesson,
                _("It has no page for teachers."),
                _("Write one: what students get wrong, and how to teach it in a period."),
            )


def balance(content: Content) -> Iterator[Finding]:
    """Over a lesson's single choices: at which place the key stands, and whether its length tells.

    By chance the key stands at each place, is the longest, and is the shortest in one of k
    questions with k options; over several questions the chance is the mean of 1/k. More than
    that and a quarter of the questions (MARGIN) is called out of balance: with four options, more
    than half. Told from four questions on; luck alone does that to six questions once in 27 times
    for a given place. Ties in length count for neither; being the shortest is advice only.
    """
    for lesson in content.lessons:
        singles = [q for q in content.questions_of(lesson) if q.kind == Question.Kind.SINGLE]
        sets = [found for question in singles if (found := _choices(question))]
        if len(sets) < FEW:
            continue
        chance = sum((Fraction(1, len(options)) for options, _key in sets), Fraction()) / len(sets)
        most = (chance + MARGIN) * len(sets)
        places = Counter(options.index(key) + 1 for options, key in sets)
        place, count = places.most_common(1)[0]
        if count > most:
            yield error(
                lesson,
                _("In %(count)s of its %(n)s single choices the key stands at place %(place)s.")
                % {"count": count, "n": len(sets), "place": place},
                _("Spread the keys over the places."),
            )
        stands_out = (
            (error, _("longest"), sum(_stands_out(*found, longest=True) for found in sets)),
            (advice, _("shortest"), sum(_stands_out(*found, longest=False) for found in sets)),
        )
        for say, word, count in stands_out:
            if count > most:
                yield say(
                    lesson,
                    _("In %(count)s of its %(n)s single choices the key is the %(word)s option.")
                    % {"count": count, "n": len(sets), "word": word},
                    _("Change the length of some keys or wrong options."),
                )


def _choices(question: Question) -> tuple[list[Option], Option] | None:
    """The options in the order of an editor's, and the key, where there is one."""
    options = [o for o in question.options.all() if o.role == Option.Role.CHOICE]
    options.sort(key=lambda option: (option.order, option.key))
    keys = [option for option in options if option.is_key]
    return (options, keys[0]) if len(keys) == 1 else None


def _stands_out(options: list[Option], key: Option, *, longest: bool) -> bool:
    others = [len(option.label) for option in options if option is not key]
    length = len(key.label)
    return length > max(others) if longest else length < min(others)

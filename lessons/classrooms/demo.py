"""The invented class of the demonstration: History 11b in the middle of two lessons."""

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson, Progress, Step
from lessons.guided.outlines import LessonOutline, StepOutline, lesson_outline
from lessons.quizzes import domain as quizzes
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Answer, Face, Key
from lessons.quizzes.kinds.replies import NONE
from lessons.quizzes.models import (
    AttemptItem,
    Confidence,
    Delivery,
    MarkingKey,
    Question,
    Quiz,
    Response,
)
from lessons.quizzes.revisions import kept_revisions

from .domain import assignments as giving
from .domain import classes, marking
from .models import Assignment, Classroom, Membership

T = TypeVar("T")

NAME = "History 11b"
TERM = "Spring term"
ZONE = "Europe/London"
LESSON = "the-letter-and-the-middle-position"
LINES = "between-the-lines"
SEED = 1958

STUDENTS = (
    "Amara Okafor",  # the demo's own student
    "Ben Thornton",
    "Chiara Lombardi",
    "Dmitri Volkov",
    "Elif Kaya",
    "Farah Siddiqui",
    "Goran Petrović",
    "Hana Mizuno",
    "Imran Anwar",
    "Jonas Weber",
    "Keiko Nakamura",
    "Lucía Romero",
    "Mei Lin Zhou",
    "Noah Adeyemi",
    "Oona Virtanen",
    "Priya Raman",
    "Quentin Marchand",
    "Rosa Delgado",
    "Samir Haddad",
    "Tove Lindqvist",
    "Usha Iyer",
    "Viktor Nagy",
    "Wanjiru Kamau",
    "Yusuf Demir",
)

WRITTEN = (
    "Hussein talks of the letter as if it disappointed him, so he speaks for himself there. About "
    "the middle position he speaks for his government. But we read only what Chetverikov wrote.",
    "He wants to show Khrushchev that Pakistan can change. The record says it is an intention, so "
    "it is not decided yet.",
    "Pakistan wanted to leave the alliances and Hussein told Khrushchev about it.",
    "The ambassador says “in the last two weeks”, which we can check in the newspapers. The rest "
    "is his own view of what Noon meant, and the Soviet side wrote it down.",
    "It is a Soviet paper. A Pakistani paper might have put the same talk in another way.",
    "Hussein says the last part of the letter is the key. I think he reads more into it than there "
    "is, because Noon does not promise anything.",
    "He speaks for Pakistan, since he is the ambassador.",
    "Two voices: “in Hussein's opinion” is his own, “the government has the serious intention” is "
    "official. Whether Noon would agree with this we cannot tell from the record.",
)

JUDGED = (
    (2, "You keep his voice and his government’s apart, and you name who wrote it down. Good."),
    (1, "Which word in the text tells you that it is only an intention?"),
    (0, "Who says that Pakistan wanted this? Look at the last sentence of ¶3 again."),
    (2, ""),
    (1, "True. Now use it: which sentence would a Pakistani paper have put otherwise?"),
    (1, ""),
    (0, "Sometimes. Find one sentence where the record says that he does not."),
    (2, "The last sentence is what a historian would ask."),
)
"""How well each of them answers (the place of a level, worst first), and what is said to it."""
LEFT_TO_MARK = 5

CABLES = (
    "Delivered the Prime Minister's letter today. Chairman Khrushchev thought its expressions "
    "those of others; I asked him to look at its last part, which shows our wish for good "
    "relations with all neighbours. He proposed an air service. Its first gain is a Soviet road "
    "to Delhi over our territory, its second a line to Karachi. I welcomed the idea and said "
    "that our concerns about the Soviet position on Kashmir have to be met first. On the Pact "
    "he spoke as expected, and I gave no undertaking. I asked him to use his influence over "
    "Kashmir. His reply was general. Recommend that we study the air proposal.",
    "Had a long and friendly talk with Chairman Khrushchev. He respects our efforts and "
    "believes that they will have success. He offers direct flights between the Soviet Union "
    "and Karachi, so that one could fly from London to Karachi in one day. I called it a "
    "wonderful idea. He says that our foreign policy is our internal matter. On Kashmir he "
    "remembers his visit in 1955 and does not know the present situation in detail. I think "
    "that the Soviet position may change if we are patient. I recommend that the government "
    "answer him warmly, and that it ask for more about the flights.",
    "Khrushchev says we must leave the Baghdad Pact. He wants to fly over Pakistan to Delhi. I "
    "told him that it is not possible now because of Kashmir. He was angry about the letter and "
    "said it sounds like Dulles. India is his friend and he will not help us. I told him that "
    "relations can change next year. He did not answer. I asked him for his influence and he "
    "spoke only about peace. We should not expect anything from Moscow. The Americans should "
    "hear about this, because then they may help us more with Kashmir than before.",
    "Letter handed over, with my personal congratulations. His objection: its phrases. I did "
    "not defend them at length. Two proposals: that we leave the Pact, which he called our own "
    "matter, and air traffic to Delhi over our territory with a service to Karachi. I let the "
    "first pass and was warm about the second, but tied it to Kashmir. What I said as my own "
    "opinion I report as such: that India's closeness to Moscow need not last. My request that "
    "he use his influence found an answer about peace between countries which I cannot "
    "interpret. A Soviet note of this talk will read otherwise.",
)
"""Of 80 to 120 words, as the exercise asks."""
CABLES_JUDGED = (
    (2, "Each choice has its reason. Which line would you give up if you had only 80 words?"),
    (1, "The pact is missing. Say why you left it out: that is the interesting part."),
    (0, "“Angry”: where does the record say so?"),
    (2, "The last sentence is a limit, and you use it."),
)
DECIDED = {
    "letter": (
        ("leave", "The Prime Minister signed it; I was sent to hand it over."),
        ("soften", "I say only that I pointed to the last part."),
        ("leave", "It could cost me my post."),
        ("keep", "They should know how it was read here."),
    ),
    "pact": (
        ("keep", "The government has to know what is asked of it."),
        ("soften", "If it sounds like pressure, they will close the door."),
        ("keep", "It is the main thing he wants."),
    ),
    "delhi": (
        ("keep", "Delhi comes first, and they must see that."),
        ("soften", "I put Karachi first, which they will like."),
        ("keep", "It is a real offer."),
    ),
    "convince": (
        ("leave", "It looks as if I worked for Moscow."),
        ("leave", "My government would ask who told me to."),
        ("soften", "I say that I spoke of patience."),
    ),
    "opinion": (
        ("keep", "Then nobody can hold the government to it."),
        ("leave", "What I say for myself is nobody's business."),
        ("soften", "I report it as a general remark."),
    ),
    "influence": (
        ("keep", "It was my task to ask."),
        ("soften", "His reply was no reply; I call it general."),
        ("keep", "Kashmir is what Karachi reads first."),
    ),
}
"""What is done with each line of the cable, and why."""
HEARD = ["reported", "frame", "first-person"]
"""Voices in the order in which they tempt."""
REASONS = (
    "¶8 answers the flights only, and Chetverikov would have written down a yes.",
    "“Agreed” in ¶3 shows that he did not write down everything.",
    "An ambassador cannot say yes or no to that without asking Karachi.",
    "They may have written to each other about it; we have only this paper.",
    "Hussein speaks of other things at once, so I think he kept quiet.",
    "The recorder writes what Khrushchev offers and not always what comes back.",
)


@dataclass(frozen=True)
class Path:
    """How one student goes through the lesson."""

    until: int
    """The last step reached, from 1; 0 for who has not started."""
    begun: timedelta
    """How long before now."""
    ability: float
    """The chance of a right first answer to a middling question."""
    misses: bool = False
    """Ends with two wrong answers to one question."""


def make_demo_class(*, moment: datetime | None = None) -> Classroom | None:
    """The class where it is missing; None where the demo's people or lesson are not there.

    Everything goes through the domain's own functions at moments of the last days, so that it
    is as if the class had been at work; run again, it changes nothing.
    """
    moment = moment or timezone.now()
    instructor = User.objects.filter(username="demo-instructor").first()
    lessons = [Lesson.objects.published().filter(slug=slug).first() for slug in (LESSON, LINES)]
    lesson, lines = lessons
    if instructor is None or lesson is None:
        return None
    # By one of its invented students: it may have been renamed or put away since.
    found = Classroom.objects.filter(memberships__user__username=_username(2)).first()
    if found is not None:
        return found
    version = ContentVersion.current()
    steps = Step.objects.filter(lesson__in=[one for one in lessons if one], quiz__isnull=False)
    for step in steps.select_related("quiz"):
        # Outside the transaction: what is remembered must not be rolled back.
        kept_revisions(_quiz(step), version)
    with transaction.atomic():
        classroom, students = _make(instructor, lesson, version, moment)
        if lines is not None:
            _give_lines(classroom, students, lines, version, moment)
        return classroom


def _quiz(step: Any) -> Quiz:
    quiz: Quiz = step.quiz
    return quiz


def _make(
    instructor: User, lesson: Lesson, version: int, moment: datetime
) -> tuple[Classroom, list[User]]:
    chance = random.Random(SEED)  # noqa: S311  # invented learners, the same every time
    started = (moment - timedelta(days=6)).replace(minute=0, second=0, microsecond=0)
    classroom = classes.create_class(by=instructor, name=NAME, term=TERM, zone=ZONE)
    students = [_student(number, name) for number, name in enumerate(STUDENTS, start=1)]
    for number, student in enumerate(students, start=1):
        membership = classes.join_class(classroom=classroom, by=student)
        Membership.objects.filter(pk=membership.pk).update(
            roster_name=STUDENTS[number - 1],
            student_number=f"11b-{number:02}",
            joined_at=started + timedelta(minutes=number),
        )
    assignment = giving.give_out(
        classroom=classroom,
        by=instructor,
        what=lesson,
        title=lesson.title,
        instructions="Read to the end and hand in the closing quiz. We talk about it on Friday.",
        terms={
            "opens_at": started,
            "due_at": (moment + timedelta(days=2)).replace(minute=0, second=0, microsecond=0),
        },
    )
    Classroom.objects.filter(pk=classroom.pk).update(created_at=started)
    Assignment.objects.filter(pk=assignment.pk).update(created_at=started)
    outline = lesson_outline(lesson.slug, version, delivery=assignment.delivery)
    if outline is not None:
        paths = _paths(len(outline.steps), chance)
        for student, path in zip(students, paths, strict=True):
            _Reader(student, assignment.delivery, outline, version, chance).go(path, moment)
    _mark_most(assignment, instructor)
    return classroom, students


def _give_lines(
    classroom: Classroom, students: list[User], lesson: Lesson, version: int, moment: datetime
) -> None:
    """The exercises between the lines: most have done the lanes, half have sent their cable."""
    chance = random.Random(SEED + 7)  # noqa: S311
    started = (moment - timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    instructor = classroom.memberships.staff().get().user
    assignment = giving.give_out(
        classroom=classroom,
        by=instructor,
        what=lesson,
        title=lesson.title,
        instructions="On Friday we project the cards that divide you most, and vote again.",
        terms={
            "opens_at": started,
            "due_at": (moment + timedelta(days=3)).replace(minute=0, second=0, microsecond=0),
        },
    )
    Assignment.objects.filter(pk=assignment.pk).update(created_at=started)
    outline = lesson_outline(lesson.slug, version, delivery=assignment.delivery)
    if outline is None:
        return
    reached = [0, 1, *[3] * 4, *[4] * 5, *[len(outline.steps)] * 13]
    chance.shuffle(reached)
    for student, until in zip(students, reached, strict=True):
        begun = timedelta(days=chance.randint(1, 3), minutes=chance.randint(0, 240))
        path = Path(until, begun, chance.uniform(0.3, 0.8))
        _Reader(student, assignment.delivery, outline, version, chance).go(path, moment)
    _mark_most(assignment, instructor)


def _mark_most(assignment: Assignment, instructor: User) -> None:
    """The written answers but the last ones: there is something to mark, and something is."""
    waiting = Response.objects.filter(
        item__attempt__delivery=assignment.delivery_id,
        item__question__kind__in=(Question.Kind.OPEN, Question.Kind.CABLE),
    ).select_related("item")
    responses = list(waiting.order_by("created_at", "pk"))[:-LEFT_TO_MARK]
    keys = _keys([response.item for response in responses])
    judged = dict(zip((*WRITTEN, *CABLES), (*JUDGED, *CABLES_JUDGED), strict=True))
    for response in responses:
        answer = response.answer
        quality, comment = judged[answer["cable"] if "cable" in answer else answer["text"]]
        criteria = keys[response.item.revision_id]["criteria"]
        marking.mark_answer(
            assignment=assignment,
            response=response,
            levels={one["key"]: one["levels"][quality]["key"] for one in criteria},
            by=instructor,
            base_mark=0,
            comment=comment,
        )


def _username(number: int) -> str:
    return "demo-student" if number == 1 else f"demo-11b-{number:02}"


def _student(number: int, name: str) -> User:
    user, is_new = User.objects.get_or_create(
        username=_username(number), defaults={"display_name": name}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _paths(steps: int, chance: random.Random) -> list[Path]:
    """Two have not started; three stopped in today's lesson; thirteen are done; six are between.

    The last twelve work now: their lesson began fifty minutes ago.
    """
    done = [
        Path(
            steps, timedelta(days=days, minutes=chance.randint(0, 240)), chance.uniform(0.45, 0.95)
        )
        for days in (4, 4, 3, 3, 3, 2, 2, 1)
    ]
    here = timedelta(minutes=52)
    done += [Path(steps, here, chance.uniform(0.4, 0.9)) for _ in range(5)]
    between = [
        Path(3, timedelta(days=3), 0.6),
        Path(5, timedelta(days=2), 0.5),
        Path(6, timedelta(days=1), 0.7),
        Path(7, here, 0.6),
        Path(7, here, 0.75),
        Path(6, timedelta(minutes=44), 0.55),
    ]
    stuck = [
        Path(3, here, 0.4),
        Path(4, here, 0.35),
        Path(5, timedelta(minutes=36), 0.3, misses=True),
    ]
    paths = [*done, *between, *stuck, Path(0, here, 0.5), Path(0, here, 0.5)]
    own = between.pop(0)  # the demo's own student has something to go on with
    rest = [path for path in paths if path is not own]
    chance.shuffle(rest)
    return [own, *rest]


class _Reader:
    """One student at work, at moments of our choosing."""

    def __init__(
        self,
        user: User,
        delivery: Delivery,
        outline: LessonOutline,
        version: int,
        chance: random.Random,
    ) -> None:
        self.user, self.delivery, self.outline = user, delivery, outline
        self.version, self.chance = version, chance

    def go(self, path: Path, moment: datetime) -> None:
        """Through the steps up to `path.until`; nothing is done after `moment`."""
        steps = self.outline.steps[: path.until]
        if not steps:
            return
        at = moment - path.begun
        room = min(path.begun - timedelta(minutes=2), timedelta(minutes=70))
        planned = sum(step.minutes for step in steps)
        pace = min(self.chance.uniform(0.7, 1.5), room / timedelta(minutes=planned))
        is_last_done = path.until == len(self.outline.steps)
        for step in steps:
            seconds = int(step.minutes * 60 * pace * self.chance.uniform(0.7, 1.0))
            stops = step is steps[-1] and not is_last_done
            self._read(step, at, seconds, path, stops=stops)
            at += timedelta(seconds=seconds + 5)

    def _read(
        self, step: StepOutline, opened: datetime, seconds: int, path: Path, *, stops: bool
    ) -> None:
        left = opened + timedelta(seconds=seconds)
        completed: datetime | None = None if stops else left
        if step.quiz is not None and (not stops or path.misses):
            self._answer(step, opened, seconds, path, misses=stops and path.misses)
            completed = left
        Progress.objects.create(
            delivery=self.delivery,
            learner=self.user,
            step_id=step.pk,
            opened_at=opened,
            touched_at=left,
            completed_at=completed,
            active_seconds=max(seconds - self.chance.randint(0, 20), 5),
        )

    def _answer(
        self, step: StepOutline, opened: datetime, seconds: int, path: Path, *, misses: bool
    ) -> None:
        quiz = step.quiz
        if quiz is None:
            return
        begun = opened + timedelta(seconds=seconds // 3)
        items = quizzes.open_items(
            delivery=self.delivery,
            quiz=quiz,
            by=self.user,
            seed=self.user.pk,
            version=self.version,
            moment=begun,
        )
        attempt = items[0].attempt
        keys = _keys(items)
        between = (seconds - seconds // 3) / (2 * len(items) + 1)
        for number, item in enumerate(items):
            at = begun + timedelta(seconds=(2 * number + 1) * between)
            key = keys[item.revision_id]
            if step.is_graded:
                self._put_down(item, key, at, path)
            else:
                self._check(item, key, at, between, path, misses=misses)
        if step.is_graded:
            quizzes.submit_attempt(attempt=attempt, moment=opened + timedelta(seconds=seconds))

    def _check(
        self,
        item: AttemptItem,
        key: Key,
        at: datetime,
        between: float,
        path: Path,
        *,
        misses: bool,
    ) -> None:
        face = item.revision.content
        is_right = not misses and self._knows(item, path)
        answer = self._said(face, key, right=is_right)
        quizzes.check_answer(item=item, submission=self._sent(face, answer, 0, is_right), moment=at)
        if item.closed_at is None:
            again = not misses and self.chance.random() < 0.7
            second = self._said(face, key, right=again)
            quizzes.check_answer(
                item=item,
                submission=self._sent(face, second, 1, again),
                moment=at + timedelta(seconds=between),
            )

    def _put_down(self, item: AttemptItem, key: Key, at: datetime, path: Path) -> None:
        if self.chance.random() < 0.04:
            return  # left without an answer
        face = item.revision.content
        is_right = self._knows(item, path)
        answer = self._said(face, key, right=is_right)
        quizzes.save_draft(item=item, submission=self._sent(face, answer, 0, is_right), moment=at)

    def _knows(self, item: AttemptItem, path: Path) -> bool:
        """Some questions are harder than others, the same ones for everybody."""
        hard = random.Random(item.revision.digest).uniform(-0.35, 0.25)  # noqa: S311
        return self.chance.random() < path.ability + hard

    def _sent(self, face: Face, answer: Answer, base: int, right: bool) -> quizzes.Submission:
        confidence = ""
        if face["asks_confidence"]:
            weights = (1, 3, 4) if right else (2, 4, 3)
            confidence = self.chance.choices(Confidence.values, weights)[0]
        sent = uuid.UUID(int=self.chance.getrandbits(128), version=4)
        return quizzes.Submission(answer, sent, base, confidence)

    def _said(self, face: Face, key: Key, *, right: bool) -> Answer:
        match face["kind"]:
            case "open":
                return {"text": self.chance.choice(WRITTEN)}
            case "stance":
                option = self.chance.choice([option["key"] for option in face["options"]])
                return {"choice": option, "reason": self.chance.choice(REASONS)}
            case "cable":
                return self._cabled(face)
        if right:
            return kind_of(face["kind"]).perfect_answers(key)[0]
        return favourite(list(wrong_answers(face, key)), self.chance)

    def _cabled(self, face: Face) -> Answer:
        lines = {}
        for card in face["cards"]:
            does, motive = self.chance.choice(DECIDED.get(card["key"], (("keep", "It matters."),)))
            lines[card["key"]] = {"does": does, "motive": motive}
        return {"lines": lines, "added": "", "cable": self.chance.choice(CABLES)}


def _keys(items: Sequence[AttemptItem]) -> dict[int, Key]:
    rows = MarkingKey.objects.filter(revision__in=[item.revision_id for item in items])
    return {row.revision_id: row.content for row in rows.order_by("version")}


def favourite(answers: Sequence[T], chance: random.Random) -> T:
    """One of some wrong answers. They are not all alike: the first tempts most."""
    weights = [4, 2, 1, 1, 1, 1, 1, 1][: len(answers)]
    return chance.choices(answers[: len(weights)], weights)[0]


def wrong_answers(face: Face, key: Key) -> Iterator[Answer]:
    """Answers that learners plausibly give and that do not earn everything."""
    match face["kind"]:
        case "single" | "warrant":
            yield from ({"choice": option} for option in _wrong_options(face, key))
        case "multiple":
            for option in _wrong_options(face, key):
                yield {"choices": sorted([*key["right"][1:], option])}
        case "matching":
            yield from _wrong_pairs(face, key)
        case "ordering":
            yield from _wrong_orders(key)
        case "replies":
            after = _passages_after(face)
            tempting = {c["key"]: [after[c["place"]], NONE] for c in face["cards"] if c["asks"]}
            yield from _wrong_parts("replies", key["replies"], tempting)
        case "voices":
            yield from _wrong_parts("voices", key["voices"], dict.fromkeys(key["voices"], HEARD))
        case "evidence":
            right = {tuple(s) for span in key["spans"] for s in span["sentences"]}
            spans = [(part["start"], part["end"]) for part in face["segments"]]
            yield from ({"spans": [list(span)]} for span in spans if span not in right)
        case _:
            yield {"text": "a decision"}
            yield {"text": "I do not know"}


def _wrong_options(face: Face, key: Key) -> list[str]:
    return [option["key"] for option in face["options"] if option["key"] not in key["right"]]


def _passages_after(face: Face) -> dict[str, str]:
    """Place of a card → key of the paragraph that follows it, where a reply is looked for first."""
    passages = face["passages"]
    return {
        here["label"]: after["key"]
        for here, after in zip(passages, [*passages[1:], passages[0]], strict=True)
    }


def _wrong_parts(
    name: str, accepted: dict[str, list[str]], tempting: dict[str, list[str]]
) -> Iterator[Answer]:
    """Some parts answered by what tempts most and is not accepted; other parts in each answer."""
    for apart in (2, 3, 5, 4):
        for first in range(2):
            answer = {part: right[0] for part, right in accepted.items()}
            for part in list(accepted)[first::apart]:
                wrong = (one for one in tempting[part] if one not in accepted[part])
                answer[part] = next(wrong, answer[part])
            yield {name: answer}


def _wrong_pairs(face: Face, key: Key) -> Iterator[Answer]:
    """The first two items moved on to other targets."""
    targets = [target["key"] for target in face["targets"]]
    for shift in range(1, len(targets)):
        moved = dict(key["pairs"])
        for item in list(moved)[:2]:
            moved[item] = targets[(targets.index(moved[item]) + shift) % len(targets)]
        yield {"pairs": moved}


def _wrong_orders(key: Key) -> Iterator[Answer]:
    """Two neighbours changed round."""
    lines = sorted(key["places"], key=lambda line: key["places"][line])
    for at in range(len(lines) - 1):
        order = [*lines]
        order[at], order[at + 1] = order[at + 1], order[at]
        yield {"places": {line: place for place, line in enumerate(order, start=1)}}

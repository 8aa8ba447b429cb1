"""Invented classes by the thousand, to measure with: a database as years of use would leave it.

Rows are written past the domain's functions, which would take hours; the tests see that reports,
gradebook and checks find in them what the domain would have written.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from lessons.accounts.backends import BACKEND
from lessons.accounts.domain import make_instructor
from lessons.accounts.models import Session, User
from lessons.accounts.sessions import SessionStore
from lessons.classrooms.invented import FAMILY, FIRST
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    Excuse,
    GradeEvent,
    GradeOverride,
    Membership,
    MembershipEvent,
    Notice,
)
from lessons.classrooms.models.classes import CODE_ALPHABET, CODE_LENGTH
from lessons.quizzes.models import Delivery, DeliveryException
from lessons.quizzes.models.deliveries import LatePolicy, Release

from .asked import LessonWork, published_lessons
from .work import Given, Learner, Work
from .writing import Rows

PREFIX = "load-"
"""How the user names of all these people begin."""


class Maker:
    """Makes classes one after another. The same seed makes the same of the same database, but
    that all times count back from `moment` (now)."""

    def __init__(
        self,
        *,
        seed: int,
        moment: datetime | None = None,
        tell: Callable[[str], None] = lambda _words: None,
    ) -> None:
        self.number = User.objects.filter(username__startswith=PREFIX).count()
        chance = Random(f"{seed} {self.number}")  # noqa: S311  # the same learners every time
        self.rows = Rows(chance, moment or timezone.now())
        self.work = Work(self.rows)
        self.tell = tell
        self.learners = 0
        """How many were made."""
        self.instructors: list[int] = []
        self.lessons = published_lessons()
        self.self_study = Delivery.objects.self_study()

    @property
    def responses(self) -> int:
        return self.work.responses

    def make(self, *, learners: int, responses: int) -> None:
        """Classes with so many learners in all, who store about so many answers (a class or two
        hits its share within a dozen)."""
        goal, wanted = self.responses + responses, self.learners + learners
        while (left := wanted - self.learners) > 0:
            size = min(left, self._size())
            share = (goal - self.responses) * size // left
            self.make_class(size, responses=share, alone=True)
            self.tell(f"{self.learners:,} learners, {self.responses:,} answers")
        self.rows.finish()

    def make_class(
        self,
        size: int,
        *,
        responses: int = 0,
        alone: bool = False,
        first: int | None = None,
        diligent: bool = False,
    ) -> list[int]:
        """A class at work until it has about `responses` answers; the keys of its assignments.

        It gets lessons in their order from the place `first` on (one of the first three, where
        none is said). `alone`: some also read by themselves, and a guest or two beside them.
        `diligent`: everybody does all of every assignment, and of the first in any case.
        `rows.finish()` stores what still waits.
        """
        stop = self.responses + responses
        start = self.rows.chance.randrange(3) if first is None else first
        works = [self.lessons[(start + n) % len(self.lessons)] for n in range(len(self.lessons))]
        planned = max(1, ceil(responses / (size * works[0].answers)))
        room, learners = self._room(size, self.rows.moment - timedelta(days=7 * planned + 10))
        marker = self.instructors[-1]
        given: list[int] = []
        if alone:
            self._alone(learners)
        while not given or self.responses < stop:
            number = len(given)
            one = self._give(room, works[number % len(works)], number, planned, marker)
            if diligent:
                one = replace(one, shares=(1, 0, 0))
            given.append(one.assignment_id)
            at_work = self.rows.chance.sample(learners, len(learners))
            for place, learner in enumerate(at_work):
                if self.responses >= stop and place and not diligent:
                    break
                self.work.go_through(one, learner)
            self._decide(one, learners)
        if self.rows.are_enough:
            self.rows.store()
        return given

    # --- People ---------------------------------------------------------------------------------

    def _size(self) -> int:
        return 120 if self.rows.happens(0.01) else round(self.rows.chance.triangular(9, 36, 27))

    def _person(self, joined: datetime, **fields: Any) -> User:
        self.number += 1
        name = f"{self.rows.chance.choice(FIRST.split())} {self.rows.chance.choice(FAMILY.split())}"
        user = User(
            username=f"{PREFIX}{self.number:06}",
            password=f"!{self.rows.chance.getrandbits(160):040x}",
            display_name=name,
            date_joined=joined,
            last_seen_at=self.rows.moment - timedelta(hours=self.rows.chance.randint(1, 400)),
            **fields,
        )
        self.rows.add(user)
        if self.rows.happens(0.4):
            self._sign_in(user)
        return user

    def _sign_in(self, user: User) -> None:
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = f"{self.rows.chance.getrandbits(160):032x}"[:32]
        ends = self.rows.moment + timedelta(
            seconds=self.rows.chance.randint(0, settings.SESSION_COOKIE_AGE)
        )
        self.rows.add(
            Session(
                session_key=key,
                session_data=SessionStore().encode(kept),
                expire_date=ends,
                user=user,
            )
        )

    def _instructor(self, joined: datetime) -> int:
        """One who has four classes or so."""
        if not self.instructors or self.rows.happens(0.25):
            user = self._person(joined)
            self.rows.store()
            make_instructor(user=user)
            self.instructors.append(user.pk)
        return self.instructors[-1]

    def _room(self, size: int, made: datetime) -> tuple[Classroom, list[Learner]]:
        by = self._instructor(made)
        code = "".join(self.rows.chance.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        name = f"History {self.rows.chance.randint(9, 12)}{self.rows.chance.choice('abcdef')}"
        room = self.rows.add(Classroom(name=name, term="2026", code=code, created_at=made))
        self._join(room, by, Membership.Role.INSTRUCTOR, made)
        if self.rows.happens(0.2):
            self._join(room, self._person(made).pk, Membership.Role.ASSISTANT, made)
        learners = []
        for number in range(1, size + 1):
            joined = made + timedelta(minutes=number)
            user = self._person(joined)
            member = self._join(room, user.pk, Membership.Role.STUDENT, joined)
            member.roster_name, member.student_number = user.display_name, f"{number:03}"
            if self.rows.happens(0.03):
                member.status = Membership.Status.LEFT
                member.ended_at = self.rows.moment - timedelta(days=1)
                self._note(member, MembershipEvent.What.LEFT, user.pk, member.ended_at)
            ability = min(0.98, max(0.2, self.rows.chance.gauss(0.66, 0.16)))
            learners.append(Learner(user.pk, member.pk, ability))
        self.learners += size
        return room, learners

    def _join(
        self, room: Classroom, user_id: int, role: Membership.Role, at: datetime
    ) -> Membership:
        member = Membership(classroom_id=room.pk, user_id=user_id, role=role, joined_at=at)
        self.rows.add(member)
        self._note(member, MembershipEvent.What.JOINED, user_id, at)
        return member

    def _note(self, member: Membership, what: MembershipEvent.What, by: int, at: datetime) -> None:
        self.rows.add(MembershipEvent(membership_id=member.pk, what=what, by_id=by, at=at))

    # --- Work that is given ---------------------------------------------------------------------

    def _give(self, room: Classroom, work: LessonWork, number: int, planned: int, by: int) -> Given:
        """The assignment in this place; the last one planned is under way, the others are over."""
        is_over = number < planned - 1
        opens = self.rows.moment - timedelta(days=7 * (planned - number) if is_over else 3)
        release = self.rows.chance.choices(
            (Release.AT_ONCE, Release.AFTER_DUE, Release.BY_HAND), (7, 2, 1)
        )[0]
        is_strict = self.rows.happens(0.3)
        due = opens + timedelta(days=6)
        delivery = Delivery(
            key=f"w-{self.rows.chance.getrandbits(64):016x}",
            kind=Delivery.Kind.ASSIGNED,
            opens_at=opens,
            due_at=due,
            release=release,
            released_at=due if is_over and release == Release.BY_HAND else None,
            late_policy=LatePolicy.PER_DAY if is_strict else LatePolicy.NONE,
            late_per_day=Decimal("0.1") if is_strict else Decimal(0),
            attempts_allowed=2 if self.rows.happens(0.3) else 1,
            created_at=opens,
        )
        self.rows.add(delivery)
        assignment = self.rows.add(
            Assignment(
                classroom_id=room.pk,
                delivery_id=delivery.pk,
                lesson_id=work.lesson.pk,
                title=work.lesson.title,
                position=number + 1,
                created_by_id=by,
                created_at=opens,
            )
        )
        shares = (0.93, 0.03, 0.04) if is_over else (0.7, 0.22, 0.08)
        return Given(delivery, work, opens, due, assignment.pk, by, is_over, shares)

    def _decide(self, given: Given, learners: Sequence[Learner]) -> None:
        """What an instructor decides about single students, and what all of them are told."""
        by = given.marker_id
        for learner in learners:
            self.work.tell(given, learner, Notice.Kind.GIVEN, given.opens)
            place = {
                "assignment_id": given.assignment_id,
                "membership_id": learner.membership_id,
                "by_id": by,
            }
            if self.rows.happens(0.01):
                self.rows.add(
                    DeliveryException(
                        delivery_id=given.delivery.pk,
                        learner_id=learner.pk,
                        due_at=given.due + timedelta(days=7),
                        reason="Was ill",
                        granted_by_id=by,
                        created_at=given.opens,
                    )
                )
            if given.is_over and self.rows.happens(0.005):
                at = given.due + timedelta(days=1)
                self.rows.add(
                    GradeOverride(**place, score=Decimal("0.8"), reason="Talked it over.", at=at)
                )
            elif given.is_over and self.rows.happens(0.01):
                at = given.due + timedelta(days=1)
                self.rows.add(Excuse(**place, reason="Was ill", at=at))
                self.rows.add(
                    GradeEvent(**place, what=GradeEvent.What.EXCUSED, reason="Was ill", at=at)
                )

    def _alone(self, learners: Sequence[Learner]) -> None:
        """A few read by themselves what was not given to them, and so do guests."""
        readers = list(self.rows.chance.sample(learners, len(learners) // 12))
        for _guest in range(self.rows.chance.randint(0, 2)):
            guest = self._person(self.rows.moment - timedelta(days=2), is_guest=True)
            guest.username = f"{PREFIX}guest-{self.number}"
            guest.display_name = ""
            readers.append(Learner(guest.pk, 0, self.rows.chance.uniform(0.4, 0.9)))
        for reader in readers:
            work = self.rows.chance.choice(self.lessons)
            self.work.walk(
                Given(self.self_study, work, self.rows.moment, self.rows.moment),
                reader,
                until=self.rows.chance.randint(1, len(work.steps)),
                at=self.rows.moment - timedelta(hours=self.rows.chance.uniform(2, 40)),
            )

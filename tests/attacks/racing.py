"""Two people write at once, in a process of its own: python -m tests.attacks.racing

One of them has written and not committed when the other is let go, who has read before: what a
lock, a constraint or a condition must decide, it decides here each time. Prints what became of
each case as JSON.
"""

import itertools
import json
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from lessons.accounts.backends import BACKEND  # noqa: E402
from lessons.accounts.domain import make_guest  # noqa: E402
from lessons.accounts.models import User  # noqa: E402
from lessons.classrooms.domain import assignments, classes  # noqa: E402
from lessons.classrooms.models import Classroom, Invitation, Membership  # noqa: E402
from lessons.guided.domain import claim_guest_work, erase_learner  # noqa: E402
from lessons.quizzes.domain import submit_attempt  # noqa: E402
from lessons.quizzes.models import Attempt, AttemptItem, Response  # noqa: E402
from tests.classrooms.giving import begin, open_room, quiz, work_base  # noqa: E402
from tests.guided import reading  # noqa: E402
from tests.quizzes import working  # noqa: E402

PAUSE = 0.3
"""Seconds that who came second has, to write or to wait for a lock."""
Role = Membership.Role
Write = Callable[[], Any]
count = itertools.count()


def became(write: Write) -> Any:
    """What a page answered, "done", or the name of what was raised."""
    try:
        return getattr(write(), "status_code", "done")
    except Exception as error:  # noqa: BLE001  # whatever it is, the test reads its name
        return type(error).__name__


def overlap(first: Write, second: Write, *, before: str = "") -> list[Any]:
    """What became of both: `second` is let go before `first` commits, or sends SQL of this kind."""
    got: list[Any] = ["", ""]

    def write() -> None:
        got[1] = became(second)
        connection.close()

    thread = threading.Thread(target=write)

    def let_go() -> None:
        if thread.ident is None:
            thread.start()
            thread.join(PAUSE)

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if before and re.match(before, sql):
            let_go()
        return execute(sql, *rest)

    def whole() -> Any:
        with transaction.atomic(), connection.execute_wrapper(watch):
            said = first()
            let_go()
            return said

    got[0] = became(whole)
    thread.join(60)
    return got


# --- Who is there -------------------------------------------------------------------------------


def person(**fields: Any) -> User:
    return User.objects.create(username=f"racer-{next(count)}", **fields)


def client(user: User) -> Client:
    made = Client(headers={"host": "localhost"})
    made.force_login(user, backend=BACKEND)
    return made


def room() -> tuple[Classroom, User]:
    teacher = person(is_instructor=True)
    return classes.create_class(by=teacher, name="Racing"), teacher


def two_instructors() -> tuple[Classroom, Membership, Membership]:
    classroom, teacher = room()
    other = classes.join_class(classroom=classroom, by=person(is_instructor=True))
    classes.change_role(membership=other, role=Role.INSTRUCTOR, by=teacher)
    return classroom, of(classroom, teacher), of(classroom, other.user)


def of(classroom: Classroom, user: User) -> Membership:
    """As a page reads it: what is changed afterwards, this row does not know."""
    return Membership.objects.select_related("user", "classroom").get(
        classroom=classroom, user=user
    )


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def fresh(classroom: Classroom) -> Classroom:
    return Classroom.objects.get(pk=classroom.pk)


def in_class(classroom: Classroom) -> list[str]:
    """Role and status of everybody but the one who made it."""
    return [f"{m.role} {m.status}" for m in classroom.memberships.order_by("pk")[1:]]


def leading(classroom: Classroom) -> int:
    return classroom.memberships.active().filter(role=Role.INSTRUCTOR).count()


# --- Coming in and going ------------------------------------------------------------------------


def joining_twice() -> Any:
    classroom, _teacher = room()
    student = person()
    address = reverse("classrooms:join-code", args=[classroom.code])
    join = partial(client(student).post, address, {"roster_name": "Amara"})
    return overlap(join, join), in_class(classroom), of(classroom, student).events.count()


def by_code_and_by_invitation(swapped: bool) -> Any:
    classroom, teacher = room()
    student = person()
    found = classes.invite(classroom=classroom, by=teacher, role=Role.STUDENT)
    join = partial(classes.join_class, classroom=classroom, by=student)
    accept = partial(client(student).post, reverse("classrooms:invitation", args=[found.token]))
    got = overlap(accept, join) if swapped else overlap(join, accept)
    return got, in_class(classroom)


def by_two_invitations() -> Any:
    classroom, teacher = room()
    student = person()
    made = [classes.invite(classroom=classroom, by=teacher, role=Role.STUDENT) for _each in "ab"]
    accept = [partial(classes.accept_invitation, invitation=one, by=student) for one in made]
    got = overlap(*accept)
    return got, in_class(classroom), Invitation.objects.filter(accepted_by=student).count()


def by_one_invitation_twice() -> Any:
    classroom, teacher = room()
    student = person()
    made = classes.invite(classroom=classroom, by=teacher, role=Role.STUDENT)
    accept = partial(client(student).post, reverse("classrooms:invitation", args=[made.token]))
    got = overlap(accept, accept)
    return [*got, became(accept)], in_class(classroom), of(classroom, student).events.count()


def joining_while(what: str, swapped: bool = False) -> Any:
    classroom, teacher = room()
    classes.change_class(
        classroom=classroom, by=teacher, name="Racing", term="", zone="Europe/London", places=1
    )
    change: dict[str, Write] = {
        "closed": partial(classes.open_code, classroom=fresh(classroom), by=teacher, is_open=False),
        "renewed": partial(classes.rotate_code, classroom=fresh(classroom), by=teacher),
        "archived": partial(classes.archive_class, classroom=fresh(classroom), by=teacher),
        "expired": partial(
            classes.expire_code,
            classroom=fresh(classroom),
            by=teacher,
            expires_at=timezone.now(),
        ),
        "filled": partial(classes.join_class, classroom=fresh(classroom), by=person()),
    }
    seen = classes.joinable(classroom.code)
    assert seen is not None
    join = partial(classes.join_class, classroom=seen, by=person())
    got = overlap(join, change[what]) if swapped else overlap(change[what], join)
    return got, in_class(classroom)


def accepting_while_archived() -> Any:
    classroom, teacher = room()
    made = classes.invite(classroom=classroom, by=teacher, role=Role.STUDENT)
    found = Invitation.objects.select_related("classroom").get(pk=made.pk)
    archive = partial(classes.archive_class, classroom=fresh(classroom), by=teacher)
    got = overlap(archive, partial(classes.accept_invitation, invitation=found, by=person()))
    return got, in_class(classroom)


def leaving_while_removed(swapped: bool) -> Any:
    """Who was removed must not come back by the code for having left as well."""
    classroom, teacher = room()
    student = classes.join_class(classroom=classroom, by=person()).user
    remove = partial(classes.remove_member, membership=of(classroom, student), by=teacher)
    leave = partial(classes.leave_class, membership=of(classroom, student), by=student)
    got = overlap(leave, remove) if swapped else overlap(remove, leave)
    return got, in_class(classroom), of(classroom, student).events.count()


def asking_erasure_while_taken_back(swapped: bool) -> Any:
    classroom, teacher = room()
    student = classes.join_class(classroom=classroom, by=person()).user
    classes.leave_class(membership=of(classroom, student), by=student)
    back = partial(classes.take_back, membership=of(classroom, student), by=teacher)
    ask = partial(classes.ask_erasure, membership=of(classroom, student), by=student)
    return overlap(ask, back) if swapped else overlap(back, ask), in_class(classroom)


# --- The last instructor ------------------------------------------------------------------------


def instructors(first: str, second: str) -> Any:
    """How many are left after two of them did this at once."""
    classroom, one, two = two_instructors()
    do: dict[str, Callable[[Membership, Membership], Write]] = {
        "removes": lambda own, other: partial(classes.remove_member, membership=other, by=own.user),
        "leaves": lambda own, _o: partial(classes.leave_class, membership=own, by=own.user),
        "demotes": lambda own, other: partial(
            classes.change_role, membership=other, role=Role.STUDENT, by=own.user
        ),
        "is erased": lambda own, _o: partial(erase_learner, learner=own.user),
    }
    got = overlap(do[first](one, two), do[second](two, one))
    return got, leading(classroom)


def leaving_while_made_the_only_instructor() -> Any:
    classroom, teacher = room()
    helper = classes.join_class(classroom=classroom, by=person(is_instructor=True)).user
    leave = partial(classes.leave_class, membership=of(classroom, helper), by=helper)

    def hand_over() -> None:
        classes.change_role(membership=of(classroom, helper), role=Role.INSTRUCTOR, by=teacher)
        classes.leave_class(membership=of(classroom, teacher), by=teacher)

    return overlap(hand_over, leave), leading(classroom)


# --- Work ---------------------------------------------------------------------------------------

STEP = "a-letter-arrives"


def answer_of(user: User, base: str = reading.LESSON) -> Write:
    """Sends the answer to a question that is on the reader's screen."""
    own, view = client(user), reading.view_of(user, STEP)
    action = reading.question_address(STEP, base=base)
    page = reading.body(own.get(f"{base}{STEP}/"))
    return partial(own.post, action, reading.put_down(page, action, view, reading.right(view)))


def answers_of(user: User) -> list[int]:
    """Numbers of a person's attempts; each has its one answer, and nobody else has any."""
    found = Attempt.objects.filter(learner=user).order_by("number")
    responses = Response.objects.filter(item__attempt__in=found).count()
    assert responses == len(found)
    return [attempt.number for attempt in found]


def leaving_while_given_work(swapped: bool) -> Any:
    classroom, teacher = room()
    student = classes.join_class(classroom=classroom, by=person()).user
    give = partial(
        assignments.give_out,
        classroom=classroom,
        by=teacher,
        what=quiz(),
        title="Read",
        members=[of(classroom, student)],
    )
    leave = partial(classes.leave_class, membership=of(classroom, student), by=student)
    got = overlap(leave, give) if swapped else overlap(give, leave)
    given = classroom.assignments.get()
    page = client(student).get(reverse("classrooms:work", args=[given.delivery.key]))
    return got, assignments.learners_of(given).count(), page.status_code


def answering_while(what: str, swapped: bool) -> Any:
    """An answer that was taken is whole, and may be sent again while the page can be seen."""
    teacher, student = person(is_instructor=True), person()
    here = open_room(teacher, student)
    row = here.give()
    base = work_base(row)
    change: dict[str, Write] = {
        "removed": partial(
            classes.remove_member, membership=of(here.classroom, student), by=teacher
        ),
        "withdrawn": partial(assignments.withdraw, assignment=row, by=teacher),
        "closed": partial(
            assignments.change_assignment,
            assignment=row,
            by=teacher,
            terms={"closes_at": timezone.now()},
        ),
    }
    send = answer_of(student, base)
    got = overlap(send, change[what]) if swapped else overlap(change[what], send)
    items = AttemptItem.objects.filter(attempt__learner=student)
    whole = [(i.response_id, i.mark_id, i.score).count(None) for i in items]
    return got, whole, answers_of(student), became(send)


def handing_in_while(what: str, swapped: bool) -> Any:
    teacher, student = person(is_instructor=True), person()
    here = open_room(teacher, student)
    row = here.give()
    attempt = begin(student, row)
    working.save(working.item(attempt, 3), {"text": "at first glance"}, moment=timezone.now())
    change: dict[str, Write] = {
        "withdrawn": partial(assignments.withdraw, assignment=row, by=teacher),
        "closed": partial(
            assignments.change_assignment,
            assignment=row,
            by=teacher,
            terms={"closes_at": timezone.now()},
        ),
    }
    hand_in = partial(submit_attempt, attempt=Attempt.objects.get(pk=attempt.pk))
    got = overlap(hand_in, change[what]) if swapped else overlap(change[what], hand_in)
    attempt.refresh_from_db()
    stored = Response.objects.filter(item__attempt=attempt)
    kept = stored.filter(answer={"text": "at first glance"}).count()
    return got, attempt.submitted_at is not None, stored.count(), kept


# --- A guest's work, and erasing ----------------------------------------------------------------


def claiming_twice() -> Any:
    guest, owner = make_guest(), person()
    answer_of(guest)()
    claim = [partial(claim_guest_work, guest=again(guest), by=owner) for _each in "ab"]
    return overlap(*claim), answers_of(owner)


def claiming_while_answering(moment: str) -> Any:
    """Whatever was said to be stored is the owner's; what came too late is handed back (401)."""
    guest, owner = make_guest(), person()
    send = answer_of(guest)
    claim = partial(claim_guest_work, guest=again(guest), by=owner)
    got = {
        "claim first": lambda: overlap(claim, send),
        "in between": lambda: overlap(claim, send, before=r'DELETE FROM "accounts_user"'),
    }[moment]()
    stored = Response.objects.filter(item__attempt__learner__in=[guest.pk, owner.pk]).count()
    return got, User.objects.filter(pk=guest.pk).count(), stored, answers_of(owner)


def erasing_while_answering(moment: str) -> Any:
    learner = person()
    send = answer_of(learner)
    erase = partial(erase_learner, learner=again(learner))
    before = {"erased first": "", "in between": r'DELETE FROM "accounts_user"'}[moment]
    got = overlap(erase, send, before=before)
    return got, User.objects.filter(pk=learner.pk).count(), answers_of(learner)


def erasing_while_given_work(swapped: bool) -> Any:
    classroom, teacher = room()
    student = classes.join_class(classroom=classroom, by=person()).user
    give = partial(assignments.give_out, classroom=classroom, by=teacher, what=quiz(), title="Read")
    erase = partial(erase_learner, learner=again(student))
    return overlap(give, erase) if swapped else overlap(erase, give)


BOTH = (False, True)
CASES: dict[str, Write] = {
    "joining twice": joining_twice,
    "by code and by invitation": lambda: [by_code_and_by_invitation(way) for way in BOTH],
    "by one invitation twice": by_one_invitation_twice,
    "by two invitations": by_two_invitations,
    **{
        f"joining while {what}": partial(joining_while, what)
        for what in ("closed", "renewed", "archived", "expired", "filled")
    },
    "closed while joining": lambda: joining_while("closed", swapped=True),
    "accepting while archived": accepting_while_archived,
    "leaving while removed": lambda: leaving_while_removed(False),
    "removed while leaving": lambda: leaving_while_removed(True),
    "asking erasure while taken back": lambda: asking_erasure_while_taken_back(False),
    "taken back while asking erasure": lambda: asking_erasure_while_taken_back(True),
    **{
        f"one {first}, one {second}": partial(instructors, first, second)
        for first, second in (
            ("removes", "removes"),
            ("leaves", "leaves"),
            ("demotes", "leaves"),
            ("is erased", "is erased"),
            ("is erased", "leaves"),
            ("leaves", "is erased"),
        )
    },
    "leaving while made the only instructor": leaving_while_made_the_only_instructor,
    "leaving while given work": lambda: [leaving_while_given_work(way) for way in BOTH],
    **{
        f"answering while {what}": partial(
            lambda what: [answering_while(what, way) for way in BOTH], what
        )
        for what in ("removed", "withdrawn", "closed")
    },
    **{
        f"handing in while {what}": partial(
            lambda what: [handing_in_while(what, way) for way in BOTH], what
        )
        for what in ("withdrawn", "closed")
    },
    "claiming twice": claiming_twice,
    **{
        f"claiming while answering, {moment}": partial(claiming_while_answering, moment)
        for moment in ("claim first", "in between")
    },
    **{
        f"erasing while answering, {moment}": partial(erasing_while_answering, moment)
        for moment in ("erased first", "in between")
    },
    "erasing while given work": lambda: [erasing_while_given_work(way) for way in BOTH],
}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(CASES)
    print(json.dumps({name: CASES[name]() for name in chosen}))

"""Every answer that students gave in an assignment, one row each, to be worked on elsewhere."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from lessons.classrooms.exports import Value
from lessons.classrooms.grade_words import percent, rounded_points
from lessons.classrooms.gradebook import learners_in
from lessons.classrooms.models import Assignment, Membership
from lessons.quizzes.models import Mark, Question, Response
from lessons.quizzes.sittings import words_of

CHUNK = 500


def answers_of(assignment: Assignment) -> Iterator[list[Value]]:
    """Heads, then the answers of active students by name; read as they are sent.

    A student's own view of a written answer is theirs and is left out.
    """
    zone = assignment.classroom.tz
    students = Membership.objects.active().students().filter(classroom=assignment.classroom_id)
    learners = {learner.user: learner for learner in learners_in(students)}
    marks = Mark.objects.exclude(by=Mark.By.SELF).select_related("marker").order_by("pk")
    responses = (
        Response.objects.filter(item__attempt__delivery=assignment.delivery_id)
        .select_related("item__attempt__quiz", "item__revision")
        .prefetch_related(Prefetch("marks", marks, to_attr="judged"))
        .order_by("item__attempt__learner", "item__attempt__started_at", "item", "version")
    )
    yield [
        *(_("Name"), _("Student number"), _("Quiz"), _("Attempt"), _("Void"), _("Question")),
        *(_("Asked"), _("Kind"), _("Skill"), _("Try"), _("Answered")),
        *(_("Answer"), _("How sure"), _("Points"), _("Earned"), _("Per cent")),
        *(_("Marked by"), _("Comment")),
    ]
    for response in responses.iterator(chunk_size=CHUNK):
        item = response.item
        learner = learners.get(item.attempt.learner_id)
        if learner is None:
            continue
        face = item.revision.content
        judged: list[Mark] = response.judged
        mark = judged[-1] if judged else None
        points = item.revision.content["points"]
        yield [
            *(learner.name, learner.number, item.attempt.quiz.title, item.attempt.number),
            _("void") if item.attempt.voided_at else "",
            item.position,
            face["prompt"],
            str(Question.Kind(face["kind"]).label),
            str(Question.Skill(face["skill"]).label),
            response.version,
            f"{response.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            words_of(face, response.answer),
            response.get_confidence_display() if response.confidence else "",
            rounded_points(Decimal(points)),
            rounded_points(Decimal(points) * mark.score) if mark else None,
            percent(mark.score) if mark else None,
            _marker(mark),
            mark.comment if mark and mark.by == Mark.By.PERSON else "",
        ]


def _marker(mark: Mark | None) -> str:
    if mark is None:
        return ""
    if mark.by == Mark.By.PERSON and mark.marker is not None:
        return mark.marker.shown_as
    return str(mark.get_by_display())

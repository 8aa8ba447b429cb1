"""A class for a new term: the work again, without its dates and without its learners."""

from django.db import transaction
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import Classroom, Group

from .assignments import copy_assignment
from .classes import create_class
from .refusals import ClassRefused


@transaction.atomic
def copy_class(*, classroom: Classroom, by: User, name: str, term: str) -> Classroom:
    """A new class with `by` as its instructor, the same groups (empty) and the same work.

    Work that was given to single students, or taken back, is left out. Raises ClassRefused for
    who may not have one.
    """
    if not by.is_instructor:
        raise ClassRefused(_("Only instructors can create classes."))
    copy = create_class(by=by, name=name, term=term, zone=classroom.zone, places=classroom.places)
    copy.copied_from = classroom
    copy.save(update_fields=["copied_from"])
    groups = {
        group.pk: Group.objects.create(classroom=copy, name=group.name)
        for group in classroom.groups.all()
    }
    given = classroom.assignments.filter(withdrawn_at__isnull=True).order_by("position", "pk")
    for assignment in given.select_related("delivery", "module", "lesson", "quiz"):
        own = [groups[group.pk] for group in assignment.groups.all()]
        if own or assignment.is_for_everyone:
            copy_assignment(assignment=assignment, classroom=copy, by=by, groups=own)
    return copy

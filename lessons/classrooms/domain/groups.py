"""Groups of a class: work can be given to them, and reports can be read by them."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import Classroom, Group, Membership

from .refusals import ClassRefused


def create_group(
    *, classroom: Classroom, by: User, name: str, members: Iterable[Membership] = ()
) -> Group:
    """A new group. Raises ClassRefused where the class has one of this name."""
    group = Group(classroom=classroom, name=name)
    return _save(group, members)


def change_group(*, group: Group, by: User, name: str, members: Iterable[Membership]) -> Group:
    """Rename a group and set who is in it; work given to it is at once theirs, or not."""
    group.name = name
    return _save(group, members)


@transaction.atomic
def delete_group(*, group: Group, by: User) -> None:
    """Delete a group; its members stay in the class. Raises ClassRefused while it is given work."""
    given = group.assignments.filter(withdrawn_at__isnull=True).values_list("title", flat=True)
    if titles := list(given):
        raise ClassRefused(
            _("This group is given work (%(titles)s). Give that to somebody else first.")
            % {"titles": ", ".join(titles)}
        )
    group.delete()


def _save(group: Group, members: Iterable[Membership]) -> Group:
    chosen = list(members)
    if {member.classroom_id for member in chosen} - {group.classroom_id}:
        raise ClassRefused(_("Somebody chosen is not in this class."))
    try:
        with transaction.atomic():
            group.save()
            # Who left keeps the place in the group and finds it again on coming back.
            gone = group.members.exclude(status=Membership.Status.ACTIVE)
            group.members.set([*chosen, *gone])
    except IntegrityError:
        raise ClassRefused(_("This class has a group of that name."), field="name") from None
    return group

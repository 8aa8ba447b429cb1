"""Names on a wall: with one key they become "Student 7" everywhere, and stay so until shown."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

SESSION_KEY = "names-hidden"


def names_hidden(request: HttpRequest) -> bool:
    """Whether this reader hides names now, in all their classes, pages, titles and exports."""
    return bool(request.session.get(SESSION_KEY))


def hide_names(request: HttpRequest, *, hidden: bool) -> None:
    if hidden:
        request.session[SESSION_KEY] = True
    else:
        request.session.pop(SESSION_KEY, None)


def numbered_name(number: int) -> str:
    """What stands for a name: the same for one student on every page of a class.

    `number` counts the students of a class in the order in which they joined, those who have left
    included, so that nobody's number changes when somebody goes.
    """
    return _("Student %(number)s") % {"number": number}

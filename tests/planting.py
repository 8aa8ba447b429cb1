"""A learner who has written a marker into everything there is: python -m tests.planting MARKER

By the pages' own functions where the learner writes, and by the domain's where others write about
them. Prints the user name.
"""

import sys
import uuid
from typing import Any

MARKER = "zq-marker-7f"


def plant(marker: str) -> Any:
    """The learner; `marker` stands in the name, answers, drafts, notes, reasons, logs, sessions."""
    from axes.models import AccessAttempt
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.auth import SESSION_KEY
    from django.contrib.contenttypes.models import ContentType
    from django.db.models import Q

    from lessons.accounts import domain as accounts
    from lessons.accounts.models import User
    from lessons.accounts.sessions import SessionStore
    from lessons.classrooms import models as held
    from lessons.classrooms.domain import classes
    from lessons.core.domain import report_mistake
    from lessons.guided.domain import touch_step
    from lessons.guided.models import Step
    from lessons.quizzes.models import DeliveryException, Draft, Mark
    from tests.classrooms import answering

    def word(of: str) -> str:
        return f"{marker} {of} {marker}"

    teacher = User.objects.create(username=f"t-{uuid.uuid4().hex[:8]}", is_instructor=True)
    person = accounts.register(
        username=f"{marker}-name",
        password="a long enough pass phrase",
        display_name=word("shown"),
        email=f"{marker}@example.org",
    )
    classroom = answering.make_class(teacher)
    membership = answering.join(classroom, person, word("roster"))
    classes.change_roster_entry(
        membership=membership,
        roster_name=word("roster again"),
        student_number=f"{marker}-number",
        by=teacher,
    )
    for to, by in ((f"{marker}@example.org", None), ("other@example.org", person)):
        held.Invitation.objects.create(
            classroom=classroom, role="student", name=word("asked"), email=to, accepted_by=by
        )
    assignment = answering.give(classroom, teacher, title="Written work")
    response = answering.write(assignment, person, word("answer") * 200)
    own = {"assignment": assignment, "membership": membership, "by": teacher}
    held.GradeOverride.objects.create(**own, score=1, reason=word("by hand"))
    held.Excuse.objects.create(**own, reason=word("ill"))
    held.GradeEvent.objects.create(**own, what="excused", reason=word("event"))
    held.Notice.objects.create(
        user=person, assignment=assignment, kind="marked", detail=word("told")
    )
    held.ReusableComment.objects.create(owner=person, text=word("again"))
    held.CalendarFeed.objects.create(user=person, nonce=f"{marker}-nonce")
    held.RegradeRequest.objects.create(
        assignment=assignment, response=response, reason=word("why"), reply=word("because")
    )
    key = response.item.revision.marking_keys.latest("version")
    Mark.objects.create(
        response=response,
        marking_key=key,
        score=1,
        by="person",
        marker=teacher,
        comment=word("well done"),
        reason=word("anew"),
    )
    DeliveryException.objects.create(
        delivery=assignment.delivery, learner=person, reason=word("longer")
    )
    Draft.objects.update_or_create(
        item=response.item, defaults={"answer": {"text": word("draft") * 100}}
    )
    held.Group.objects.create(classroom=classroom, name="Reds").members.add(membership)
    step = Step.objects.filter(~Q(quiz=None)).first()
    assert step is not None
    touch_step(delivery=assignment.delivery, step_id=step.pk, by=person, row=None)
    report_mistake(
        subject="page",
        subject_key="",
        address=f"/{marker}/",
        body=word("mistake"),
        reporter_id=person.pk,
    )
    AccessAttempt.objects.create(
        username=person.username,
        ip_address="192.0.2.1",
        user_agent=marker,
        path_info="/accounts/sign-in/",
        get_data="",
        post_data=f"username={marker}",
        failures_since_start=3,
    )
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session["typed"] = word("session")
    session.save()
    LogEntry.objects.create(
        user=teacher,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=word("repr"),
        action_flag=CHANGE,
        change_message=word("changed"),
    )
    return person


def where_found(marker: str) -> set[str]:
    """`table.column` of all places in the database that hold the marker, sessions decoded."""
    from django.db import connection

    from lessons.accounts.models import Session

    found = set()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor, include_views=True):
            for column in connection.introspection.get_table_description(cursor, table):
                cursor.execute(
                    f"SELECT COUNT(*) FROM {quote(table)}"  # noqa: S608
                    f" WHERE CAST({quote(column.name)} AS TEXT) LIKE %s",
                    [f"%{marker}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(f"{table}.{column.name}")
    if any(marker in str(session.get_decoded()) for session in Session.objects.all()):
        found.add("accounts_session.session_data")
    return found


if __name__ == "__main__":
    import django

    django.setup()
    print(plant(sys.argv[1]).username)
